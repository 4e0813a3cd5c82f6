-- Webhooks: where an organization's systems are told of its feed, and the outbox's effects for them.
create table webhook (
  org_id uuid not null references organization,
  id uuid primary key,
  -- Where it goes and the secrets it is signed with: an address may hold a token of the receiver's.
  sealed bytea not null,
  kinds text[] not null default '{}',
  state text not null default 'active' check (state in ('active', 'disabled', 'ended')),
  reason text,
  -- After a failure nothing is tried before this moment: one receiver that is away is asked once.
  paused_until timestamptz,
  created_by_member_id uuid not null,
  created_at timestamptz not null,
  changed_at timestamptz not null,
  foreign key (org_id, created_by_member_id) references member (org_id, id)
);
create index webhook_org on webhook (org_id);

alter table outbox add column webhook_id uuid references webhook, add column number bigint,
  add constraint outbox_webhook
    check (kind <> 'webhook' or webhook_id is not null and number is not null);
create unique index outbox_of_webhook on outbox (webhook_id, number) where webhook_id is not null;
create index outbox_webhook_due on outbox (webhook_id, number)
  where webhook_id is not null and state = 'pending';

do $fences$
declare
  org constant text := $x$nullif(current_setting('app.org', true), '')::uuid$x$;
begin
  execute 'alter table webhook enable row level security';
  execute 'alter table webhook force row level security';
  execute 'create policy webhook_check on webhook for select to lk_check using (true)';
  execute 'create policy webhook_work on webhook for select to lk_worker using (true)';
  execute 'create policy webhook_work_edit on webhook for update to lk_worker using (true)';
  execute format('create policy webhook_own on webhook to lk_web
    using (org_id = %s) with check (org_id = %s)', org, org);
  execute format('create policy outbox_webhook on outbox for select to lk_web
    using (webhook_id is not null and org_id = %s)', org);
  execute format('create policy outbox_webhook_again on outbox for update to lk_web
    using (webhook_id is not null and org_id = %s)', org);
  execute 'grant select, insert, update on webhook to lk_web';
  execute 'grant select, update on webhook to lk_worker';
  execute 'grant select (org_id, id, kinds, state, reason, paused_until, created_by_member_id,
    created_at, changed_at) on webhook to lk_check';
  execute 'grant select (webhook_id, number) on outbox to lk_check';
  -- Seal the addresses anew when a field key is replaced.
  execute 'create policy webhook_keys on webhook to lk_keys using (true) with check (true)';
  execute 'grant select (org_id, id, sealed), update (sealed) on webhook to lk_keys';
end
$fences$;
