-- What a person says for a phone: who gave leave, who heard it, that a number is theirs after all; and
-- the words of a phone that a person has to read.
alter table text_consent
  add column given_by text check (given_by in ('self', 'parent', 'guardian', 'caregiver', 'other')),
  add column witness_member_id uuid,
  drop constraint text_consent_how_check,
  add constraint text_consent_how_check check (how in ('in_person', 'phone', 'form', 'text', 'page',
    'carrier', 'wrong_number', 'reopened'));

-- "Wrong number" was kept as a stop; a person may take it back, a stop only the same phone.
update text_consent e set how = 'wrong_number'
  from text_heard h
 where h.provider = e.provider and h.provider_event_id = e.provider_event_id
   and h.meaning = 'wrong_number' and e.how = 'text';

-- What was allowed before counts no more: it was given for somebody else's phone.
alter table text_number add column reopened_at timestamptz;

-- Sealed under the patient's own key, for the organization that is to read it.
alter table text_heard add column sealed bytea;

-- Each provider's points are seen, and chosen, by those who run the machines, on a page too.
create policy sms_provider_seen on sms_provider for select to lk_web using (true);
create policy sms_provider_chosen on sms_provider for update to lk_web
  using (current_setting('app.network', true) = 'on');
grant select, update (points, resting, errors, window_at, error_at, moved_at) on sms_provider to lk_web;

-- What the phones of one's own patients said is for all of the network.
create policy text_consent_phones on text_consent for select to lk_web
  using (org_id is null and exists (select from contact c where c.number_id = text_consent.number_id
    and c.org_id = nullif(current_setting('app.org', true), '')::uuid));

-- Numbers are found under the index key in use, so that an older one may go.
grant select (token), update (token, key_version) on text_number to lk_keys;

grant update (reopened_at) on text_number to lk_web;
grant select (reopened_at) on text_number to lk_web, lk_check;
grant select (given_by, witness_member_id) on text_consent to lk_check;
