-- The second floor of tenancy: row-level security, forced on every table from the first day.
-- Settings live for one transaction: app.org (whose eyes), app.person (who signed in), app.lookup
-- (a hash that is itself the proof), app.opening (the one referral this step may widen),
-- app.network (administration of the network itself).
do $fences$
declare
  -- `offset 0` below keeps PostgreSQL from hashing every referral an organization is party of:
  -- a look-up by primary key for each row seen costs the same at ten referrals and ten million.
  org constant text := $x$nullif(current_setting('app.org', true), '')::uuid$x$;
  person constant text := $x$nullif(current_setting('app.person', true), '')::uuid$x$;
  lookup constant text := $x$decode(coalesce(current_setting('app.lookup', true), ''), 'hex')$x$;
  opening constant text := $x$nullif(current_setting('app.opening', true), '')::uuid$x$;
  network constant text := $x$current_setting('app.network', true) = 'on'$x$;
  party constant text := $x$exists (select 1 from party p where p.org_id = %s
    and p.referral_id = %I.%I and (p.ended_at is null or p.ended_at > lk.now()) offset 0)$x$;
  seen text;
  t text;
begin
  for t in select tablename from pg_tables where schemaname = 'lk' loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy %I on %I for select to lk_check using (true)', t || '_check', t);
  end loop;

  -- The owner migrates; it may fill the reference tables and nothing else.
  foreach t in array array['rule', 'clock_offset', 'root_key', 'network_key',
                           'schema_migration'] loop
    execute format('create policy %I on %I to lk_owner using (true) with check (true)',
      t || '_owner', t);
    execute format('create policy %I on %I for select to lk_web, lk_worker using (true)',
      t || '_read', t);
  end loop;
  execute 'create policy clock_offset_move on clock_offset for update to lk_web, lk_worker
    using (writable) with check (writable)';

  -- The directory: every organization of the network reads it; its own rows it writes.
  execute 'create policy organization_read on organization for select to lk_web, lk_worker
    using (true)';
  execute format('create policy organization_add on organization for insert to lk_web
    with check (%s)', network);
  execute format('create policy organization_edit on organization for update to lk_web
    using (id = %s or %s)', org, network);
  foreach t in array array['closure', 'site', 'healthcare_service', 'clock_setting',
                           'public_key'] loop
    execute format('create policy %I on %I for select to lk_web using (%s is not null or %s)',
      t || '_read', t, org, network);
    execute format('create policy %I on %I to lk_web using (org_id = %s or %s)
      with check (org_id = %s or %s)', t || '_write', t, org, network, org, network);
    execute format('create policy %I on %I for select to lk_worker using (true)',
      t || '_work', t);
  end loop;
  execute format('create policy member_read on member for select to lk_web
    using (%s is not null or person_id = %s
      or exists (select 1 from session s where s.member_id = member.id)
      or exists (select 1 from api_key k where k.member_id = member.id))', org, person);
  execute format('create policy member_write on member to lk_web
    using (org_id = %s or %s) with check (org_id = %s or %s)', org, network, org, network);
  execute 'create policy member_work on member for select to lk_worker using (true)';

  -- People who sign in, and their proofs.
  execute format('create policy person_self on person to lk_web
    using (id = %s or login_token = %s) with check (id = %s)', person, lookup, person);
  execute format('create policy person_work on person for select to lk_worker using (exists
    (select 1 from member m where m.person_id = person.id and m.org_id = %s))', org);
  execute format('create policy session_self on session to lk_web
    using (secret_hash = %s or person_id = %s) with check (secret_hash = %s or person_id = %s)',
    lookup, person, lookup, person);
  execute format('create policy invitation_self on invitation to lk_web
    using (secret_hash = %s or person_id = %s) with check (secret_hash = %s or person_id = %s)',
    lookup, person, lookup, person);
  execute format('create policy api_key_own on api_key to lk_web
    using (org_id = %s or secret_hash = %s) with check (org_id = %s or secret_hash = %s)',
    org, lookup, org, lookup);
  execute format('create policy idempotency_own on idempotency to lk_web, lk_worker
    using (org_id = %s) with check (org_id = %s)', org, org);

  -- One organization's own rows.
  foreach t in array array['patient', 'patient_index', 'contact', 'consent', 'external_id'] loop
    execute format('create policy %I on %I to lk_web, lk_worker
      using (org_id = %s) with check (org_id = %s)', t || '_own', t, org, org);
  end loop;
  -- Coordinators and a central intake let others in on the sender's consent: they must see that
  -- it still stands, of the one referral their step opens.
  execute format('create policy consent_opened on consent for select to lk_web
    using (exists (select 1 from referral r where r.id = %s and r.consent_id = consent.id))',
    opening);
  foreach t in array array['address', 'agency_worker', 'org_key'] loop
    execute format('create policy %I on %I to lk_web, lk_worker
      using (org_id = %s or %s) with check (org_id = %s or %s)',
      t || '_own', t, org, network, org, network);
  end loop;

  -- Shared rows: whoever is a party sees them; a step may widen the one referral it opens.
  execute format('create policy party_own on party to lk_web, lk_worker
    using (org_id = %s or referral_id = %s) with check (referral_id = %s)', org, opening, opening);
  seen := format(party, org, 'referral', 'id');
  execute format('create policy referral_party on referral for select to lk_web, lk_worker
    using (%s or id = %s)', seen, opening);
  execute format('create policy referral_edit on referral for update to lk_web, lk_worker
    using (%s)', seen);
  execute format('create policy referral_add on referral for insert to lk_web
    with check (id = %s and sender_org_id = %s)', opening, org);
  foreach t in array array['leg', 'event', 'document', 'appointment', 'claim', 'referral_fact',
                           'epoch', 'seal', 'content'] loop
    seen := format(party, org, t, 'referral_id');
    execute format('create policy %I on %I for select to lk_web, lk_worker using (%s)',
      t || '_party', t, seen);
    execute format('create policy %I on %I for insert to lk_web, lk_worker
      with check (referral_id = %s or %s)', t || '_add', t, opening, seen);
    execute format('create policy %I on %I for update to lk_web, lk_worker using (%s)',
      t || '_edit', t, seen);
  end loop;
  execute format('create policy disclosure_own on disclosure for select to lk_web
    using (org_id = %s or to_org_id = %s)', org, org);
  execute format('create policy disclosure_add on disclosure for insert to lk_web, lk_worker
    with check (referral_id = %s)', opening);

  -- Machinery: the web writes for anyone and reads its own; a worker reads it all.
  foreach t in array array['outbox', 'timer'] loop
    seen := format(party, org, t, 'referral_id');
    execute format('create policy %I on %I for insert to lk_web with check (true)',
      t || '_add', t);
    execute format('create policy %I on %I for select to lk_web using (%s)', t || '_party', t, seen);
    execute format('create policy %I on %I for update to lk_web using (%s)', t || '_edit', t, seen);
  end loop;
  execute 'create policy human_task_add on human_task for insert to lk_web with check (true)';
  execute format('create policy human_task_own on human_task for select to lk_web
    using (org_id = %s or referral_id = %s)', org, opening);
  execute format('create policy human_task_edit on human_task for update to lk_web
    using (org_id = %s or referral_id = %s)', org, opening);
  execute format('create policy delivery_party on delivery for select to lk_web using (%s)',
    format(party, org, 'delivery', 'referral_id'));
  execute 'create policy audit_add on audit for insert to lk_web, lk_worker with check (true)';
  execute format('create policy audit_own on audit for select to lk_web using (org_id = %s)', org);
  execute 'create policy receipt_add on receipt for insert to lk_web with check (true)';
  foreach t in array array['outbox', 'timer', 'human_task', 'delivery', 'receipt', 'worker_beat',
                           'breaker', 'clock_watch'] loop
    execute format('create policy %I on %I to lk_worker using (true) with check (true)',
      t || '_work', t);
  end loop;
  foreach t in array array['worker_beat', 'breaker'] loop
    execute format('create policy %I on %I for select to lk_web using (true)', t || '_read', t);
  end loop;

  -- A worker sees the one referral whose effect or timer it holds; content stays with its parties.
  execute format('create policy referral_work on referral for select to lk_worker
    using (id = %s)', opening);
  execute format('create policy leg_work on leg for select to lk_worker
    using (referral_id = %s)', opening);

  -- Chores: what is long over may be swept away, and nothing else is seen for it.
  execute $x$create policy idempotency_sweep on idempotency to lk_worker
    using (created_at < lk.now() - interval '7 days')$x$;
  execute $x$create policy session_sweep on session to lk_worker
    using (expires_at < lk.raw_now() - interval '7 days')$x$;

  -- The e-mail link.
  execute format('create policy link_known on link for select to lk_web
    using (secret_hash = %s or org_id = %s or referral_id = %s)', lookup, org, opening);
  execute format('create policy link_edit on link for update to lk_web
    using (secret_hash = %s or org_id = %s or referral_id = %s)', lookup, org, opening);
  foreach t in array array['challenge', 'link_session'] loop
    execute format('create policy %I on %I to lk_web
      using (secret_hash = %s or org_id = %s) with check (secret_hash = %s or org_id = %s)',
      t || '_known', t, lookup, org, lookup, org);
  end loop;
  foreach t in array array['link_code', 'link_hit'] loop
    execute format('create policy %I on %I to lk_web
      using (org_id = %s) with check (org_id = %s)', t || '_own', t, org, org);
  end loop;
  foreach t in array array['link', 'link_code', 'challenge', 'link_session', 'link_hit'] loop
    execute format('create policy %I on %I to lk_worker using (true) with check (true)',
      t || '_work', t);
  end loop;
end
$fences$;
