-- Who of an organization is writing on a referral right now; that they are, and never what.
create table presence (
  org_id uuid not null,
  referral_id uuid not null references referral,
  member_id uuid not null,
  at timestamptz not null,
  primary key (org_id, referral_id, member_id),
  foreign key (org_id, member_id) references member (org_id, id)
);
alter table presence enable row level security;
alter table presence force row level security;
create policy presence_check on presence for select to lk_check using (true);
create policy presence_own on presence to lk_web
  using (org_id = nullif(current_setting('app.org', true), '')::uuid)
  with check (org_id = nullif(current_setting('app.org', true), '')::uuid);
grant select, insert, update on presence to lk_web;
grant select on presence to lk_check;
