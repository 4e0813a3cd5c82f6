-- How long a clock waits, as people set it: for the whole network by priority, and for one kind of
-- service. A term that was replaced stays, ended: what was in force when can be read for ever.
drop index clock_setting_one;
drop policy clock_setting_read on clock_setting;
drop policy clock_setting_write on clock_setting;
alter table clock_setting drop column org_id;
-- Everybody waits by them; only the network's administration says them.
create policy clock_setting_read on clock_setting for select to lk_web
  using (nullif(current_setting('app.org', true), '') is not null
         or current_setting('app.network', true) = 'on');
create policy clock_setting_add on clock_setting for insert to lk_web
  with check (current_setting('app.network', true) = 'on');
create policy clock_setting_end on clock_setting for update to lk_web
  using (current_setting('app.network', true) = 'on');
alter table clock_setting add column ended_at timestamptz, add column ended_by_member_id uuid,
  alter column set_by_member_id drop not null;
create unique index clock_setting_one on clock_setting
  (coalesce(category, ''), priority, clock) where ended_at is null;

-- What is set for a kind of service, by priority and clock; its own word before everybody's.
create function lk.terms(kind text) returns jsonb language plpgsql stable
  set search_path = lk
  as $$ begin return coalesce((
    select jsonb_object_agg(p.priority, p.terms) from (
      select s.priority, jsonb_object_agg(s.clock, jsonb_build_object(
               'unit', s.unit, 'amount', s.amount, 'grace', s.grace)) as terms
        from (select distinct on (priority, clock) priority, clock, unit, amount, grace
                from lk.clock_setting
               where ended_at is null and (category is null or category = kind)
               order by priority, clock, category nulls last) s
       group by s.priority) p), '{}'); end $$;

-- How a timer was reckoned, and when: a calendar that changed later reckons it anew.
alter table timer add column reckoning jsonb, add column reckoned_at timestamptz
  not null default lk.now();
alter table organization add column calendar_at timestamptz;
create index organization_calendar on organization (calendar_at) where calendar_at is not null;
create index timer_turn on timer (turn_org_id, reckoned_at) where state = 'armed';
create index timer_started on timer (clock, started_at) where reckoning is not null;

grant select (ended_at, ended_by_member_id) on clock_setting to lk_check;
grant select (reckoning, reckoned_at) on timer to lk_check;
grant select (calendar_at) on organization to lk_check;
revoke delete on clock_setting from lk_web;
