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
  provider_event_id, given_by, witness_member_id, at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, lk.now());

-- name: standing
-- How the numbers of some contacts stand for their organization: what is allowed, since when.
select c.id as contact_id, n.state, n.state_at,
       coalesce((select array_agg(l.purpose order by l.purpose) from (
         select distinct on (e.purpose) e.purpose, e.given from text_consent e
          where e.number_id = n.id and e.org_id = c.org_id and e.purpose is not null
            and e.at >= coalesce(n.reopened_at, e.at)
          order by e.purpose, e.at desc, e.id desc) l where l.given), '{}') as purposes,
       (select e.how from text_consent e where e.number_id = n.id and e.org_id = c.org_id
         and e.purpose is not null
         order by e.at desc, e.id desc limit 1) as how,
       (select e.at from text_consent e where e.number_id = n.id and e.org_id = c.org_id
         order by e.at desc, e.id desc limit 1) as since
  from contact c join text_number n on n.id = c.number_id
 where c.org_id = $1 and c.id = any($2::uuid[]);

-- name: reopen
-- It is theirs after all: what anybody allowed before counts no more. What the phone itself stopped
-- stays stopped.
update text_number n
   set state = case when coalesce((select e.given from text_consent e
         where e.number_id = n.id and e.org_id is null and e.how in ('text', 'page', 'carrier')
         order by e.at desc, e.id desc limit 1), true) then 'open' else 'stopped' end,
       state_at = lk.now(), reopened_at = lk.now()
 where n.id = $1 and n.state in ('wrong', 'dead')
returning n.state;

-- name: history
-- What was said of the numbers of a patient's contacts: by whom, who heard it, and by the phone itself.
select c.id as contact_id, e.at, e.given, e.purpose, e.how, e.given_by, m.name as member,
       w.name as witness, e.org_id is null as by_phone
  from contact c
  join text_consent e on e.number_id = c.number_id
  left join member m on m.org_id = e.org_id and m.id = e.member_id
  left join member w on w.org_id = e.org_id and w.id = e.witness_member_id
 where c.org_id = $1 and c.patient_id = $2 and c.state = 'active'
   and (e.org_id = $1 or e.org_id is null)
 order by e.at desc, e.id desc limit 200;
