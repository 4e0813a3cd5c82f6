"""Protected care as it is shown, printed, answered and accounted for."""

from typing import Any

import httpx2
import pytest

from service.domain import notices
from service.domain.people import Role
from tests.web import emergency, forms
from tests.web.emergency import Protected
from tests.web.registering import created, north_of, rows
from tests.web.site import Site


@pytest.fixture
async def world(here: Site) -> Protected:
    return await emergency.protected(here)


async def accepted(world: Protected, caller: httpx2.AsyncClient) -> dict[str, Any]:
    leg = (await caller.get(world.path)).json()["referral"]["legs"][0]
    body = {
        "step": "accept",
        "version": leg["version"],
        "expected_by": "2030-01-02",
        "owner": {"name": "Dr. Lee"},
    }
    done = await caller.post(f"/api/v1/legs/{leg['id']}/steps", json=body)
    assert done.status_code == 200, done.text
    return {"id": leg["id"], "version": done.json()["legs"][0]["version"]}


async def answered(world: Protected, **said: Any) -> httpx2.Response:
    async with await world.here.program(world.clinic.actor) as caller:
        leg = await accepted(world, caller)
        body = {"step": "complete", "version": leg["version"], **said}
        return await caller.post(f"/api/v1/legs/{leg['id']}/steps", json=body)


@pytest.mark.parametrize(
    ("code", "disposition"),
    [("attended", "served"), ("not_attended", "not_served"), ("declined_to_share", "not_served")],
)
async def test_protected_care_closes_its_loop_without_a_word(
    world: Protected, code: str, disposition: str
) -> None:
    await world.rows("select 1")
    done = await answered(world, outcome=code)
    assert done.status_code == 200, done.text
    async with await world.here.program(world.program.actor) as sender:
        seen = (await sender.get(world.path)).json()
        assert seen["referral"]["legs"][0]["outcome"] == code
        assert "documents" not in seen
        version = seen["referral"]["version"]
        closed = await sender.post(
            f"{world.path}/steps", json={"step": "review", "version": version}
        )
        assert closed.status_code == 200, closed.text
        final = (await sender.get(world.path)).json()["referral"]
    assert (final["state"], final["disposition"]) == ("closed", disposition)
    assert final["need_met"] == "unknown"
    async with await world.here.program(world.cco.actor) as coordinator:
        assert "outcome" not in (await coordinator.get(world.path)).text


@pytest.mark.parametrize(
    ("said", "field"),
    [({"comment": "She came twice."}, "comment"), ({"need_met": "yes"}, "need_met")],
)
async def test_the_least_answer_carries_no_content(
    world: Protected, said: dict[str, Any], field: str
) -> None:
    done = await answered(world, outcome="attended", **said)
    assert done.status_code == 422
    assert [error["field"] for error in done.json()["errors"]] == [field]


async def test_ordinary_care_says_what_came_of_it(here: Site) -> None:
    sender = await here.house.organization("Clinic")
    pantry = await here.house.organization("Pantry")
    made = await here.house.sent(sender, [pantry])
    leg = made.plan.referral.legs[0]
    async with await here.program(pantry.actor) as caller:
        body = {"step": "accept", "version": 2, "expected_by": "2030-01-02"}
        also = [{"step": "complete", "outcome": "attended"}]
        answer = await caller.post(
            f"/api/v1/legs/{leg.id}/steps", json=body | {"owner": {"name": "Sam"}, "also": also}
        )
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "outcome")


async def test_the_notice_goes_first_on_screen_in_print_and_in_the_answer(
    world: Protected,
) -> None:
    async with await world.here.program(world.clinic.actor) as caller:
        said = (await caller.get(world.path)).json()
    assert said["redisclosure_notice"] == notices.NOTICE
    assert said["consent_scope"]["classes"] == ["part2"]
    assert said["consent_scope"]["expires_at"].startswith("2039-01-02")
    assert {label["code"] for label in said["security_labels"]} == {
        "R",
        "ETH",
        "42CFRPart2",
        "NORDSCLCD",
    }
    _, browser = await world.person(world.clinic, Role.BH_CLINICIAN)
    for path in (f"/referrals/{world.referral_id}", f"/referrals/{world.referral_id}/print"):
        page = (await browser.get(path)).text
        assert page.index("42 CFR part 2") < page.index(emergency.QUESTION)
        assert "until 2039-01-02" in page
    printed = await world.rows(
        "select detail from audit where action = 'referral.read' and detail ? 'printed'"
    )
    assert len(printed) == 1


