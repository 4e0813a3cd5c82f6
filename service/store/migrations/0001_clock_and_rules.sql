-- The one clock of the service, and the rules every event must name.
create table clock_offset (
  only_row boolean primary key default true check (only_row),
  offset_by interval not null default '0',
  writable boolean not null default false
);
insert into clock_offset default values;

-- plpgsql keeps its plan for a session; a function in sql would be planned anew by every statement.
create function lk.now() returns timestamptz language plpgsql stable
  set search_path = lk
  as $$ begin return clock_timestamp() + (select offset_by from lk.clock_offset); end $$;

-- The clock itself, for the guard that notices when it jumps; nothing else may ask it.
create function lk.raw_now() returns timestamptz language sql volatile
  as $$ select clock_timestamp() $$;

create table rule (
  machine text not null check (machine in ('referral', 'leg')),
  from_state text not null,
  step text not null,
  party text not null,
  becomes text not null,
  rule_id text not null,
  conditions text[] not null default '{}',
  needs text[] not null default '{}',
  retired_at timestamptz,
  primary key (machine, from_state, step, party, becomes)
);

create table root_key (
  only_row boolean primary key default true check (only_row),
  key_id bytea not null,
  probe bytea not null
);
