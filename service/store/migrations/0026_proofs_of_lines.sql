-- Where a head stands among the heads of its checkpoint, and the hashes beside its way up to what is
-- signed, 32 bytes each. With them a log proves a line without seeing any other log. Heads of before
-- have no place; a log that grows, as it does with every look at it, has a head that has.
alter table audit_head add column place int not null default -1;
alter table audit_head add column path bytea not null default '';

-- Looks at conversations and at emergency accesses are lists too, each once while it stays the same.
drop index audit_list;
create index audit_list on audit (actor_member_id, at)
  where action in ('referral.list', 'thread.list', 'break_glass.list');
