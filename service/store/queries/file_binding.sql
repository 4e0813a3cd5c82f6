-- What acts on a referral or thread do to files, each part joined to the act's own guard.

-- part: bound_files
bound_files as (
  update attachment a
     set document_id = n.document_id, message_id = n.message_id,
         bound_at = ($3::jsonb->>'now')::timestamptz
    from guard, jsonb_populate_recordset(null::attachment, $3::jsonb->'bound') n
   where a.id = n.id and a.context_id = guard.id and num_nonnulls(a.document_id, a.message_id) = 0
)

-- part: withdrawn_files
withdrawn_files as (
  -- Taken back with their message: the file's own key was in its head, and is nowhere else.
  update attachment a
     set head = null, label = null, retracted_at = ($3::jsonb->>'now')::timestamptz,
         retracted_by_org_id = n.retracted_by_org_id,
         retracted_by_member_id = n.retracted_by_member_id, retract_reason = n.retract_reason
    from guard, jsonb_populate_recordset(null::message, $3::jsonb->'retracts') n
   where a.message_id = n.id and a.context_id = guard.id and a.retracted_at is null
)

-- part: withdrawn_copies
withdrawn_copies as (
  update attachment_copy c set head = null, label = null
    from guard, attachment a, jsonb_populate_recordset(null::message, $3::jsonb->'retracts') n
   where c.attachment_id = a.id and a.message_id = n.id and c.thread_id = guard.id
)
