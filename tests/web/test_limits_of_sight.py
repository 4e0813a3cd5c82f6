"""What is not seen: protected care by coordinators, anything by those who were parties once."""

from typing import Any
from uuid import UUID

from service.domain import ids
from service.domain.people import SensitivityClass
from service.domain.rules import Step
from service.store.pool import Scope
from tests.web.site import Site


async def move_clock(site: Site, days: int) -> None:
    """Let days pass for everybody."""
    async with site.house.worker.transaction(Scope()) as connection:
        await connection.execute(
            "update clock_offset set offset_by = offset_by + make_interval(days => $1)", days
        )


async def test_coordinators_see_of_protected_care_its_stage_and_age(here: Site) -> None:
    house = here.house
    cco = await house.organization("Valley CCO", kind="coordination", cco=True)
    sender = await house.organization("Rosehill Treatment", part2=True, public_name="Rosehill")
    recipient = await house.organization("Bay Psychiatry")
    consent_id = await _consent(here, sender, recipient)
    made = await house.referral(
        sender,
        [recipient],
        send=True,
        sensitivity=SensitivityClass.PSYCHOTHERAPY,
        patient_id=consent_id[1],
        consent_basis="signed_form",
        consent_id=consent_id[0],
    )
    async with await here.program(cco.actor) as coordinator:
        read = (await coordinator.get(f"/api/v1/referrals/{made.referral_id}")).json()
        listed = (await coordinator.get("/api/v1/referrals")).json()["items"]
        leg = made.plan.referral.legs[0]
        await _overdue(here, cco, recipient, leg_id=leg.id, referral_id=made.referral_id)
        tasks = (await coordinator.get("/api/v1/human-tasks")).json()["items"]
        call = {"version": leg.version, "step": "log_attempt", "attempt_result": "no_answer"}
        told = await coordinator.post(f"/api/v1/legs/{leg.id}/steps", json=call)
    assert (told.status_code, told.json()["legs"]) == (200, [])
    assert [task["reference"] for task in tasks] == [read["referral"]["reference"]]
    assert {tasks[0][field] for field in ("leg_id", "about_org_id", "about")} == {None}
    allowed = {"id", "reference", "state", "created_at", "since", "web_url", "stage_only"}
    assert set(read) == {"referral"}
    assert set(read["referral"]) == allowed
    assert set(listed[0]) == allowed
    async with await here.program(recipient.actor) as entitled:
        assert "question" in (await entitled.get(f"/api/v1/referrals/{made.referral_id}")).json()


async def _overdue(
    here: Site, cco: Any, recipient: Any, *, leg_id: UUID, referral_id: UUID
) -> None:
    async with here.house.worker.transaction(Scope(org_id=cco.id)) as connection:
        await connection.execute(
            "insert into human_task (id, kind, org_id, referral_id, leg_id, about_org_id, reason,"
            " opened_at) values ($1, 'overdue_answer', $2, $3, $4, $5, 'answer_overdue', lk.now())",
            ids.new_id(),
            cco.id,
            referral_id,
            leg_id,
            recipient.id,
        )


async def _consent(here: Site, sender: Any, recipient: Any) -> Any:
    patient = await here.house.patient(sender)
    consent_id = ids.new_id()
    async with here.house.office.db.transaction(Scope(org_id=sender.id)) as connection:
        await connection.execute(
            "insert into consent (org_id, id, patient_id, basis, classes, to_org_ids, purpose,"
            " signed_on, sealed, created_at) values ($1, $2, $3, 'signed_form', $4, $5,"
            " 'treatment', '2026-01-02', 'x', lk.now())",
            sender.id,
            consent_id,
            patient.id,
            ["general", "psychotherapy"],
            [recipient.id],
        )
    return consent_id, patient.id


