-- What comes back of a mail: which delivery its return path names, and the few facts that were read,
-- never a line of its content.
alter table receipt add column delivery_id uuid, add column facts jsonb not null default '{}';
grant select (delivery_id, facts) on receipt to lk_check;

-- A complaint is a state of its own; a soft bounce is counted by the mailbox it was sent to.
alter table delivery drop constraint delivery_state_check;
alter table delivery add constraint delivery_state_check check (state in
  ('attempted', 'sent', 'delivered', 'refused', 'bounced', 'complained', 'unknown', 'dead'));
alter table delivery add column soft_at timestamptz;
grant select (soft_at) on delivery to lk_check;
create index delivery_soft on delivery (coalesce(address_id, member_id), soft_at)
  where soft_at is not null;
create index delivery_arrived on delivery (coalesce(address_id, member_id), finished_at)
  where state = 'delivered';
