-- How each service has answered lately, reckoned each night over the whole network: sums and a median,
-- of at least five referrals, so that nobody's one referral is told by it. Source of the counts: events.
create table service_behaviour (
  service_id uuid primary key,
  sent int not null check (sent >= 5),
  answered int not null check (answered between 0 and sent),
  accepted int not null check (accepted between 0 and answered),
  answer_hours real,
  made_at timestamptz not null
);
alter table service_behaviour enable row level security;
alter table service_behaviour force row level security;
create policy service_behaviour_check on service_behaviour for select to lk_check using (true);
create policy service_behaviour_read on service_behaviour for select to lk_web using (true);
create policy service_behaviour_work on service_behaviour to lk_worker using (true) with check (true);
grant select on service_behaviour to lk_web, lk_check;
grant select, insert, update, delete on service_behaviour to lk_worker;
