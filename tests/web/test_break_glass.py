"""Emergency access: for one, for an hour, read-only, told at once, reviewed by another."""

from typing import Any

import pytest

from service.domain.people import Role, SensitivityClass
from service.store import invariants
from service.store.pool import Scope
from tests.web import emergency
from tests.web.emergency import QUESTION, Protected, breaking
from tests.web.site import Site


@pytest.fixture
async def world(here: Site) -> Protected:
    return await emergency.protected(here)


async def test_coordinators_clinician_reads_what_no_key_of_theirs_opened(world: Protected) -> None:
    doctor, caller = await world.person(world.cco, Role.CLINICIAN)
    _, colleague = await world.person(world.cco, Role.CLINICIAN, Role.COORDINATOR)
    before = (await caller.get(world.path)).json()
    assert before["referral"]["stage_only"] is True
    made = await caller.post(world.break_path, json=breaking())
    assert made.status_code == 201, made.text
    assert "part2" in made.json()["classes"]
    assert made.json()["referral_ids"] == [str(world.referral_id)]
    read = (await caller.get(world.path)).json()
    assert read["question"] == QUESTION
    assert read["redisclosure_notice"]
    assert read["patient"]["name"]["family"]
    # For that member and that session only.
    elsewhere = await world.again(doctor)
    for other in (colleague, elsewhere):
        assert set((await other.get(world.path)).json()) == {"referral"}
    (line,) = await world.rows(
        "select detail from audit where action = 'referral.read' and detail ? 'break_glass'"
    )
    assert line["detail"]["break_glass"] == made.json()["id"]
    told = await world.rows(
        "select to_org_id, class, basis from disclosure where break_glass_id is not null"
    )
    assert [tuple(row) for row in told] == [(world.cco.id, "part2", "emergency")]
    await holds_together(world)


async def holds_together(world: Protected) -> None:
    always = [each for each in invariants.INVARIANTS if not each.running]
    async with world.here.house.check.transaction(Scope()) as connection:
        found = await invariants.check(connection, always)
    assert [each for each in found if not each.holds] == []


async def test_after_an_hour_the_key_is_there_and_opens_nothing(world: Protected) -> None:
    _, caller = await world.person(world.cco, Role.CLINICIAN, Role.COORDINATOR)
    await caller.post(world.break_path, json=breaking())
    await world.wait(59)
    assert (await caller.get(world.path)).json()["question"] == QUESTION
    await world.wait(2)
    assert set((await caller.get(world.path)).json()) == {"referral"}
    # Nor does it let anybody else in.
    leg = (await world.rows("select id, version from leg"))[0]
    other = await world.here.house.organization("Second Clinic")
    moved = await caller.post(
        f"/api/v1/legs/{leg['id']}/steps",
        json={"step": "redirect", "version": leg["version"], "recipients": [str(other.service_id)]},
    )
    assert moved.status_code in (403, 422), moved.text
    assert await world.rows("select 1 from party where capacity = 'recipient' offset 1") == []


async def test_a_recipients_clinician_needs_it_for_part2_and_says_so(world: Protected) -> None:
    _, caller = await world.person(world.clinic, Role.CLINICIAN)
    assert "question" not in (await caller.get(world.path)).json()
    await caller.post(world.break_path, json=breaking(medical_emergency=False))
    assert "question" not in (await caller.get(world.path)).json()
    await caller.post(world.break_path, json=breaking())
    assert (await caller.get(world.path)).json()["question"] == QUESTION
    # It held the key already: nothing was told that was not told before.
    assert await world.rows("select 1 from disclosure where break_glass_id is not null") == []


async def test_by_ones_own_patient_it_opens_the_same(world: Protected) -> None:
    _, caller = await world.person(world.program, Role.CLINICIAN)
    made = await caller.post(f"/api/v1/patients/{world.patient_id}/break-glass", json=breaking())
    assert made.json()["referral_ids"] == [str(world.referral_id)]
    assert (await caller.get(world.path)).json()["question"] == QUESTION


async def test_psychotherapy_notes_stay_shut(here: Site) -> None:
    world = await emergency.protected(here, SensitivityClass.PSYCHOTHERAPY)
    for org in (world.cco, world.clinic, world.program):
        _, caller = await world.person(org, Role.CLINICIAN)
        made = await caller.post(world.break_path, json=breaking())
        assert "psychotherapy" not in made.json()["classes"]
        assert "question" not in (await caller.get(world.path)).json()
    assert await world.rows("select 1 from disclosure where break_glass_id is not null") == []


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"proof": {"password": "a-password-that-is-wrong"}}, 401),
        ({"proof": {}}, 422),
        ({"words": "  "}, 422),
        ({"reason": "curiosity"}, 422),
    ],
)
async def test_without_proof_or_reason_nothing_is_opened_or_stored(
    world: Protected, changed: dict[str, Any], status: int
) -> None:
    _, caller = await world.person(world.cco, Role.CLINICIAN)
    answer = await caller.post(world.break_path, json=breaking(**changed))
    assert answer.status_code == status, answer.text
    assert await world.rows("select 1 from break_glass") == []
    assert await world.rows("select 1 from seal where org_id = '" + str(world.cco.id) + "'") == []
    assert set((await caller.get(world.path)).json()) == {"referral"}


