-- name: due
-- The night that is to be proved: it is past two in the coordinators' zone, and nobody has yet.
select t.night
  from (select ((lk.now() at time zone coalesce((select o.time_zone from organization o where o.is_cco),
         'UTC')) - interval '2 hours')::date as night) t
 where not exists (select from nightly_proof p where p.night = t.night);

-- name: count
-- Every referral that was ever sent, by where it stands; of the open ones, who has no active owner
-- and who has neither an armed timer nor open work.
with open as materialized (
  select r.id,
         exists (select from member m where m.id = r.owner_member_id and m.org_id = r.owner_org_id
                   and m.state = 'active') as owned,
         exists (select from timer t where t.referral_id = r.id and t.state = 'armed')
         or exists (select from human_task h where h.referral_id = r.id and h.state = 'open')
           as watched
    from referral r where r.state in ('with_recipient', 'needs_routing', 'awaiting_review')
)
select (select count(*) from referral r where r.sent_at is not null)::int as sent,
       (select count(*) from open)::int as open,
       (select count(*) from referral r where r.state = 'closed')::int as closed,
       (select count(*) from referral r where r.state = 'void' and r.sent_at is not null)::int as void,
       (select count(*) from open o where not o.owned)::int as unowned,
       (select count(*) from open o where not o.watched)::int as unwatched;

-- name: keep
-- The proof of one night; a second one of it is none.
insert into nightly_proof (id, night, made_at, sent, open, closed, void, unowned, unwatched,
  incident_id)
values ($1, $2, lk.now(), $3, $4, $5, $6, $7, $8, $9) on conflict (night) do nothing
returning id;

-- name: open_task
-- An incident is work for the coordinators, or for whoever is there.
insert into human_task (id, kind, org_id, reason, due_at, opened_at)
select $1, 'proof_failed', o.id, 'loops_unaccounted', lk.now(), lk.now()
  from organization o order by o.is_cco desc, o.created_at limit 1;

-- name: last
-- The newest proof.
select night, made_at, sent, open, closed, void, unowned, unwatched, incident_id
  from nightly_proof order by night desc limit 1;
