-- name: standing
-- What writing in a thread needs, in one round trip: who takes part and on which basis, the epoch
-- that is open, and its seal. The thread is opened to this transaction once it was seen.
with t as materialized (
  select *, set_config('app.opening', id::text, true) as opening from thread where id = $1
)
select t.id, t.reference, t.referral_id, t.class as sensitivity, t.owner_org_id, t.created_org_id,
       t.patient_id, t.consent_basis, t.consent_id, t.org_ids, t.circle, t.last_seq, t.version,
       me.from_seq, me.leg_id,
       coalesce((select max(n.epoch) from epoch n where n.context_id = t.id and n.class = t.class), 0)
         as newest,
       k.epoch, k.since_version as since, k.key_id, k.sealed, coalesce(k.holders, '{}') as holders,
       (select json_agg(json_build_object('org_id', p.org_id, 'leg_id', p.leg_id,
                 'admitted_by_org_id', p.admitted_by_org_id, 'basis', p.basis,
                 'consent_id', p.consent_id, 'over', p.consent_id is not null and exists (
                   select 1 from consent c where c.id = p.consent_id and c.expires_at <= lk.now()))
                 order by p.org_id)
          from thread_party p where p.thread_id = t.id and p.ended_at is null) as parties,
       coalesce((select json_agg(json_build_array(m.org_id, m.member_id) order by m.member_id)
          from thread_member m where m.thread_id = t.id and m.ended_at is null), '[]') as members,
       $4::uuid is null or exists (select 1 from message m where m.id = $4 and m.thread_id = t.id)
         as reply_known,
       exists (select 1 from message_draft d where d.member_id = $3 and d.thread_id = t.id) as drafted,
       t.opening, lk.now() as now
  from t join thread_party me on me.org_id = $2 and me.thread_id = t.id
  left join lateral (
    select s.epoch, e.since_version, s.key_id, s.sealed,
           array(select o.org_id from seal o where (o.context_id, o.class, o.epoch)
                  = (s.context_id, s.class, s.epoch) order by o.org_id) as holders
      from epoch e
      join seal s on (s.context_id, s.class, s.epoch) = (e.context_id, e.class, e.epoch)
           and s.org_id = $2
     where e.context_id = t.id and e.class = t.class and e.state = 'active') k on true;

-- name: page
-- A thread as one reader opens it: its head, one page of messages in their order, the seals that
-- open them, what its title says now, and the reader's own organization's notes.
with opened as materialized (
  select t.id, set_config('app.opening', t.id::text, true) as opening from thread t where t.id = $1
), part as materialized (
  select p.* from opened join thread_party p on p.org_id = $2 and p.thread_id = opened.id
), newest as materialized (
  -- Before anything is joined to them: so the index ends after one page, however long the thread.
  select m.* from message m where m.thread_id = $1 and m.seq < $4 order by m.seq desc limit $5
), shown as materialized (
  -- Only who was let in from a message on is given copies of what came before its own epochs.
  select m.id, m.seq, m.author_org_id, m.author_member_id, m.link_id, m.reply_to, m.created_at,
         m.retracted_at, m.retracted_by_member_id, m.retract_reason, m.retract_sealed,
         coalesce(c.epoch, m.epoch) as epoch, coalesce(c.envelope, m.envelope) as envelope,
         c.id as copy_id, c.author_org_id as copied_by_org_id
    from part join newest m on m.thread_id = part.thread_id
    left join lateral (
      select c.id, c.epoch, c.envelope, c.author_org_id from message_copy c
       where c.message_id = m.id and not exists (
         select 1 from seal s where s.context_id = m.thread_id and s.class = m.class
            and s.epoch = m.epoch and s.org_id = $2)
       order by c.epoch desc limit 1) c on part.from_seq > 1
), title as materialized (
  select n.id, n.class, n.epoch, n.envelope, n.author_org_id from opened
    join thread_title n on n.thread_id = opened.id order by n.seq desc, n.id desc limit 1
), held as materialized (
  select s.epoch, s.key_id, s.sealed from opened
    join seal s on s.context_id = opened.id and s.org_id = $2
)
select t.id, t.reference, t.class as sensitivity, t.owner_org_id, t.created_org_id, t.org_ids,
       t.version, t.circle, t.last_seq, t.created_at, me.from_seq, me.leg_id, r.id as referral_id,
       r.reference as referral_reference,
       (select json_agg(json_build_object('org_id', p.org_id, 'name', o.public_name,
                 'channel', o.channel, 'from_seq', p.from_seq, 'started_at', p.started_at,
                 'ended_at', p.ended_at) order by p.started_at, p.org_id)
          from thread_party p join organization o on o.id = p.org_id
         where p.thread_id = t.id) as parties,
       coalesce((select json_agg(json_build_object('org_id', m.org_id, 'member_id', m.member_id,
                 'name', n.name) order by n.name)
          from thread_member m join member n on n.id = m.member_id
         where m.thread_id = t.id and m.ended_at is null), '[]') as members,
       coalesce((select json_agg(json_build_array(n.id, n.name)) from member n
         where n.id in (select s.author_member_id from shown s union
                        select s.retracted_by_member_id from shown s)), '[]') as authors,
       coalesce((select json_agg(json_build_object('id', s.id, 'seq', s.seq,
                 'author_org_id', s.author_org_id, 'author_member_id', s.author_member_id,
                 'by_link', s.link_id is not null, 'reply_to', s.reply_to, 'epoch', s.epoch,
                 'created_at', s.created_at, 'retracted_at', s.retracted_at,
                 'retracted_by_member_id', s.retracted_by_member_id,
                 'retract_reason', s.retract_reason, 'copy_id', s.copy_id,
                 'copied_by_org_id', s.copied_by_org_id) order by s.seq) from shown s), '[]') as messages,
       array(select s.envelope from shown s order by s.seq) as envelopes,
       array(select s.retract_sealed from shown s order by s.seq) as comments,
       coalesce((select json_agg(h.epoch order by h.epoch) from held h), '[]') as epochs,
       array(select h.key_id from held h order by h.epoch) as key_ids,
       array(select h.sealed from held h order by h.epoch) as seals,
       title.id as title_id, title.epoch as title_epoch, title.envelope as title_envelope,
       title.author_org_id as title_author_org_id,
       coalesce((select json_agg(json_build_object('id', n.id, 'member_id', n.member_id,
                 'name', w.name, 'created_at', n.created_at) order by n.created_at, n.id)
          from thread_note n join member w on w.id = n.member_id
         where n.org_id = $2 and n.thread_id = t.id), '[]') as notes,
       array(select n.sealed from thread_note n where n.org_id = $2 and n.thread_id = t.id
              order by n.created_at, n.id) as note_sealed,
       (select d.read_seq from message_read d where d.member_id = $3 and d.thread_id = t.id) as read_seq,
       exists (select 1 from shown) and not exists (
         select 1 from message_opened b where b.thread_id = t.id
            and b.member_id is not distinct from $3 and b.worker_id is not distinct from $6
            and b.org_id = $2 and b.first_seq <= (select min(seq) from shown)
            and b.last_seq >= (select max(seq) from shown)) as news,
       opened.opening, lk.now() as now
  from opened join thread t on t.id = opened.id
  join part me on true
  left join referral r on r.id = t.referral_id
  left join title on true;