async def test_strangers_find_nothing_to_break(world: Protected) -> None:
    stranger = await world.here.house.organization("Stranger")
    _, caller = await world.person(stranger, Role.CLINICIAN)
    nothing = await caller.get("/nowhere")
    for path in (world.break_path, f"/api/v1/patients/{world.patient_id}/break-glass"):
        answer = await caller.post(path, json=breaking())
        assert (answer.status_code, answer.content) == (404, nothing.content)


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.PRIVACY_OFFICER, Role.ORG_ADMIN])
async def test_only_a_clinician_breaks_it(world: Protected, role: Role) -> None:
    _, caller = await world.person(world.cco, role)
    assert (await caller.post(world.break_path, json=breaking())).status_code == 403


async def test_a_program_never_breaks_it(world: Protected) -> None:
    async with await world.here.program(world.cco.actor) as program:
        answer = await program.post(world.break_path, json=breaking())
    assert answer.status_code == 403
    assert await world.rows("select 1 from break_glass") == []


async def test_privacy_officers_here_and_there_are_told_at_once(world: Protected) -> None:
    doctor, caller = await world.person(world.cco, Role.CLINICIAN)
    await caller.post(world.break_path, json=breaking())
    tasks = await world.rows(
        "select kind, org_id, about_org_id, due_at - opened_at as term from human_task"
        " where break_glass_id is not null"
    )
    assert {(row["kind"], row["org_id"]) for row in tasks} == {
        ("break_glass_review", world.cco.id),
        ("break_glass_told", world.program.id),
    }
    assert {row["term"].total_seconds() for row in tasks} == {72 * 3600}
    mails = await world.rows(
        "select org_id, member_id, referral_id, code from outbox where kind = 'break_glass'"
    )
    assert {row["org_id"] for row in mails} == {world.cco.id, world.program.id}
    assert doctor.member_id not in {row["member_id"] for row in mails}
    assert {(row["referral_id"], row["code"]) for row in mails} == {(None, "broken")}
    (timer,) = await world.rows(
        "select state, due_at - started_at as term from timer where break_glass_id is not null"
    )
    assert (timer["state"], timer["term"].total_seconds()) == ("armed", 72 * 3600)
    # The recipient, a sibling to the coordinators' eyes, is not told who asked about whom.
    assert world.clinic.id not in {row["org_id"] for row in tasks}


async def test_a_review_is_by_another_and_once(world: Protected) -> None:
    _, both = await world.person(world.cco, Role.CLINICIAN, Role.PRIVACY_OFFICER)
    made = (await both.post(world.break_path, json=breaking())).json()
    path = f"/api/v1/break-glass/{made['id']}/review"
    verdict = {"verdict": "justified", "comment": "The hospital called; it fits the record."}
    assert (await both.post(path, json=verdict)).status_code == 403
    _, there = await world.person(world.program, Role.PRIVACY_OFFICER)
    assert (await there.post(path, json=verdict)).status_code == 404
    _, officer = await world.person(world.cco, Role.PRIVACY_OFFICER)
    seen = (await officer.get("/api/v1/break-glass")).json()["items"]
    assert seen[0]["words"] == breaking()["words"]
    (task,) = await world.rows("select id from human_task where kind = 'break_glass_review'")
    aside = await officer.post(
        f"/api/v1/human-tasks/{task['id']}/resolve", json={"resolution": "done"}
    )
    assert aside.status_code == 403
    assert (await officer.post(path, json=verdict)).status_code == 204
    assert (await officer.post(path, json=verdict)).status_code == 412
    again = (await officer.get("/api/v1/break-glass")).json()["items"][0]
    assert (again["verdict"], again["comment"]) == ("justified", verdict["comment"])
    assert set((await both.get(world.path)).json()) == {"referral"}
    states = await world.rows(
        "select t.state, h.state from timer t join human_task h using (break_glass_id)"
        " where h.kind = 'break_glass_review'"
    )
    assert [tuple(row) for row in states] == [("disarmed", "done")]


async def test_others_see_that_it_happened_and_not_why(world: Protected) -> None:
    _, caller = await world.person(world.cco, Role.CLINICIAN)
    await caller.post(world.break_path, json=breaking())
    _, there = await world.person(world.program, Role.PRIVACY_OFFICER)
    (seen,) = (await there.get("/api/v1/break-glass")).json()["items"]
    assert (seen["organization"], seen["reason"]) == ("Valley CCO", "unconscious")
    assert not {"words", "member", "comment"} & set(seen)
    _, apart = await world.person(world.clinic, Role.PRIVACY_OFFICER)
    assert (await apart.get("/api/v1/break-glass")).json()["items"] == []


async def test_it_ends_early_by_hand_and_by_leaving(world: Protected) -> None:
    doctor, caller = await world.person(world.cco, Role.CLINICIAN)
    first = (await caller.post(world.break_path, json=breaking())).json()
    path = f"/api/v1/break-glass/{first['id']}/end"
    _, other = await world.person(world.cco, Role.CLINICIAN)
    assert (await other.post(path)).status_code == 404
    assert (await caller.post(path)).status_code == 204
    assert (await caller.post(path)).status_code == 404
    assert set((await caller.get(world.path)).json()) == {"referral"}
    await caller.post(world.break_path, json=breaking())
    assert (await caller.delete("/api/v1/sessions/current")).status_code == 204
    open_still = "select 1 from break_glass where ended_at is null"
    assert await world.rows(open_still) == []
    assert doctor.member_id is not None
