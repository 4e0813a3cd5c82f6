-- Who wants no reminders by mail any more; all other mails still go there.
alter table address add column reminders_off_at timestamptz;
alter table member add column reminders_off_at timestamptz;
grant select (reminders_off_at) on address, member to lk_check;
