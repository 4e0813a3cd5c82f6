-- name: say
-- Words and nothing else, the commonest act by far: one statement with plain parameters. The guard is
-- the circle as it was read; the number comes from the thread's lock.
with guard as (
  update thread t set version = t.version + 1, last_seq = t.last_seq + 1
   where t.id = $1 and t.circle = $2
  returning t.id, t.version, t.last_seq
), touched as (
  update thread_party p set touched_at = $3::timestamptz
    from guard where p.thread_id = guard.id and p.ended_at is null
), said as (
  insert into message (id, thread_id, seq, author_org_id, author_member_id, link_id, worker_id,
    reply_to, class, epoch, envelope, created_at)
  select $4::uuid, guard.id, guard.last_seq, $5::uuid, $6::uuid, $7::uuid, $8::uuid, $9::uuid,
    $10::text, $11::int, $12::bytea, $3::timestamptz from guard
), own_words as (
  -- Whoever answers without having looked has still not read what came before.
  insert into message_read as d (org_id, member_id, thread_id, read_seq, read_at)
  select $5::uuid, $6::uuid, guard.id, 0, $3::timestamptz from guard where $6::uuid is not null
  on conflict (member_id, thread_id) do update
     set read_seq = (select guard.last_seq from guard), read_at = excluded.read_at
   where d.read_seq = (select guard.last_seq - 1 from guard)
), told as (
  insert into outbox (id, kind, referral_id, thread_id, leg_id, org_id, about_org_id, member_id,
    rank, due_at, next_at, created_at)
  select e.id, 'message', $13::uuid, guard.id, e.leg_id, e.org_id, $5::uuid, e.member_id, 5,
    $3::timestamptz, $3::timestamptz, $3::timestamptz
    from guard, unnest($14::uuid[], $15::uuid[], $16::uuid[], $17::uuid[])
           as e (id, org_id, member_id, leg_id)
), recorded as (
  insert into audit (id, org_id, at, actor_kind, actor_org_id, actor_member_id, api_key_id, link_id,
    worker_id, action, resource_kind, resource_id, referral_id, class, request_id, detail)
  select $18::uuid, $5::uuid, $3::timestamptz, $19::text, $5::uuid, $6::uuid, $20::uuid, $7::uuid,
    $8::uuid, 'message.send', 'thread', guard.id, $13::uuid, $10::text, $21::text, $22::jsonb
    from guard
), spent as (
  insert into idempotency (principal, key, body_mac, route, status, resource_id, created_at, org_id)
  select $23::uuid, $24::text, $25::bytea, $26::text, $27::int, $4::uuid, $3::timestamptz, $5::uuid
    from guard where $24::text is not null
)
select version, last_seq from guard;
