"""Referrals that take another way home: each told whole over the real service."""

import asyncio

from tests.loop.people import Cast

ACCEPT = {"owner": {"name": "Sam Lee"}, "expected_by": "2030-01-02"}
BOOKED = {"starts_at": "2030-01-02T18:00:00Z", "modality": "in_person"}
SERVED = {"outcome": "served", "need_met": "yes"}
NOTE = {
    "type_code": "11488-4",
    "text": "Seen; murmur is innocent.",
    "author": "Dr. Helen Park",
    "written_on": "2026-11-20",
}


async def test_a_declined_referral_is_routed_to_the_next(story: Cast) -> None:
    first, second = await story.account("First"), await story.account("Second")
    referral = await story.send(first.org)
    await first.step(referral, "decline", reason="no_capacity", no_capacity_until="2030-01-02")
    assert (await story.states(referral))[0] == "needs_routing"
    await story.clinic.order(referral, "add_leg", recipients=[str(second.org.service_id)])
    assert await story.states(referral) == ("with_recipient", ["declined", "sent"])
    await second.step(referral, "accept", leg=2, **ACCEPT)
    await second.step(referral, "complete", leg=2, **SERVED)
    await story.clinic.order(referral, "review")
    assert (await story.states(referral))[0] == "closed"


async def test_a_question_is_answered_before_it_is_accepted(story: Cast) -> None:
    office = await story.account()
    referral = await story.send(office.org)
    await office.step(referral, "ask", items=["insurance card"], due_on="2030-01-02")
    assert (await story.states(referral))[1] == ["needs_info"]
    await story.clinic.step(referral, "supply", items=["insurance card: sent by fax"])
    assert (await story.states(referral))[1] == ["received"]
    found = await office.referral(referral)
    asked = next(line for line in found["history"] if line["step"] == "supply")
    assert asked["words"]["items"] == ["insurance card: sent by fax"]
    await office.step(referral, "accept", **ACCEPT)
    await office.step(referral, "ask", items=["last ECG"], due_on="2030-01-02")
    assert (await story.states(referral))[1] == ["accepted"]


async def test_a_cancellation_is_asked_for_and_confirmed(story: Cast) -> None:
    office = await story.account()
    referral = await story.send(office.org)
    await office.step(referral, "accept", **ACCEPT)
    await story.clinic.step(referral, "request_cancel", reason="patient_moved")
    assert (await story.states(referral))[1] == ["cancel_requested"]
    await office.step(referral, "confirm_cancel")
    assert await story.states(referral) == ("needs_routing", ["cancelled"])
    await story.clinic.order(
        referral, "close_without_service", reason="patient_moved", patient_informed=True
    )
    closed = (await story.clinic.referral(referral))["referral"]
    assert (closed["state"], closed["disposition"]) == ("closed", "not_served")


async def test_a_no_show_is_booked_again(story: Cast) -> None:
    office = await story.account()
    referral = await story.send(office.org)
    await office.step(referral, "accept", **ACCEPT, also=[{"step": "schedule", **BOOKED}])
    assert (await story.states(referral))[1] == ["scheduled"]
    await office.step(referral, "no_show")
    await office.step(referral, "schedule", starts_at="2030-02-02T18:00:00Z", modality="in_person")
    await office.step(referral, "start", service_on="2030-02-02")
    await office.step(referral, "complete", **SERVED)
    assert (await story.states(referral))[0] == "awaiting_review"
    booked = (await story.clinic.referral(referral))["appointments"]
    assert sorted(each["state"] for each in booked) == ["attended", "no_show"]


async def test_the_first_of_three_racing_acceptances_wins(story: Cast) -> None:
    three = [await story.account(name) for name in ("One", "Two", "Three")]
    referral = await story.send(*(each.org for each in three))
    answers = await asyncio.gather(
        *(each.try_step(referral, "accept", leg=n, **ACCEPT) for n, each in enumerate(three, 1))
    )
    assert sorted(answer.status_code for answer in answers)[0] == 200
    assert sum(answer.status_code == 200 for answer in answers) == 1
    lost = next(answer for answer in answers if answer.status_code != 200)
    assert lost.status_code in (404, 409, 412)
    assert sorted((await story.states(referral))[1]) == ["accepted", "cancelled", "cancelled"]


