-- Digests: routine reminders that wait for one daily mail. An effect that was gathered names the digest
-- it goes in, and ends with it; a digest is an effect of its own, one for each recipient and morning.
alter table outbox drop constraint outbox_state_check,
  add constraint outbox_state_check check (state in
    ('pending', 'parked', 'gathered', 'done', 'expired', 'cancelled', 'dead'));
-- When a digest took its items: nothing joins it any more.
alter table outbox add column gathered_at timestamptz;
drop index outbox_digest;
create unique index outbox_digest on outbox
  (kind, org_id, coalesce(member_id, org_id), digest_at) where digest_at is not null;
create index outbox_in_digest on outbox (digest_id) where digest_id is not null;
-- How many reminders one recipient had today is counted by their deliveries.
drop index outbox_nudged;
create index delivery_recipient on delivery (coalesce(address_id, member_id), created_at)
  where channel = 'mail';
grant select (gathered_at) on outbox to lk_check;

-- When routine mail comes to a member: as the organization says, unless the member said otherwise.
alter table organization add column routine_mail text not null default 'digest'
  check (routine_mail in ('at_once', 'digest'));
alter table member alter column routine_mail drop not null, alter column routine_mail drop default,
  drop constraint member_routine_mail_check,
  add constraint member_routine_mail_check check (routine_mail in ('at_once', 'digest', 'none'));
update member set routine_mail = null;
grant select (routine_mail) on organization to lk_check;
