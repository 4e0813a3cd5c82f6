"""Guards of the doors: who asks, from where, how often, and what is on record first."""

from tests.sabotage.guard import Guard

_GUARDS = "tests/web/test_guards.py"

_LATE = """
    import asyncio

    async def _late() -> None:
        await asyncio.sleep(0.1)
        async with office.db.transaction(Scope(org_id=actor.org_id)) as other:
            await _record(other, actor, card, detail, request_id=request_id)

    office.late = asyncio.create_task(_late())
    return sheet
"""

WEB = (
    Guard(
        name="a route names its policy or nothing starts",
        file="service/web/guards.py",
        text="            if not named or not all(isinstance(each, Action) for each in named):",
        instead="            if False:",
        test="tests/web/test_foundation.py::test_a_route_without_a_policy_stops_the_start",
    ),
    Guard(
        name="a role that may never do it is turned away at the door",
        file="service/web/guards.py",
        text="    if not any(policy.ever(found.actor, action) for action in wanted):",
        instead="    if False:",
        test=f"{_GUARDS}::test_a_role_that_may_never_do_it_is_refused_at_the_door",
    ),
    Guard(
        name="a write brings the session's own token",
        file="service/web/guards.py",
        text='        good = primitives.same(token.secret_hash(given), found.csrf_hash or b"")\n',
        instead="        good = True\n",
        test=f"{_GUARDS}::test_a_session_reads_without_a_token_and_writes_with_it",
    ),
    Guard(
        name="another site writes nothing",
        file="service/web/guards.py",
        text="    good = from_here(connection)\n",
        instead="    good = True\n",
        test=f"{_GUARDS}::test_another_site_cannot_write_even_with_the_token",
    ),
    Guard(
        name="a key is no cookie",
        file="service/web/guards.py",
        text="    if found is not None and (found.actor.api_key_id is not None)"
        " is not (kind is sessions.by_key):",
        instead="    if False:",
        test=f"{_GUARDS}::test_a_key_in_a_cookie_is_nobody_however_fresh_it_is",
    ),
    Guard(
        name="too often is too often",
        file="service/web/limits.py",
        text="            raise faults.RateLimited(retry_after=max(1, round(wait + 0.5)))\n",
        instead="            return\n",
        test="tests/web/test_limits.py"
        "::test_of_racing_calls_through_two_processes_exactly_the_burst_is_let_through",
    ),
    Guard(
        name="a wrong sign-in costs the same for everybody",
        file="service/actions/sign_in.py",
        text="    right = await hashing.verify(password, phc)\n",
        instead="    right = phc is not None and await hashing.verify(password, phc)\n",
        test="tests/web/test_uniform_answers.py"
        "::test_a_wrong_sign_in_is_the_same_and_costs_the_same_for_everybody",
    ),
    Guard(
        name="a person who is disabled does not sign in",
        file="service/actions/sign_in.py",
        text=' and person.state == "active"\n',
        instead="\n",
        test="tests/actions/test_signing_in.py"
        "::test_somebody_disabled_is_answered_like_a_wrong_password",
    ),
    Guard(
        name="a session stands for an active member",
        file="service/store/queries/sessions.sql",
        text="     (select c.idle_minutes from organization c where c.is_cco), 30))\n"
        "   and m.state = 'active' and o.state = 'active';",
        instead="     (select c.idle_minutes from organization c where c.is_cco), 30));",
        test=f"{_GUARDS}::test_a_session_that_nobody_ended_is_nobody_once_its_member_is_inactive",
    ),
    Guard(
        name="a proof changes the session's secret",
        file="service/store/queries/sessions.sql",
        text="   set secret_hash = $2, csrf_hash = $3,",
        instead="   set secret_hash = coalesce(secret_hash, $2::bytea), csrf_hash = $3,",
        test="tests/actions/test_prove.py::test_a_proof_changes_the_secret_and_keeps_the_sign_in",
    ),
    Guard(
        name="a visit is its browser's alone",
        file="service/actions/link_visit.py",
        text="    if standing is None or standing.browser != browser:",
        instead="    if standing is None:",
        test="tests/web/test_link_pages.py::test_a_strangers_cookie_opens_nothing",
    ),
    Guard(
        name="a look at a referral is on record",
        file="service/actions/read_referral.py",
        text="        await _record(connection, actor, card, detail, request_id=request_id)\n",
        test="tests/web/test_referrals.py::test_that_it_was_read_is_recorded",
    ),
    Guard(
        name="a look is on record before the first byte leaves",
        file="service/actions/read_referral.py",
        text="        await _record(connection, actor, card, detail, request_id=request_id)\n"
        "    return sheet\n",
        instead=_LATE,
        test="tests/web/test_looks.py::test_the_line_is_there_when_the_first_byte_leaves"
        "[/api/v1/referrals/{referral_id:uuid}]",
    ),
    Guard(
        name="a file is handed out when it was found clean",
        file="service/actions/read_attachment.py",
        text='    if row.state != "clean":\n        raise',
        instead="    if False:\n        raise",
        test="tests/web/test_attachments_api.py"
        "::test_nothing_is_handed_out_before_it_was_found_clean",
    ),
    Guard(
        name="a recipient reads of its own part",
        file="service/actions/read_referral.py",
        text="            return leg_id in {leg.id for leg in card.legs}\n",
        instead="            return True\n",
        test="tests/web/test_least_knowledge.py::test_a_recipient_learns_nothing_of_its_siblings",
    ),
    Guard(
        name="consent is asked for before anything is told",
        file="service/actions/gate.py",
        text="    if not refused:\n",
        instead="    if True:\n",
        test="tests/web/test_gate.py"
        "::test_what_was_withdrawn_admits_nobody_even_who_was_asked_before",
    ),
    Guard(
        name="psychotherapy notes stay shut in an emergency",
        file="service/domain/grants/emergency.py",
        text="OPENED = CLASSES - {SensitivityClass.PSYCHOTHERAPY}\n",
        instead="OPENED = CLASSES - set[SensitivityClass]()\n",
        test="tests/domain/test_policy_properties.py::test_no_emergency_opens_psychotherapy_notes",
    ),
    Guard(
        name="breaking the glass takes a proof in the act",
        file="service/actions/break_glass.py",
        text="    await prove.prove(office, actor, wish.proof)\n",
        test="tests/web/test_break_glass.py"
        "::test_without_proof_or_reason_nothing_is_opened_or_stored",
    ),
    Guard(
        name="log lines say what is on their list",
        file="service/logs.py",
        text="            line |= {key: value for key, value in fields.items() if key in KEYS}\n",
        instead="            line |= fields\n",
        test="tests/web/test_foundation.py::test_a_line_of_log_has_keys_of_the_list_only",
        quick=True,
    ),
    Guard(
        name="an exception's words stay out of the log",
        file="service/logs.py",
        text="error_class=_class_of(error), where",
        instead="error_class=str(error), where",
        test="tests/web/test_foundation.py"
        "::test_what_broke_is_told_by_its_class_and_place_and_never_in_its_words",
    ),
)
