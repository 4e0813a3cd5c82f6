-- Single keys may be turned off by whoever speaks to the machine, or whose hand meets them by chance
-- (WCAG 2.2, 2.1.4). The person's own word, the same at each organization.
alter table person add column shortcuts boolean not null default true;
