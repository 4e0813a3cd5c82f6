-- A form is kept while it is typed, one for each place of a person; sealed like what is kept over a
-- sign-in, and gone after some days.
alter table parked_form drop constraint parked_form_kind_check;
alter table parked_form add constraint parked_form_kind_check check (kind in ('form', 'place', 'draft'));
alter table parked_form add column place text check (length(place) between 1 and 120);
alter table parked_form add constraint parked_form_draft_place check ((kind = 'draft') = (place is not null));
create unique index parked_form_draft on parked_form (person_id, org_id, place) where kind = 'draft';
