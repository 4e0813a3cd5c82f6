-- name: insert
-- A link of one delivery; written again with the same delivery it changes nothing.
insert into link (id, org_id, referral_id, leg_id, address_id, delivery_id, secret_hash, expires_at,
  created_at)
values ($1, $2, $3, $4, $5, $6, $7, lk.now() + interval '14 days', lk.now())
on conflict (delivery_id) do nothing
returning id;

-- name: code_window
-- The window that the code of one mail belongs to.
select window_start from link_code where effect_id = $1;

-- name: find
-- A link by the hash of its secret; the transaction's look-up is the same hash.
select id, org_id, referral_id, leg_id, address_id from link where secret_hash = $1;

-- name: known
-- A link that a browser is bound to.
select id, org_id, referral_id, leg_id, address_id from link where id = $1;

-- name: hold
-- How a link stands, held against a second button pressed at the same moment.
select k.state, k.expires_at <= lk.now() as expired,
       a.state = 'attested' and o.state = 'active' as reachable, l.state as leg_state
  from link k
  join address a on (a.org_id, a.id) = (k.org_id, k.address_id)
  join organization o on o.id = k.org_id
  left join leg l on l.id = k.leg_id
 where k.id = $1
   for no key update of k;

-- name: asked
-- What the button of a link has asked for lately, in real time.
select count(*) filter (where asked_at > $2::timestamptz - interval '15 minutes') as lately,
       count(*) filter (where asked_at > $2::timestamptz - interval '24 hours') as today,
       coalesce(bool_or(asked_at > $2::timestamptz - interval '10 minutes' and used_at is null), false) as living,
       max(window_start) as last_window
  from link_code where link_id = $1;

-- name: ask
-- One mail that a button asks for, and its effect: both or neither.
with asked as (
  insert into link_code (link_id, org_id, window_start, asked_at, effect_id)
  select k.id, k.org_id, $2, $3, $4 from link k where k.id = $1
)
insert into outbox (id, kind, referral_id, leg_id, link_id, org_id, address_id, rank, due_at,
  next_at, expires_at, created_at)
select $4, $5, k.referral_id, k.leg_id, k.id, k.org_id, k.address_id, 1, lk.now(), lk.now(),
       lk.now() + $6::interval, lk.now()
  from link k where k.id = $1;

-- name: codes
-- The codes of a link that are still good to enter, and whether each was used.
select window_start, used_at is not null as used
  from link_code where link_id = $1 and asked_at > $2::timestamptz - interval '10 minutes';

-- name: spend
-- One guess of the link's own count, spent before anything is compared.
update link k
   set fail_count = k.fail_count + 1
 where k.id = $1 and k.state = 'live' and k.expires_at > lk.now() and k.fail_count < 20
   and (k.delay_until is null or k.delay_until <= $2)
   and exists (select 1 from address a join organization o on o.id = a.org_id
                where (a.org_id, a.id) = (k.org_id, k.address_id) and a.state = 'attested'
                  and o.state = 'active')
returning k.fail_count;

-- name: refund
-- The right code a moment too late was no guess.
update link set fail_count = greatest(fail_count - 1, 0) where id = $1;

-- name: delay
-- After ten wrong codes nobody tries for half an hour.
update link set delay_until = $2 where id = $1;

-- name: claim_code
-- The one who uses a code: the first, whoever else holds it.
update link_code set used_at = $3 where link_id = $1 and window_start = $2 and used_at is null
returning window_start;

-- name: seen
-- A person came in through the link: its count of wrong codes begins again.
update link
   set fail_count = 0, delay_until = null, seen_at = coalesce(seen_at, lk.now())
 where id = $1 and state = 'live' and expires_at > lk.now()
returning id;

-- name: leg_of
-- What a link is about.
select leg_id from link where id = $1;

-- name: end
-- Revoke or freeze a link; False for one that was ended before.
update link set state = $2, state_reason = $3 where id = $1 and state = 'live' returning id;

-- name: end_sessions
-- Everybody who is in through a link is out.
update link_session set ended_at = $2 where link_id = $1 and ended_at is null;

-- name: end_challenges
-- No browser may go on with a link that was ended.
update challenge set expires_at = least(expires_at, $2), remembered_until = null where link_id = $1;

-- name: of_leg
-- The live links of one leg, for whoever revokes them.
select id, org_id, leg_id from link where leg_id = $1 and state = 'live';

-- name: tell_frozen
-- Both sides hear of a frozen link: the mailbox it went to, and who owns the referral.
insert into outbox (id, kind, referral_id, leg_id, link_id, org_id, member_id, address_id, rank,
  due_at, next_at, created_at)
select x.id, 'link_frozen', k.referral_id, k.leg_id, k.id, x.org_id, x.member_id, x.address_id, 2,
       lk.now(), lk.now(), lk.now()
  from link k join referral r on r.id = k.referral_id
  cross join lateral (values
    ($2::uuid, k.org_id, null::uuid, k.address_id),
    ($3::uuid, r.owner_org_id, r.owner_member_id, null::uuid)) x (id, org_id, member_id, address_id)
 where k.id = $1;

-- name: ask_for_call
-- Work for the referral's owner: call the organization whose link is no longer good.
insert into human_task (id, kind, org_id, member_id, referral_id, leg_id, about_org_id, reason,
  opened_at)
select $2, 'call_recipient', r.owner_org_id, r.owner_member_id, k.referral_id, k.leg_id, k.org_id,
       $3, lk.now()
  from link k join referral r on r.id = k.referral_id where k.id = $1
on conflict do nothing;

-- name: ask_for_confirmation
-- Work for the referral's owner: call the number on file and confirm who was named.
insert into human_task (id, kind, org_id, member_id, referral_id, leg_id, about_org_id, reason,
  opened_at)
select $2, 'confirm_people', r.owner_org_id, r.owner_member_id, k.referral_id, k.leg_id, k.org_id,
       'people_were_named', lk.now()
  from link k join referral r on r.id = k.referral_id where k.id = $1
on conflict do nothing;

-- name: mark_address
-- A mailbox that says it is not theirs gets no more mail.
update address a set state = 'bad' from link k
 where k.id = $1 and (a.org_id, a.id) = (k.org_id, k.address_id) and a.state = 'attested';

-- name: audit
-- One line of the record about a link.
insert into audit (id, org_id, at, actor_kind, actor_org_id, actor_member_id, link_id, worker_id,
  action, outcome, resource_kind, resource_id, referral_id, class, request_id, detail)
values ($1, $2, lk.now(), $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15);
