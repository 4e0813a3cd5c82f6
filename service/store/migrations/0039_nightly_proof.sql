-- What each night's count proved, and under which number it is an incident where it did not.
create table nightly_proof (
  id uuid primary key,
  night date not null unique,
  made_at timestamptz not null,
  sent int not null,
  open int not null,
  closed int not null,
  void int not null,
  unowned int not null,
  unwatched int not null,
  incident_id uuid unique
);
alter table nightly_proof enable row level security;
alter table nightly_proof force row level security;
create policy nightly_proof_check on nightly_proof for select to lk_check using (true);
create policy nightly_proof_work on nightly_proof to lk_worker using (true) with check (true);
grant select, insert on nightly_proof to lk_worker;
grant select on nightly_proof to lk_check;
