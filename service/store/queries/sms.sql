-- name: texts_waiting
-- Texts nobody has heard yet, the oldest first, each out of the others' reach for a while.
with due as (
  select id from inbound_text where handed_at is null and next_at <= lk.now()
   order by received_at, id limit $1 for update skip locked
)
update inbound_text t set next_at = lk.now() + interval '30 seconds', tries = t.tries + 1
  from due where t.id = due.id
returning t.id, t.provider, t.event_id, t.sealed, t.received_at, t.tries;

-- name: text_handed
-- A text was heard, or given up; false where somebody else was first.
update inbound_text set handed_at = lk.now(), outcome = $2
 where id = $1 and handed_at is null returning true;
