-- The ladder: a timer keeps its rungs, and who takes over is chosen by rules.
alter table timer add column late_at timestamptz, add column second_at timestamptz,
  add column moves_to_member_id uuid, add column planned boolean not null default false;
-- What ran before had two rungs: half-way, and the end of its time.
update timer set late_at = final_at, second_at = final_at
 where state = 'armed' and referral_id is not null;
create index timer_unplanned on timer (referral_id)
  where state = 'armed' and rung < 4 and not planned and referral_id is not null;
create index timer_planned on timer (moves_to_member_id)
  where state = 'armed' and rung < 4 and moves_to_member_id is not null;

-- For whom of the coordinators what comes in: an empty list means any.
create table assignment_rule (
  org_id uuid not null references organization,
  id uuid not null unique,
  member_id uuid not null,
  areas text[] not null default '{}',
  languages text[] not null default '{}',
  partner_org_ids uuid[] not null default '{}',
  set_by_member_id uuid not null,
  created_at timestamptz not null,
  ended_at timestamptz,
  primary key (org_id, id),
  foreign key (org_id, member_id) references member (org_id, id)
);
create index assignment_rule_live on assignment_rule (org_id) where ended_at is null;

-- When routine mail comes to a member: at once, or once a day.
alter table member add column routine_mail text not null default 'digest'
  check (routine_mail in ('at_once', 'digest'));

-- What waits for a recipient's daily digest, and in which it went.
alter table outbox add column digest_at timestamptz, add column digest_id uuid;
create index outbox_digest on outbox (digest_at) where digest_at is not null and state = 'pending';
create index outbox_nudged on outbox (org_id, done_at)
  where kind = 'nudge' and state = 'done' and done_at is not null;

do $fences$
declare
  org constant text := $x$nullif(current_setting('app.org', true), '')::uuid$x$;
  t text;
begin
  foreach t in array array['assignment_rule'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy %I on %I for select to lk_check using (true)', t || '_check', t);
  end loop;
  execute format('create policy assignment_rule_own on assignment_rule to lk_web
    using (org_id = %s) with check (org_id = %s)', org, org);
  execute 'create policy assignment_rule_work on assignment_rule for select to lk_worker
    using (true)';
end
$fences$;

grant select, insert on assignment_rule to lk_web;
grant update (ended_at) on assignment_rule to lk_web;
grant select on assignment_rule to lk_worker;
grant select on assignment_rule to lk_check;
grant select (late_at, second_at, moves_to_member_id, planned) on timer to lk_check;
grant select (routine_mail) on member to lk_check;
grant select (digest_at, digest_id) on outbox to lk_check;
grant delete on clock_setting to lk_web;
