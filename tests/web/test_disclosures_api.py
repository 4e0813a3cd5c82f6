"""The accounting of disclosures over HTTP: every telling, once, to its own organization only."""

from typing import Any

from service.domain import ids
from service.domain.people import Role
from service.domain.rules import Step
from tests.web.pair import Pair
from tests.web.registering import rows
from tests.web.site import Site


async def every_page(pair: Pair, path: str, **query: Any) -> list[Any]:
    found: list[Any] = []
    while True:
        page = (await pair.one.get(path, params=query)).json()
        found += page["items"]
        if page["next"] is None:
            return found
        query["after"] = page["next"]


async def test_every_telling_is_accounted_for_once_and_by_pages(pair: Pair) -> None:
    made = [await pair.sent() for _ in range(3)]
    path = f"/api/v1/patients/{pair.patient_id}/disclosures"
    whole = (await pair.one.get(path)).json()
    assert whole["next"] is None
    told = [(each["told"], each["sensitivity"], each["basis"]) for each in whole["items"]]
    # The order to the recipient, and the same to the coordinators: three referrals, two each.
    assert told.count(("Harbor Food Bank", "general", "treatment")) == 3
    assert told.count(("Valley CCO", "general", "treatment")) == 3
    assert {each["reference"] for each in whole["items"]} == {each["reference"] for each in made}
    assert await every_page(pair, path, limit=2) == whole["items"]


async def test_an_account_goes_six_years_back_unless_asked(pair: Pair) -> None:
    await pair.sent()
    path = f"/api/v1/patients/{pair.patient_id}/disclosures"
    since = (await pair.one.get(path)).json()["since"]
    year = (await pair.one.get("/api/v1/referrals")).json()["items"][0]["created_at"][:4]
    assert int(since[:4]) == int(year) - 6
    late = await pair.one.get(path, params={"since": "2090-01-01T00:00:00Z"})
    assert late.json()["items"] == []
    assert (await pair.one.get(path, params={"since": "2026-01-01T00:00:00"})).status_code == 422
    assert (await pair.one.get(path, params={"after": "x"})).status_code == 422


async def test_the_look_at_an_account_is_on_record_first(pair: Pair) -> None:
    await pair.sent()
    await pair.one.get(f"/api/v1/patients/{pair.patient_id}/disclosures")
    found = await rows(
        pair.site,
        "select resource_id, detail from audit where action = 'disclosure.list'",
    )
    assert [row["resource_id"] for row in found] == [pair.patient_id]


async def test_whose_patient_it_is_not_gets_no_account(pair: Pair) -> None:
    await pair.sent()
    unknown = await pair.other.get(f"/api/v1/patients/{ids.new_id()}/disclosures")
    theirs = await pair.other.get(f"/api/v1/patients/{pair.patient_id}/disclosures")
    assert (theirs.status_code, theirs.content) == (404, unknown.content)


async def test_the_front_desk_gives_no_account_and_the_privacy_officer_does(here: Site) -> None:
    org = await here.house.organization("Northside Clinic")
    patient = await here.house.patient(org)
    answers = {}
    for role in (Role.FRONT_DESK, Role.READER, Role.PRIVACY_OFFICER, Role.CLINICIAN):
        member = await here.house.member(org.id, roles=frozenset({role}))
        async with await here.program(member) as caller:
            answer = await caller.get(f"/api/v1/patients/{patient.id}/disclosures")
        answers[role] = answer.status_code
    assert answers == {
        Role.FRONT_DESK: 403,
        Role.READER: 403,
        Role.PRIVACY_OFFICER: 200,
        Role.CLINICIAN: 200,
    }


async def test_a_second_recipient_is_a_second_telling(pair: Pair) -> None:
    made = await pair.sent()
    other = await pair.site.house.organization("Second Food Bank", kind="social_service")
    seen = (await pair.one.get(f"/api/v1/referrals/{made['id']}")).json()["referral"]
    await pair.step(pair.other, seen["legs"][0], {"step": Step.DECLINE, "reason": "no_capacity"})
    version = (await pair.one.get(f"/api/v1/referrals/{made['id']}")).json()["referral"]["version"]
    added = await pair.one.post(
        f"/api/v1/referrals/{made['id']}/steps",
        json={"step": "add_leg", "version": version, "recipients": [str(other.service_id)]},
    )
    assert added.status_code == 200, added.text
    path = f"/api/v1/patients/{pair.patient_id}/disclosures"
    told = [each["told"] for each in (await pair.one.get(path)).json()["items"]]
    assert told.count("Second Food Bank") >= 1