async def test_one_click_leads_to_what_was_told_and_to_its_table(world: Protected) -> None:
    _, browser = await world.person(world.program, Role.BH_CLINICIAN)
    page = (await browser.get(f"/referrals/{world.referral_id}")).text
    path = f"/patients/{world.patient_id}/disclosures"
    assert f'href="{path}"' in page
    told = (await browser.get(path)).text
    assert "Bay Clinic" in told
    table = (await browser.get(f"{path}.csv")).text.splitlines()
    assert table[0].startswith("disclosed_at,told,sensitivity,basis")
    assert any("Bay Clinic,part2,part2_consent" in line for line in table)
    _, other = await world.person(world.clinic, Role.BH_CLINICIAN)
    assert path not in (await other.get(f"/referrals/{world.referral_id}")).text
    assert (await other.get(path)).status_code == 404


async def test_by_form_it_is_broken_ended_and_reviewed(world: Protected) -> None:
    _, doctor = await world.person(world.cco, Role.CLINICIAN)
    path = f"/referrals/{world.referral_id}"
    assert f'href="{path}/break-glass"' in (await doctor.get(path)).text
    page = await doctor.get(f"{path}/break-glass")
    form = forms.sent_to(page.text, f"{path}/break-glass")
    wrong = form.fields | {"reason": "overdose", "words": "Found at home", "password": "no"}
    again = await doctor.post(f"{path}/break-glass", data=wrong)
    assert again.status_code == 422
    assert "Found at home" in again.text
    right = wrong | {"password": "blue-kettle-by-the-river", "medical_emergency": "yes"}
    done = await doctor.post(f"{path}/break-glass", data=right)
    assert (done.status_code, done.headers["location"]) == (303, path)
    assert emergency.QUESTION in (await doctor.get(path)).text
    _, officer = await world.person(world.cco, Role.PRIVACY_OFFICER)
    listed = (await officer.get("/break-glass")).text
    assert "Found at home" in listed
    (glass,) = await world.rows("select id from break_glass")
    review = forms.sent_to(listed, f"/break-glass/{glass['id']}/review")
    empty = await officer.post(review.action, data=review.fields)
    assert empty.status_code == 422
    said = review.fields | {"verdict": "justified", "comment": "It fits."}
    assert (await officer.post(review.action, data=said)).status_code == 303
    assert "It fits." in (await officer.get("/break-glass")).text
    assert emergency.QUESTION not in (await doctor.get(path)).text


async def test_a_minor_is_looked_at_when_they_come_of_age_and_only_the_month_is_told(
    here: Site,
) -> None:
    _, program = await north_of(here)
    async with program:
        minor = (await created(program, identity={"birth_date": "2020-05-17"})).json()
        await created(program, identity={"family": "Other"}, confirm_distinct=True)
        armed = await rows(here, "select clock, due_at, patient_id from timer order by due_at")
        assert [(row["clock"], row["due_at"].date().isoformat()) for row in armed] == [
            ("age_14", "2034-06-01"),
            ("age_15", "2035-06-01"),
            ("age_18", "2038-06-01"),
        ]
        assert {str(row["patient_id"]) for row in armed} == {minor["id"]}
        changed = await program.patch(
            f"/api/v1/patients/{minor['id']}",
            json={"identity": {"birth_date": "1990-05-17"}},
            headers={"if-match": '"1"'},
        )
        assert changed.status_code == 200, changed.text
    assert await rows(here, "select 1 from timer where state = 'armed'") == []