async def test_a_faxed_answer_is_recorded_on_the_recipients_behalf(story: Cast) -> None:
    office = await story.account(evidence="consult_note")
    referral = await story.send(office.org)
    heard = {"source": "fax", "spoke_to": "front desk", "happened_at": "2026-11-20T17:00:00Z"}
    await story.clinic.step(
        referral,
        "accept",
        **ACCEPT,
        on_behalf=heard,
        also=[{"step": "complete", **SERVED, "document": NOTE}],
    )
    assert await story.states(referral) == ("awaiting_review", ["completed"])
    found = await story.clinic.referral(referral)
    entered = next(line for line in found["history"] if line["step"] == "complete")
    assert (entered["party"], entered["source"], entered["on_behalf"]) == ("RECIPIENT", "fax", True)
    assert entered["at"] < entered["entered_at"]
    assert found["documents"][0]["text"] == NOTE["text"]


async def test_an_addendum_is_asked_for_and_comes(story: Cast) -> None:
    office = await story.account(evidence="consult_note")
    referral = await story.send(office.org)
    await office.step(referral, "accept", **ACCEPT)
    await office.step(referral, "complete", **SERVED, document=NOTE)
    await story.clinic.step(referral, "request_addendum", comment="The dose is missing.")
    assert await story.states(referral) == ("awaiting_review", ["addendum_requested"])
    refused = await story.clinic.post(
        f"/referrals/{referral}/steps",
        {
            "step": "review",
            "version": (await story.clinic.referral(referral))["referral"]["version"],
        },
    )
    assert refused.status_code == 409
    await office.step(referral, "addendum", document=NOTE | {"text": "10 mg once a day."})
    await story.clinic.order(referral, "review")
    assert (await story.states(referral))[0] == "closed"
    await office.step(referral, "addendum", document=NOTE | {"text": "Correction: 5 mg."})
    assert (await story.states(referral))[0] == "awaiting_review"


async def test_an_acceptance_is_taken_back_and_its_siblings_return(story: Cast) -> None:
    one, two = await story.account("One"), await story.account("Two")
    referral = await story.send(one.org, two.org)
    await one.step(referral, "accept", **ACCEPT)
    assert (await story.states(referral))[1] == ["accepted", "cancelled"]
    await one.step(referral, "undo")
    assert await story.states(referral) == ("with_recipient", ["sent", "sent"])
    await story.town.skip(story.cco, hours=1)
    await asyncio.sleep(1)
    assert story.town.letters(two.org.mailbox) != []
    said = [str(mail["subject"]).lower() for mail in story.town.letters(two.org.mailbox)]
    assert not any("another" in subject for subject in said)


async def test_a_recipient_silent_for_ever_still_leaves_a_way_home(story: Cast) -> None:
    office = await story.account("Silent Office")
    referral = await story.send(office.org)
    await story.town.skip(story.cco, days=30)
    task = await _task(story, "overdue_answer", referral)
    assert task["about_org_id"] == str(office.org.id)
    for _ in range(3):
        await story.cco.step(referral, "log_attempt", attempt_result="no_answer")
    await story.cco.step(referral, "end_unresponsive", reason="unresponsive")
    assert await story.states(referral) == ("needs_routing", ["unable"])
    await story.clinic.order(
        referral, "close_without_service", reason="no_service_available", patient_informed=True
    )
    assert (await story.states(referral))[0] == "closed"


async def _task(story: Cast, kind: str, referral: str) -> dict[str, str]:
    for _ in range(100):
        found = (await story.cco.get("/human-tasks", limit=100)).json()["items"]
        mine = [task for task in found if task["referral_id"] == referral and task["kind"] == kind]
        if mine:
            return mine[0]
        await asyncio.sleep(0.1)
    raise AssertionError(story.town.logs()[-4000:])
