-- name: insert
-- Somebody says that they forgot their password; the row says nothing of whether they exist.
insert into password_ask (id, logins, key_version, asked_at) values ($1, $2, $3, $4);

-- name: waiting
-- Questions that wait.
select id, logins from password_ask where done_at is null order by asked_at limit $1;

-- name: done
-- A question is answered once.
update password_ask set done_at = $2 where id = $1 and done_at is null returning id;
