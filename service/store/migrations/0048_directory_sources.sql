-- What others call an organization or a service whose entry we had from their directory.
create table directory_source (
  kind text not null check (kind in ('organization', 'service')),
  value text not null check (length(value) between 1 and 200),
  org_id uuid not null references organization,
  id uuid not null unique,
  taken_at timestamptz not null,
  primary key (kind, value)
);

alter table directory_source enable row level security;
alter table directory_source force row level security;
create policy directory_source_check on directory_source for select to lk_check using (true);
-- Only the network's administration and its operator exchange directories.
create policy directory_source_network on directory_source to lk_web
  using (current_setting('app.network', true) = 'on')
  with check (current_setting('app.network', true) = 'on');
grant select, insert on directory_source to lk_web;
grant select on directory_source to lk_check;
