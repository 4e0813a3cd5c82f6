-- An operator, who is no member, names people for what comes in, too; the record says who did.
alter table assignment_rule alter column set_by_member_id drop not null;
