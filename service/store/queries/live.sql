-- name: fresh
-- What is new since an id was made, and for whom: lines of feeds, messages, work for people. Ids
-- grow with real time, so their own indexes find the newest.
select f.event_id as id, f.org_id, 'referral' as topic, f.referral_id as about,
       e.actor_member_id as by
  from feed f join event e on e.id = f.event_id
 where f.event_id > $1
union all
select m.id, p.org_id, 'thread', m.thread_id, m.author_member_id
  from message m
  join thread_party p on p.thread_id = m.thread_id and p.ended_at is null and p.from_seq <= m.seq
 where m.id > $1
union all
select t.id, t.org_id, 'task', t.id, null from human_task t where t.id > $1
 limit $2;