-- name: opened
-- That somebody had these messages opened, so far as they were new to them.
insert into message_opened (id, thread_id, org_id, member_id, worker_id, link_id, first_seq, last_seq,
  opened_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, lk.now());

-- name: read_up_to
-- How far a person says to have read, either way.
insert into message_read as d (org_id, member_id, thread_id, read_seq, read_at)
values ($1, $2, $3, $4, lk.now())
on conflict (member_id, thread_id) do update
   set read_seq = excluded.read_seq, read_at = excluded.read_at;

-- name: read_on
-- How far a person has read once a page continues what they had read: to its end, and on through
-- pages that were opened for them before, up to the first message that none of them showed.
with recursive reach (seq) as (
  select $4::int
  union
  select b.last_seq from reach r
    join message_opened b on b.thread_id = $3 and b.member_id = $2
     and b.first_seq <= r.seq + 1 and b.last_seq > r.seq
)
insert into message_read as d (org_id, member_id, thread_id, read_seq, read_at)
select $1, $2, $3, max(seq), lk.now() from reach
on conflict (member_id, thread_id) do update
   set read_seq = greatest(d.read_seq, excluded.read_seq), read_at = excluded.read_at;

-- name: guests
-- Organizations that somebody wants in a thread: how they are reached, and their part in a referral.
select o.id as org_id, o.channel, o.state = 'active' as active, o.covered_entity as covered,
       o.part2_program, p.capacity, p.classes,
       (select l.id from leg l where l.referral_id = $2 and l.org_id = o.id
           and not l.state = any($3::text[]) order by l.number desc limit 1) as leg_id
  from organization o
  left join party p on p.org_id = o.id and p.referral_id = $2
       and (p.ended_at is null or p.ended_at > lk.now())
 where o.id = any($1::uuid[]);

-- name: colleagues
-- Which of these people are active members, and where.
select id, org_id from member where id = any($1::uuid[]) and state = 'active';

-- name: open_to
-- The one thread that this transaction may widen from here on.
select set_config('app.opening', $1::uuid::text, true);

-- name: seq_of
-- The number of a message of a thread, as its reader sees it.
select seq from message where thread_id = $1 and id = $2;

-- name: where
-- Where a message stands, or the first one of a thread: what an answer is repeated from.
select t.id as thread_id, t.reference, m.id as message_id, m.seq, t.version
  from message m join thread t on t.id = m.thread_id
 where m.id = $1 or m.thread_id = $1 and m.seq = 1
 order by m.seq limit 1;
