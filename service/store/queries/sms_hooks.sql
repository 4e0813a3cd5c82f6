-- name: keep_receipt
-- What a provider said, as it said it; a second time it changes nothing. The web reads no receipts,
-- and so it is told nothing back.
insert into receipt (id, provider, event_id, kind, message_id, code, received_at)
values ($1, $2, $3, $4, $5, $6, lk.now())
on conflict do nothing;

-- name: keep_text
-- What came from a phone, sealed; a second time it changes nothing.
insert into inbound_text (id, provider, event_id, sealed, tokens, received_at, next_at)
values ($1, $2, $3, $4, $5, lk.now(), lk.now())
on conflict do nothing;
