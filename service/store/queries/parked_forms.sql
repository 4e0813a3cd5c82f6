-- name: insert
-- What somebody had typed, or where they were.
insert into parked_form (id, person_id, org_id, kind, sealed, created_at, expires_at)
values ($1, $2, $3, $4, $5, $6, $7);

-- name: make_room
-- Only the last few are kept; what is being typed is counted apart.
delete from parked_form where id in (
  select id from parked_form where person_id = $1 and kind <> 'draft'
   order by created_at desc, id desc offset $2);

-- name: fetch
-- One of a person's forms while it lasts.
select id, person_id, org_id, kind, sealed, created_at, expires_at from parked_form
 where id = $1 and person_id = $2 and kind in ('form', 'draft') and expires_at > $3;

-- name: take_place
-- The place a person left last; it is led to once.
delete from parked_form where id = (
  select id from parked_form where person_id = $1 and kind = 'place' and expires_at > $2
   order by created_at desc, id desc limit 1)
returning id, person_id, org_id, kind, sealed, created_at, expires_at;

-- name: drop
-- Thrown away by its person.
delete from parked_form where id = $1 and person_id = $2 returning id;

-- name: drop_all
-- Nothing is kept for somebody who left.
delete from parked_form where person_id = $1;

-- name: drop_draft
-- What was typed at one place; gone once it was sent, or before it is kept anew.
delete from parked_form
 where person_id = $1 and org_id = $2 and place = $3 and kind = 'draft' returning id;

-- name: insert_draft
-- What somebody is typing at one place; of two pages that keep at once the first one does.
insert into parked_form (id, person_id, org_id, kind, sealed, created_at, expires_at, place)
values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing;

-- name: make_room_for_drafts
-- Only the last few are kept.
delete from parked_form where id in (
  select id from parked_form where person_id = $1 and kind = 'draft'
   order by created_at desc, id desc offset $2);

-- name: drafts
-- What a person is typing at these places, the newest first.
select id, person_id, org_id, kind, sealed, created_at, expires_at from parked_form
 where person_id = $1 and org_id = $2 and place = any($3::text[]) and kind = 'draft'
   and expires_at > $4
 order by created_at desc, id desc;
