-- What one person puts aside until a day or until something happens, and the lists they keep at hand:
-- a view with what it is narrowed to, and no words that anybody typed.
create table snooze (
  org_id uuid not null,
  member_id uuid not null,
  referral_id uuid not null references referral,
  version int not null,
  until date,
  made_at timestamptz not null,
  primary key (org_id, member_id, referral_id),
  foreign key (org_id, member_id) references member (org_id, id)
);
create table saved_view (
  org_id uuid not null,
  id uuid not null,
  member_id uuid not null,
  view text not null check (view ~ '^[a-z_]{1,40}$'),
  mine boolean not null,
  category text check (category ~ '^[a-z0-9_]{1,60}$'),
  priority text check (priority in ('routine', 'urgent', 'emergent')),
  made_at timestamptz not null,
  primary key (org_id, id),
  foreign key (org_id, member_id) references member (org_id, id)
);
create unique index saved_view_once on saved_view
  (org_id, member_id, view, mine, coalesce(category, ''), coalesce(priority, ''));

do $fences$
declare
  own constant text := $x$org_id = nullif(current_setting('app.org', true), '')::uuid$x$;
  t text;
begin
  foreach t in array array['snooze', 'saved_view'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy %I on %I for select to lk_check using (true)', t || '_check', t);
    execute format('create policy %I on %I to lk_web using (%s) with check (%s)',
      t || '_own', t, own, own);
  end loop;
end
$fences$;
grant select, insert, update, delete on snooze to lk_web;
grant select, insert, delete on saved_view to lk_web;
grant select on snooze, saved_view to lk_check;
