-- name: insert
-- A link of one delivery; written again with the same delivery it changes nothing.
insert into link (id, org_id, referral_id, leg_id, address_id, delivery_id, secret_hash, expires_at,
  created_at)
values ($1, $2, $3, $4, $5, $6, $7, lk.now() + interval '14 days', lk.now())
on conflict (delivery_id) do nothing;

-- name: code_window
-- The window that the code of one mail belongs to.
select window_start from link_code where effect_id = $1;