async def test_who_declined_sees_nothing_once_the_undo_window_is_over(here: Site) -> None:
    house = here.house
    sender = await house.organization("Northside Clinic")
    recipient = await house.organization("Harbor Food Bank")
    made = await house.sent(sender, [recipient])
    leg = made.plan.referral.legs[0]
    await house.step(recipient.actor, leg.id, Step.DECLINE)
    async with await here.program(recipient.actor) as caller:
        path = f"/api/v1/referrals/{made.referral_id}"
        assert (await caller.get(path)).status_code == 200
        async with house.worker.transaction(Scope()) as connection:
            movable = await connection.fetchval("select writable from clock_offset")
        if not movable:
            await _movable(here)
        await move_clock(here, 1)
        none = await caller.get(path)
        assert none.status_code == 404
        assert (await caller.get("/api/v1/referrals")).json()["items"] == []
        assert none.content == (await caller.get("/nowhere")).content


async def _movable(here: Site) -> None:
    import asyncpg

    connection = await asyncpg.connect(here.owner_url)
    try:
        await connection.execute("update lk.clock_offset set writable = true")
    finally:
        await connection.close()


async def test_resolving_a_task_winds_its_clock_up_again(here: Site) -> None:
    house = here.house
    sender = await house.organization("Northside Clinic")
    recipient = await house.organization("Harbor Food Bank")
    made = await house.sent(sender, [recipient])
    leg = made.plan.referral.legs[0]
    async with house.worker.transaction(Scope()) as connection:
        await connection.execute(
            "update timer set state = 'fired', ended_at = lk.now() where leg_id = $1", leg.id
        )
        await connection.execute(
            "insert into human_task (id, kind, org_id, referral_id, leg_id, reason, opened_at)"
            " values ($1, 'overdue_answer', $2, $3, $4, 'answer_overdue', lk.now())",
            ids.new_id(),
            sender.id,
            made.referral_id,
            leg.id,
        )
    async with await here.program(sender.actor) as caller:
        assert len((await caller.get("/api/v1/referrals?view=overdue")).json()["items"]) == 1
        tasks = (await caller.get("/api/v1/human-tasks")).json()["items"]
        assert [task["kind"] for task in tasks] == ["overdue_answer"]
        path = f"/api/v1/human-tasks/{tasks[0]['id']}/resolve"
        first = await caller.post(path, json={"resolution": "called"})
        again = await caller.post(path, json={"resolution": "called"})
        assert (first.status_code, again.status_code) == (204, 204), first.text
        assert (await caller.get("/api/v1/human-tasks")).json()["items"] == []
    async with house.worker.transaction(Scope()) as connection:
        armed = await connection.fetch(
            "select clock, rung, due_at > lk.now() as later from timer where state = 'armed'"
        )
    assert [(row["clock"], row["rung"], row["later"]) for row in armed] == [("answer", 1, True)]
    async with await here.program(recipient.actor) as caller:
        assert (await caller.post(path, json={"resolution": "called"})).status_code == 404


async def test_what_was_recalled_or_voided_is_seen_by_nobody_it_was_sent_to(here: Site) -> None:
    house = here.house
    cco = await house.organization("Valley CCO", kind="coordination", cco=True)
    sender = await house.organization("Northside Clinic")
    recipient = await house.organization("Harbor Food Bank")
    recalled, voided = [await house.sent(sender, [recipient]) for _ in range(2)]
    async with await here.program(recipient.actor) as caller:
        for made, step in ((recalled, Step.RECALL), (voided, Step.VOID)):
            path = f"/api/v1/referrals/{made.referral_id}"
            assert (await caller.get(path)).status_code == 200
            await house.step(sender.actor, None, step, referral_id=made.referral_id)
            assert (await caller.get(path)).status_code == 404
    async with await here.program(cco.actor) as coordinator:
        path = f"/api/v1/referrals/{recalled.referral_id}"
        assert (await coordinator.get(path)).status_code == 404
        await house.step(sender.actor, None, Step.SEND, referral_id=recalled.referral_id)
        assert (await coordinator.get(path)).status_code == 200
