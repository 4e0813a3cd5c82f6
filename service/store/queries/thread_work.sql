-- name: held
-- The epochs an organization holds of a thread, each with the first message it sees in it.
select s.epoch, s.key_id, s.sealed,
       (select min(m.seq) from message m where m.thread_id = $1 and m.epoch = s.epoch) as first_seq
  from seal s where s.context_id = $1 and s.org_id = $2 order by s.epoch;

-- name: since
-- The messages of one epoch from a number on, to be sealed once more.
select id, seq, envelope, author_org_id from message
 where thread_id = $1 and epoch = $2 and seq >= $3 and envelope is not null order by seq limit $4;

-- name: title
-- What a thread is called now.
select id, epoch, envelope, author_org_id from thread_title
 where thread_id = $1 order by seq desc, id desc limit 1;

-- name: message
-- One message as taking it back needs it, and whether a legal hold keeps it.
select m.id, m.seq, m.author_org_id, m.author_member_id, m.retracted_at,
       exists (select 1 from legal_hold h where h.released_at is null and (h.kind, h.subject_id) in (
         ('message', m.id), ('thread', t.id), ('referral', t.referral_id), ('patient', t.patient_id),
         ('organization', m.author_org_id))) as held
  from message m join thread t on t.id = m.thread_id
 where m.thread_id = $1 and m.id = $2;

-- name: readers
-- Who has had a message opened, or one of its files: when first, each once.
with looks as (
  select b.org_id, b.member_id, b.worker_id, b.opened_at from message_opened b
   where b.thread_id = $1 and b.first_seq <= $2 and b.last_seq >= $2
  union all
  select f.org_id, f.member_id, f.worker_id, f.opened_at
    from message m join attachment a on a.message_id = m.id
    join document_opened f on f.attachment_id = a.id
   where m.thread_id = $1 and m.seq = $2
)
select b.org_id, o.public_name as org, b.member_id, n.name as member, b.worker_id is not null as by_link,
       min(b.opened_at) as opened_at
  from looks b join organization o on o.id = b.org_id
  left join member n on n.id = b.member_id
 group by b.org_id, o.public_name, b.member_id, n.name, b.worker_id is not null
 order by min(b.opened_at), b.org_id;

-- name: officers
-- The privacy officers of these organizations; one of each is named.
select distinct on (org_id) org_id, id from member
 where org_id = any($1::uuid[]) and state = 'active' and 'privacy_officer' = any(roles)
 order by org_id, id;

-- name: add_note
-- A note that one organization keeps for itself, with its line in the record and its key.
with note as (
  insert into thread_note (id, org_id, thread_id, member_id, sealed, created_at)
  values ($1, $2, $3, $4, $5, lk.now()) returning id
)
select id from note;

-- name: keep_draft
-- What somebody has begun to write, kept on the server until it is sent.
insert into message_draft (org_id, member_id, thread_id, sealed, saved_at)
values ($1, $2, $3, $4, lk.now())
on conflict (member_id, thread_id) do update
   set sealed = excluded.sealed, saved_at = excluded.saved_at;

-- name: draft
-- What somebody has begun to write.
select sealed, saved_at from message_draft where member_id = $1 and thread_id = $2;

-- name: drop_draft
-- It is not to be sent.
delete from message_draft where member_id = $1 and thread_id = $2;

-- name: known
-- Whether this organization takes part in a thread, of which class it is, and how far it has come.
select t.id, t.class as sensitivity, t.referral_id, t.last_seq, p.from_seq
  from thread t join thread_party p on p.org_id = $2 and p.thread_id = t.id
 where t.id = $1 and p.ended_at is null;

-- name: page_of
-- One page of an organization's conversations, the one last spoken in first.
select p.touched_at, t.id, t.reference, t.class as sensitivity, t.last_seq, t.created_at, p.from_seq,
       r.id as referral_id, r.reference as referral_reference, d.read_seq,
       (select json_agg(json_build_object('org_id', o.id, 'name', o.public_name)
                        order by o.public_name) from organization o where o.id = any(t.org_ids))
         as participants,
       n.id as title_id, n.epoch as title_epoch, n.envelope as title_envelope,
       n.author_org_id as title_author_org_id, s.key_id, s.sealed
  from thread_party p
  join thread t on t.id = p.thread_id
  left join referral r on r.id = t.referral_id
  left join message_read d on d.member_id = $5 and d.thread_id = t.id
  left join lateral (select * from thread_title w where w.thread_id = t.id
                      order by w.seq desc, w.id desc limit 1) n on true
  left join seal s on s.context_id = t.id and s.class = t.class and s.epoch = n.epoch
       and s.org_id = $1
 where p.org_id = $1 and p.ended_at is null and (p.touched_at, p.thread_id) < ($2, $3)
   and t.class = any($12::text[])
   and ($6::uuid is null or $6 = any(t.org_ids))
   and ($7::timestamptz is null or p.touched_at >= $7)
   and ($8::timestamptz is null or t.created_at < $8)
   and (not $9::boolean or t.last_seq > coalesce(d.read_seq, p.from_seq - 1))
   and ($10::text is null or t.reference = $10 or r.reference = $10)
   and ($11::uuid is null or t.referral_id = $11)
 order by p.touched_at desc, p.thread_id desc limit $4;

-- name: turn
-- The conversation becomes that of a referral its owner has just written, about the same patient.
update thread t set referral_id = r.id, version = t.version + 1
  from referral r
 where t.id = $1 and t.referral_id is null and t.owner_org_id = $3 and r.id = $2
   and (t.patient_id is null or t.patient_id = r.patient_id)
returning t.version;

-- name: of_leg
-- The conversations of one leg's agency, the newest first.
select thread_id from thread_party
 where org_id = $1 and leg_id = $2 and ended_at is null order by thread_id desc limit $3;
