-- name: strangers
-- What lies in a database that should be empty.
select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where c.relkind in ('r', 'p', 'm', 'S') and n.nspname !~ '^(pg_|information_schema$)'
   and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e');

-- name: name
-- What this database is called, ready to stand in a statement.
select quote_ident(current_database()) as name, current_setting('server_version_num')::int / 10000
  as major;

-- name: hold
-- Nothing is sent and no timer fires from here on.
insert into restore_hold (id, taken_at, held_at)
select $1, $2::timestamptz + c.offset_by, lk.now() from clock_offset c;

-- name: hold_line
-- The restore is a line of the record, which from here on goes another way than it went before.
insert into audit (id, at, actor_kind, action, resource_kind, detail)
select $1, lk.now(), 'system', 'restore.held', 'restore',
       jsonb_build_object('taken_at', to_char($2::timestamptz at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'));

-- name: end_sessions
-- Who was signed in then proves it again: who left since then has come back with the backup.
update session set ended_at = lk.raw_now() where ended_at is null;

-- name: end_link_sessions
-- The same for whoever came by an e-mail link.
update link_session set ended_at = lk.now() where ended_at is null;

-- name: end_patient_visits
-- And for patients on their page.
update patient_visit set ended_at = lk.now() where ended_at is null;

-- name: held
-- Since when sending is held, and of when the backup was; nothing where it is not.
select taken_at, held_at from restore_hold where released_at is null;

-- name: doubtful
-- What was owed when the backup was taken and has been due since: it may have gone out already. A digest
-- names the referrals of what is in it.
select o.kind, count(distinct o.id)::int as count, count(distinct d.id)::int as tried,
       extract(epoch from lk.now() - min(o.due_at))::float8 as oldest_seconds,
       array_agg(distinct coalesce(r.reference, t.reference))
         filter (where coalesce(r.reference, t.reference) is not null) as refs
  from restore_hold h
  join outbox o on o.state in ('pending', 'parked') and o.created_at <= h.held_at
   and o.due_at <= lk.now()
  left join delivery d on d.effect_id = o.id
  left join outbox i on i.digest_id = o.id and i.state = 'gathered'
  left join referral r on r.id = coalesce(o.referral_id, i.referral_id)
  left join thread t on t.id = coalesce(o.thread_id, i.thread_id)
 where h.released_at is null
 group by o.kind order by o.kind;

-- name: kinds
-- The kinds of the same, as the one who releases sees them.
select distinct o.kind
  from restore_hold h
  join outbox o on o.state in ('pending', 'parked') and o.created_at <= h.held_at
   and o.due_at <= lk.now()
 where h.released_at is null order by o.kind;

-- name: count_as_sent
-- These are over, with what went in them: somebody decided that they went out before the restore.
with over as (
  update outbox o set state = 'done', done_at = lk.now(), last_error = 'counted_as_sent',
         claimed_until = null
    from restore_hold h
   where h.released_at is null and o.state in ('pending', 'parked') and o.created_at <= h.held_at
     and o.due_at <= lk.now() and o.kind = any($1::text[])
  returning o.id
), held as (
  update outbox i set state = 'done', done_at = lk.now(), last_error = 'counted_as_sent'
    from over where i.digest_id = over.id and i.state = 'gathered'
  returning i.id
), known as (
  update delivery d set state = 'unknown', finished_at = lk.now(), detail = 'counted_as_sent'
    from (select id from over union all select id from held) told
   where d.effect_id = told.id and d.state = 'attempted'
)
select count(*) from over;

-- name: due_anew
-- What is sent is due from now on; no try was counted while it was held.
update outbox set next_at = lk.now(), rings = 0, claimed_until = null
 where state = 'pending' and next_at < lk.now();

-- name: rearm
-- Timers that came due since the backup get the days back that nobody worked with this database, and
-- an hour at the least: they come due one after the other, as they would have, and at their time of day.
with away as (
  select ceil(extract(epoch from lk.now() - taken_at) / 86400) * interval '1 day' as days
    from restore_hold where released_at is null
), later as (
  update timer t
     set due_at = greatest(t.due_at + away.days, lk.now() + interval '1 hour'),
         final_at = greatest(t.final_at + away.days, lk.now() + interval '1 hour')
    from away where t.state = 'armed' and t.due_at <= lk.now()
  returning t.id
)
select count(*) from later;

-- name: release
-- Sending begins again; true for whoever lets go first.
update restore_hold set released_at = lk.now() where released_at is null returning true;
