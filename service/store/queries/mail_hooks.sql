-- name: keep
-- What a provider said of a mail; a second time it changes nothing. The web reads no receipts, and so
-- it is told nothing back.
insert into receipt (id, provider, event_id, kind, message_id, code, delivery_id, received_at)
values ($1, $2, $3, $4, $5, $6, $7, lk.now())
on conflict do nothing;
