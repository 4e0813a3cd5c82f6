"""Guards of the store and the workers: fences, races, leases, the record."""

from tests.sabotage.guard import Guard

_FENCES = "tests/store/test_fences.py"
_CODES = "tests/web/test_link_codes.py"

STORE = (
    Guard(
        name="settings of a scope end with its transaction",
        file="service/store/pool.py",
        text="""f"set local {name} = '{value}'" for""",
        instead="""f"set {name} = '{value}'" for""",
        test="tests/store/test_pool.py::test_between_transactions_a_connection_has_nobodys_eyes",
    ),
    Guard(
        name="a scope spells the settings it leaves empty",
        file="service/store/pool.py",
        text="""{value}'" for name, value in settings.items()\n""",
        instead="""{value}'" for name, value in settings.items() if value\n""",
        test="tests/store/test_pool.py::test_no_setting_outlives_its_transaction_whoever_left_it",
    ),
    Guard(
        name="a pool speaks as its own role",
        file="service/store/pool.py",
        text="        if not await connection.fetchval(_ASSERT, role):",
        instead="        if False:",
        test=f"{_FENCES}::test_a_pool_of_the_wrong_role_does_not_open",
    ),
    Guard(
        name="patients are one organization's own rows",
        file="service/store/migrations/0009_fences.sql",
        text=(
            "array['patient', 'patient_index', 'contact', 'consent', 'external_id'] loop\n"
            "    execute format('create policy %I on %I to lk_web, lk_worker\n"
            "      using (org_id = %s)"
        ),
        instead=(
            "array['patient', 'patient_index', 'contact', 'consent', 'external_id'] loop\n"
            "    execute format('create policy %I on %I to lk_web, lk_worker\n"
            "      using (true or org_id = %s)"
        ),
        test=f"{_FENCES}::test_a_statement_without_a_where_sees_its_own_patients_only",
        quick=True,
    ),
    Guard(
        name="a referral is its parties' row",
        file="service/store/migrations/0009_fences.sql",
        text=(
            "referral_party on referral for select to lk_web, lk_worker\n    using (%s or id = %s)"
        ),
        instead=(
            "referral_party on referral for select to lk_web, lk_worker\n"
            "    using (true or %s or id = %s)"
        ),
        test=f"{_FENCES}::test_the_parties_see_the_order_and_nobody_else_does",
    ),
    Guard(
        name="a step is written on the version it was decided on",
        file="service/store/queries/steps.sql",
        text="$3::jsonb->>'owner_member_id')::uuid\n   where r.id = $1 and r.version = $2\n",
        instead="$3::jsonb->>'owner_member_id')::uuid\n"
        "   where r.id = $1 and (r.version = $2 or true)\n",
        test="tests/store/test_step.py"
        "::test_sixty_racing_steps_have_one_winner_one_event_one_effect",
    ),
    Guard(
        name="what somebody saw is compared with what is",
        file="service/actions/take_step.py",
        text="    if order.seen is not None and order.seen != current:",
        instead="    if False:",
        test="tests/web/test_bad_input.py::test_a_stale_version_is_told_the_new_one",
    ),
    Guard(
        name="a link moves no leg but its own",
        file="service/actions/take_step.py",
        text="    if actor.kind is ActorKind.LINK and not await",
        instead="    if False and not await",
        test="tests/store/test_take_step.py::test_a_link_moves_no_leg_but_its_own",
    ),
    Guard(
        name="a key sent again with another body is no repeat",
        file="service/web/idempotency.py",
        text="        if not primitives.same(spent.body_mac, once.body_mac):",
        instead="        if False:",
        test="tests/web/test_bad_input.py::test_an_act_sent_twice_is_one_act",
    ),
    Guard(
        name="a code is used once",
        file="service/store/queries/links.sql",
        text="where link_id = $1 and window_start = $2 and used_at is null\n",
        instead="where link_id = $1 and window_start = $2\n",
        test=f"{_CODES}::test_a_hundred_racing_entries_make_one_visit",
    ),
    Guard(
        name="a browser has five tries",
        file="service/store/queries/link_sessions.sql",
        text=" and tries < 5 and",
        instead=" and",
        test=f"{_CODES}::test_a_browser_has_five_tries_and_pressing_again_gives_none_back",
    ),
    Guard(
        name="a link is frozen after twenty wrong codes",
        file="service/actions/verify_link.py",
        text="        if count >= FREEZE_AT:",
        instead="        if False:",
        test=f"{_CODES}::test_ten_wrong_codes_delay_and_twenty_freeze_and_tell_both_sides",
    ),
    Guard(
        name="one courier has an effect at a time",
        file="service/store/queries/outbox.sql",
        text="   and (o.claimed_until is null or o.claimed_until <= lk.now())"
        " and not (select lk.held())\n",
        test="tests/workers/test_leases.py::test_of_two_couriers_one_has_an_effect",
    ),
    Guard(
        name="a text waits until what phones said is heard",
        file="service/store/queries/texts.sql",
        text="   and exists (select from inbound_text t\n",
        instead="   and false and exists (select from inbound_text t\n",
        test="tests/workers/test_texts_once.py"
        "::test_a_text_waits_while_another_worker_has_what_a_phone_said",
    ),
    Guard(
        name="a text that a receipt speaks of is not sent again",
        file="service/store/queries/outbox.sql",
        text="    where d.effect_id = o.id and d.state in ('sent', 'delivered')) as reported;\n",
        instead="    where false) as reported;\n",
        test="tests/workers/test_texts_once.py"
        "::test_a_text_whose_receipt_came_before_its_answer_is_not_sent_again",
    ),
    Guard(
        name="what was rung is out of reach while its lease lasts",
        file="service/store/queries/outbox.sql",
        text="     set next_at = lk.now() + interval '10 seconds', rings = o.rings + 1\n",
        instead="     set rings = o.rings + 1\n",
        test="tests/workers/test_leases.py::test_what_was_rung_is_rung_again_when_its_lease_ends",
    ),
    Guard(
        name="a glass is broken for an hour",
        file="service/store/queries/break_glass.sql",
        text="   and patient_id = $5 and ended_at is null and until_at > lk.now()\n",
        instead="   and patient_id = $5 and ended_at is null\n",
        test="tests/web/test_break_glass.py::test_after_an_hour_the_key_is_there_and_opens_nothing",
    ),
    Guard(
        name="a try is spent before a password is checked",
        file="service/store/queries/people.sql",
        text=" where id = $1 and (delay_until is null or delay_until <= $2)\n",
        instead=" where id = $1 and (delay_until is null or delay_until <= $2 or true)\n",
        test="tests/actions/test_signing_in.py"
        "::test_after_five_failures_even_the_right_password_waits",
    ),
    Guard(
        name="a code of the authenticator works once",
        file="service/store/queries/people.sql",
        text=" where id = $1 and totp_last_step < $2 returning id;",
        instead=" where id = $1 returning id;",
        test="tests/actions/test_signing_in.py"
        "::test_a_confirmed_authenticator_is_asked_for_and_each_code_works_once",
    ),
    Guard(
        name="a reset ripens before it is confirmed",
        file="service/store/queries/factor_resets.sql",
        text=" and ripe_at <= $4 and",
        instead=" and",
        test="tests/actions/test_resetting_factors.py"
        "::test_the_statement_itself_waits_until_the_reset_is_ripe",
    ),
    Guard(
        name="a checkpoint is signed",
        file="crypto/checkpoint.py",
        text="        primitives.verify(key, self.signature, self.checkpoint.body())\n",
        test="tests/store/test_tampering.py::test_every_edit_of_a_sealed_record_is_found",
    ),
    Guard(
        name="a checkpoint names the one before",
        file="service/actions/verify_record.py",
        text="    if made.previous != chain.digest:",
        instead="    if False:",
        test="tests/store/test_tampering.py"
        "::test_a_checkpoint_of_another_past_is_found_although_its_key_is_known",
    ),
    Guard(
        name="a text waits for the one before it to the same number",
        file="service/store/texts.py",
        text="    await connection.execute(Q.hold, number_id)\n",
        instead="",
        test=(
            "tests/workers/test_patient_texts.py"
            "::test_two_texts_that_are_due_at_once_are_told_on_two_days"
        ),
    ),
    Guard(
        name="nobody reopens what the phone itself stopped",
        file="service/store/queries/text_numbers.sql",
        text="then 'open' else 'stopped' end",
        instead="then 'open' else 'open' end",
        test=("tests/web/test_contact_pages.py::test_nobody_reopens_what_the_phone_itself_stopped"),
    ),
    Guard(
        name="what was only spoken has a witness",
        file="service/actions/allow_texts.py",
        text="    if leave.how == BY_PAPER or not leave.purposes:",
        instead="    if True:",
        test=(
            "tests/web/test_contact_pages.py"
            "::test_what_was_only_spoken_needs_somebody_else_who_heard_it"
        ),
    ),
)
