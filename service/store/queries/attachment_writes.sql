-- A file is added by one statement, put together from these parts and those of a step: the referral
-- or the thread is held as it was read, so that who may read is who was counted.

-- part: of_referral
guard as (
  select r.id, r.version from referral r where r.id = $1 and r.version = $2 for update
)

-- part: of_thread
guard as (
  -- A new epoch turns the circle, as it does for words.
  update thread t
     set circle = t.circle + (jsonb_array_length($3::jsonb->'epochs') > 0)::int
   where t.id = $1 and t.circle = $2
  returning t.id, t.version
)

-- part: new_attachments
new_attachments as (
  insert into attachment (id, org_id, referral_id, thread_id, leg_id, member_id, api_key_id,
    link_id, worker_id, context_id, class, epoch, label, head, blob_id, stored_bytes, next_at,
    created_at)
  select n.id, n.org_id, n.referral_id, n.thread_id, n.leg_id, n.member_id, n.api_key_id, n.link_id,
    n.worker_id, guard.id, n.class, n.epoch, n.label, n.head, n.blob_id, n.stored_bytes,
    ($3::jsonb->>'now')::timestamptz, ($3::jsonb->>'now')::timestamptz
    from guard, jsonb_populate_recordset(null::attachment, $3::jsonb->'attachments') n
)
