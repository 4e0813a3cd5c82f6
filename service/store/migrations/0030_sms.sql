-- Texts: who carries them, at what weight, and what comes back from phones.
--
-- A provider's points say how many of a hundred texts it is given; `resting` are those that people
-- chose, to which they walk back while nothing goes wrong.
create table sms_provider (
  name text primary key check (name in ('twilio', 'kannel')),
  points int not null check (points between 0 and 100),
  resting int not null check (resting between 0 and 100),
  errors int not null default 0,
  window_at timestamptz not null,
  error_at timestamptz,
  moved_at timestamptz not null
);

-- What came from a phone, sealed as it came; opened once, by whoever reads it.
create table inbound_text (
  id uuid primary key,
  provider text not null,
  event_id text not null,
  sealed bytea not null,
  received_at timestamptz not null,
  next_at timestamptz not null,
  tries int not null default 0,
  handed_at timestamptz,
  outcome text check (outcome in ('heard', 'given_up')),
  unique (provider, event_id)
);
create index inbound_text_waiting on inbound_text (next_at) where handed_at is null;

-- A text may be refused for good after it was taken.
create index delivery_texts on delivery (finished_at) where channel = 'sms' and state = 'sent';

do $fences$
declare
  t text;
begin
  foreach t in array array['sms_provider', 'inbound_text'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy %I on %I to lk_worker using (true) with check (true)',
      t || '_work', t);
    execute format('create policy %I on %I for select to lk_check using (true)', t || '_check', t);
  end loop;
  -- The web keeps what it was told, and reads none of it.
  execute 'create policy inbound_text_add on inbound_text for insert to lk_web with check (true)';
end
$fences$;

grant select, insert, update on sms_provider to lk_worker;
grant select, update on inbound_text to lk_worker;
grant insert on inbound_text to lk_web;
grant select (name, points, resting, errors, window_at, error_at, moved_at) on sms_provider to lk_check;
grant select (id, provider, event_id, received_at, next_at, tries, handed_at, outcome)
  on inbound_text to lk_check;
