-- name: address_sealed
-- Under an old key: mailboxes.
select t.org_id, t.id as row_id, t.sealed as sealed from address t
  join org_key k on k.org_id = t.org_id and k.purpose = 'field' and k.key_id = substr(t.sealed, 2, 8)
 where k.state = 'expired' and k.openable and t.id > $1 order by t.id limit $2;

-- name: store_address_sealed
-- One of them under the key in use, if it is still the one that was read.
update address set sealed = $3 where id = $1 and sealed = $2 returning id;

-- name: address_phrase_sealed
-- Under an old key: the phrases of mailboxes.
select t.org_id, t.id as row_id, t.phrase_sealed as sealed from address t
  join org_key k on k.org_id = t.org_id and k.purpose = 'field' and k.key_id = substr(t.phrase_sealed, 2, 8)
 where k.state = 'expired' and k.openable and t.id > $1 order by t.id limit $2;

-- name: store_address_phrase_sealed
-- One of them under the key in use, if it is still the one that was read.
update address set phrase_sealed = $3 where id = $1 and phrase_sealed = $2 returning id;

-- name: agency_worker_sealed
-- Under an old key: people of agencies.
select t.org_id, t.id as row_id, t.sealed as sealed from agency_worker t
  join org_key k on k.org_id = t.org_id and k.purpose = 'field' and k.key_id = substr(t.sealed, 2, 8)
 where k.state = 'expired' and k.openable and t.id > $1 order by t.id limit $2;

-- name: store_agency_worker_sealed
-- One of them under the key in use, if it is still the one that was read.
update agency_worker set sealed = $3 where id = $1 and sealed = $2 returning id;

-- name: external_id_sealed
-- Under an old key: other systems' ids.
select t.org_id, t.subject_id as row_id, t.sealed as sealed from external_id t
  join org_key k on k.org_id = t.org_id and k.purpose = 'field' and k.key_id = substr(t.sealed, 2, 8)
 where k.state = 'expired' and k.openable and t.subject_id > $1 order by t.subject_id limit $2;

-- name: store_external_id_sealed
-- One of them under the key in use, if it is still the one that was read.
update external_id set sealed = $3 where subject_id = $1 and sealed = $2 returning subject_id;

-- name: break_glass_sealed
-- Under an old key: the words of emergencies.
select t.org_id, t.id as row_id, t.sealed as sealed from break_glass t
  join org_key k on k.org_id = t.org_id and k.purpose = 'field' and k.key_id = substr(t.sealed, 2, 8)
 where k.state = 'expired' and k.openable and t.id > $1 order by t.id limit $2;

-- name: store_break_glass_sealed
-- One of them under the key in use, if it is still the one that was read.
update break_glass set sealed = $3 where id = $1 and sealed = $2 returning id;

-- name: break_glass_review_sealed
-- Under an old key: what was said of them.
select t.org_id, t.id as row_id, t.review_sealed as sealed from break_glass t
  join org_key k on k.org_id = t.org_id and k.purpose = 'field' and k.key_id = substr(t.review_sealed, 2, 8)
 where k.state = 'expired' and k.openable and t.id > $1 order by t.id limit $2;

-- name: store_break_glass_review_sealed
-- One of them under the key in use, if it is still the one that was read.
update break_glass set review_sealed = $3 where id = $1 and review_sealed = $2 returning id;

-- name: parked_form_sealed
-- Under an old key: forms that were kept.
select t.org_id, t.id as row_id, t.sealed as sealed from parked_form t
  join org_key k on k.org_id = t.org_id and k.purpose = 'field' and k.key_id = substr(t.sealed, 2, 8)
 where k.state = 'expired' and k.openable and t.id > $1 order by t.id limit $2;

-- name: store_parked_form_sealed
-- One of them under the key in use, if it is still the one that was read.
update parked_form set sealed = $3 where id = $1 and sealed = $2 returning id;

-- name: agency_note_sealed
-- Under an old key: what agencies noted for themselves.
select t.org_id, t.id as row_id, t.sealed as sealed from agency_note t
  join org_key k on k.org_id = t.org_id and k.purpose = 'field' and k.key_id = substr(t.sealed, 2, 8)
 where k.state = 'expired' and k.openable and t.id > $1 order by t.id limit $2;

