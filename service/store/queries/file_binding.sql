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
  update attachment a set head = null, label = null
    from guard, jsonb_populate_recordset(null::message, $3::jsonb->'retracts') n
   where a.message_id = n.id and a.context_id = guard.id
)
