-- name: find
-- A number by its token; the transaction's look-up is the same token.
select id from text_number where token = $1;

-- name: add
-- A number that was never met; whoever is second finds the first one's row.
insert into text_number (id, token, key_version, sealed, created_at)
values ($1, $2, $3, $4, lk.now()) on conflict (token) do nothing;

-- name: note
-- A line of evidence: what a number may be texted for, and how that is known.
insert into text_consent (id, number_id, org_id, purpose, given, how, contact_id, member_id, provider,
  provider_event_id, at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, lk.now());

-- name: standing
-- How the numbers of some contacts stand for their organization: what is allowed, since when.
select c.id as contact_id, n.state, n.state_at,
       coalesce((select array_agg(l.purpose order by l.purpose) from (
         select distinct on (e.purpose) e.purpose, e.given from text_consent e
          where e.number_id = n.id and e.org_id = c.org_id and e.purpose is not null
          order by e.purpose, e.at desc, e.id desc) l where l.given), '{}') as purposes,
       (select e.how from text_consent e where e.number_id = n.id and e.org_id = c.org_id
         order by e.at desc, e.id desc limit 1) as how,
       (select e.at from text_consent e where e.number_id = n.id and e.org_id = c.org_id
         order by e.at desc, e.id desc limit 1) as since
  from contact c join text_number n on n.id = c.number_id
 where c.org_id = $1 and c.id = any($2::uuid[]);