-- name: store_agency_note_sealed
-- One of them under the key in use, if it is still the one that was read.
update agency_note set sealed = $3 where id = $1 and sealed = $2 returning id;

-- name: thread_note_sealed
-- Under an old key: notes.
select t.org_id, t.id as row_id, t.sealed as sealed from thread_note t
  join org_key k on k.org_id = t.org_id and k.purpose = 'field' and k.key_id = substr(t.sealed, 2, 8)
 where k.state = 'expired' and k.openable and t.id > $1 order by t.id limit $2;

-- name: store_thread_note_sealed
-- One of them under the key in use, if it is still the one that was read.
update thread_note set sealed = $3 where id = $1 and sealed = $2 returning id;

-- name: message_draft_sealed
-- Under an old key: drafts.
select t.org_id, t.thread_id as row_id, t.sealed as sealed from message_draft t
  join org_key k on k.org_id = t.org_id and k.purpose = 'field' and k.key_id = substr(t.sealed, 2, 8)
 where k.state = 'expired' and k.openable and t.thread_id > $1 order by t.thread_id limit $2;

-- name: store_message_draft_sealed
-- One of them under the key in use, if it is still the one that was read.
update message_draft set sealed = $3 where thread_id = $1 and sealed = $2 returning thread_id;

-- name: person_login_sealed
-- Under an old key: sign-in addresses.
select null::uuid as org_id, t.id as row_id, t.login_sealed as sealed from person t
  join network_key k on k.purpose = 'netfield' and k.key_id = substr(t.login_sealed, 2, 8)
 where k.state = 'expired' and k.openable and t.id > $1 order by t.id limit $2;

-- name: store_person_login_sealed
-- One of them under the key in use, if it is still the one that was read.
update person set login_sealed = $3 where id = $1 and login_sealed = $2 returning id;

-- name: person_totp_sealed
-- Under an old key: authenticators' seeds.
select null::uuid as org_id, t.id as row_id, t.totp_sealed as sealed from person t
  join network_key k on k.purpose = 'netfield' and k.key_id = substr(t.totp_sealed, 2, 8)
 where k.state = 'expired' and k.openable and t.id > $1 order by t.id limit $2;

-- name: store_person_totp_sealed
-- One of them under the key in use, if it is still the one that was read.
update person set totp_sealed = $3 where id = $1 and totp_sealed = $2 returning id;

-- name: webhook_sealed
-- Under an old key: webhooks.
select t.org_id, t.id as row_id, t.sealed as sealed from webhook t
  join org_key k on k.org_id = t.org_id and k.purpose = 'field' and k.key_id = substr(t.sealed, 2, 8)
 where k.state = 'expired' and k.openable and t.id > $1 order by t.id limit $2;

-- name: store_webhook_sealed
-- One of them under the key in use, if it is still the one that was read.
update webhook set sealed = $3 where id = $1 and sealed = $2 returning id;

-- name: text_number_sealed
-- Under an old key: numbers that may be texted.
select null::uuid as org_id, t.id as row_id, t.sealed as sealed from text_number t
  join network_key k on k.purpose = 'netfield' and k.key_id = substr(t.sealed, 2, 8)
 where k.state = 'expired' and k.openable and t.id > $1 order by t.id limit $2;

-- name: store_text_number_sealed
-- One of them under the key in use, if it is still the one that was read.
update text_number set sealed = $3 where id = $1 and sealed = $2 returning id;

-- name: inbound_text_sealed
-- Under an old key: what came from phones.
select null::uuid as org_id, t.id as row_id, t.sealed as sealed from inbound_text t
  join network_key k on k.purpose = 'netfield' and k.key_id = substr(t.sealed, 2, 8)
 where k.state = 'expired' and k.openable and t.id > $1 order by t.id limit $2;

-- name: store_inbound_text_sealed
-- One of them under the key in use, if it is still the one that was read.
update inbound_text set sealed = $3 where id = $1 and sealed = $2 returning id;
