-- An agency's own note on a request that came by link: sealed for it alone, one for each leg.
create table agency_note (
  id uuid primary key,
  org_id uuid not null references organization,
  leg_id uuid not null references leg,
  sealed bytea not null,
  saved_at timestamptz not null,
  unique (org_id, leg_id)
);
alter table agency_note enable row level security;
alter table agency_note force row level security;
create policy agency_note_check on agency_note for select to lk_check using (true);
create policy agency_note_own on agency_note to lk_web
  using (org_id = nullif(current_setting('app.org', true), '')::uuid)
  with check (org_id = nullif(current_setting('app.org', true), '')::uuid);
create policy agency_note_keys on agency_note to lk_keys using (true) with check (true);
grant select, insert, update, delete on agency_note to lk_web;
grant select (id, org_id, leg_id, saved_at) on agency_note to lk_check;
grant select (org_id, id, sealed), update (sealed) on agency_note to lk_keys;
