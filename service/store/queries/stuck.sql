-- name: listed
-- Effects that are stuck: dead, parked behind a closed way, or a minute past their time; the oldest
-- first. Kinds and codes only, and the organization that is owed; a dead one that somebody dealt
-- with is marked. What died in a digest is mended with it.
select o.id, o.kind, case o.state when 'pending' then 'overdue' else o.state end as state,
       p.public_name as organization, d.channel, o.tries, o.last_error as reason, o.created_at,
       extract(epoch from lk.now() - o.created_at)::float8 as age_seconds,
       exists (select from human_task h where h.effect_id = o.id and h.state = 'open'
                and h.kind <> 'channel_down') as task_open
  from outbox o
  join organization p on p.id = o.org_id
  left join delivery d on d.effect_id = o.id
 where (o.state = 'dead' and o.digest_id is null and 'dead' = any($1::text[])
        or o.state = 'parked' and 'parked' = any($1::text[])
        or o.state = 'pending' and o.next_at < lk.now() - interval '60 seconds'
           and 'overdue' = any($1::text[]))
   and ($2::text is null or o.kind = $2)
   and o.created_at <= lk.now() - $3::interval
 order by o.created_at, o.id limit $4;

-- name: hold
-- One effect that is stuck or waits, locked; `in_hand` while a courier has it.
select kind, state, coalesce(claimed_until > lk.now(), false) as in_hand,
       coalesce(expires_at <= lk.now(), false) as expired
  from outbox where id = $1 and state in ('pending', 'parked', 'dead') for update;

-- name: retry
-- As if it were new, but for its delivery: the words, the date and the Message-ID stay. A digest takes
-- along what died in it.
with effect as (
  update outbox
     set state = case when id = $1 then 'pending' else 'gathered' end, next_at = lk.now(), tries = 0,
         rings = 0, claimed_until = null, done_at = null
   where id = $1 or digest_id = $1 and state = 'dead' returning id
), mail as (
  update delivery set state = 'attempted', attempted_at = null, finished_at = null
   where effect_id in (select id from effect) and state in ('refused', 'bounced', 'unknown', 'dead')
)
update human_task
   set state = 'done', resolved_at = lk.now(), resolved_by_member_id = $2, resolution = 'tried_again'
 where effect_id in (select id from effect) and state = 'open' and kind <> 'channel_down';

-- name: give_up
-- Nobody tries again, nor what waits or died in it. What its delivery came to stays written; its work
-- for people ends with it.
with effect as (
  update outbox set state = 'cancelled', done_at = lk.now(), claimed_until = null,
         last_error = coalesce(last_error, 'given up')
   where id = $1 or digest_id = $1 and state in ('gathered', 'dead') returning id
), mail as (
  update delivery set state = 'dead', finished_at = lk.now()
   where effect_id in (select id from effect) and state = 'attempted'
)
update human_task
   set state = 'done', resolved_at = lk.now(), resolved_by_member_id = $2, resolution = 'given_up'
 where effect_id in (select id from effect) and state = 'open' and kind <> 'channel_down';
