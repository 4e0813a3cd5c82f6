"""Organizations, their places and services over HTTP."""

from typing import Any

import pytest

from service.domain import ids
from service.store.pool import Scope
from tests.web.network import network, rows
from tests.web.site import Site

HARBOR: dict[str, Any] = {
    "name": "Harbor Recovery Program",
    "public_name": "Harbor Services",
    "kind": "behavioral_health",
    "channel": "link",
    "zone": "America/Los_Angeles",
    "part2_program": True,
    "phone": "+15035550144",
    "hours": [[540, 1020], None, [540, 1020], None, None, None, None],
    "closures": ["2030-07-05"],
    "mailbox": {"address": "intake@harbor.example", "phrase": "blue kettle"},
}


LATER = {"capacity": "open", "no_capacity_until": "2099-01-01"}

ENDLESS = {"closures": ["9999-12-31"]}
"""What PostgreSQL would keep as endless, and nobody could read."""


async def test_the_coordinators_bring_an_organization_in_and_others_see_its_public_name(
    here: Site,
) -> None:
    cco, administrator, _, staff = await network(here)
    async with administrator, staff:
        refused = await staff.post("/api/v1/organizations", json=HARBOR)
        assert refused.status_code in {403, 404}
        made = await administrator.post("/api/v1/organizations", json=HARBOR)
        assert made.status_code == 201, made.text
        path = made.headers["location"]
        assert made.json()["closures"] == ["2030-07-05"]
        seen = (await staff.get(path)).json()
        assert seen["name"] == seen["public_name"] == "Harbor Services"
        assert seen["part2_program"] is False
        assert "Recovery" not in (await staff.get("/api/v1/organizations")).text
        mailbox = (await administrator.get(f"{path}/mailbox")).json()
        assert mailbox["phrase"] == "blue kettle"
        assert (await staff.get(f"{path}/mailbox")).status_code == 404
    found = await rows(here, "select attested_by_org_id, shared from address")
    assert (cco.id, True) in [tuple(row) for row in found]


async def test_one_mailbox_is_in_use_and_the_one_before_is_retired(here: Site) -> None:
    _, administrator, _, staff = await network(here)
    async with administrator, staff:
        path = (await administrator.post("/api/v1/organizations", json=HARBOR)).headers["location"]
        new = {"address": "desk@harbor.example", "shared": False}
        assert (await staff.put(f"{path}/mailbox", json=new)).status_code == 404
        kept = await administrator.put(f"{path}/mailbox", json=new)
        assert kept.json() == new | {"phrase": None}
        wrong = await administrator.put(f"{path}/mailbox", json={"address": "nowhere"})
        assert wrong.status_code == 422
        assert "nowhere" not in wrong.text
        assert (await administrator.get(f"{path}/mailbox")).json() == new | {"phrase": None}


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"mailbox": None}, "mailbox"),
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"hours": [[540, 1020]]}, "hours"),
        ({"phone": "555"}, "phone"),
        ({"public_name": ""}, "public_name"),
        ({"name": "x" * 201}, "name"),
        ({"founded": 1999}, "founded"),
    ],
)
async def test_an_organization_that_could_not_be_reached_is_refused(
    here: Site, changed: dict[str, Any], field: str
) -> None:
    _, administrator, _, staff = await network(here)
    async with administrator, staff:
        answer = await administrator.post("/api/v1/organizations", json=HARBOR | changed)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_an_organization_changes_its_own_words_and_not_what_it_may_be_told(
    here: Site,
) -> None:
    _, administrator, clinic, staff = await network(here)
    path = f"/api/v1/organizations/{clinic.id}"
    async with administrator, staff:
        tag = {"if-match": (await staff.get(path)).headers["etag"]}
        change = {"public_name": "North Clinic", "closures": ["2030-12-24"], "zone": "UTC"}
        done = await staff.patch(path, json=change, headers=tag)
        assert done.json()["zone"] == "UTC", done.text
        assert done.json()["closures"] == ["2030-12-24"]
        assert (await staff.patch(path, json=change, headers=tag)).status_code == 412
        now = {"if-match": done.headers["etag"]}
        for claim in ({"covered_entity": False}, {"central_intake": True}):
            own = await staff.patch(path, json=claim, headers=now)
            assert own.status_code == 403
        done = await administrator.patch(path, json={"covered_entity": False}, headers=now)
        assert done.json()["covered_entity"] is False
        now = {"if-match": done.headers["etag"]}
        for bad in ({"zone": "Mars"}, {"public_name": "  "}, {"phone": "1"}, ENDLESS):
            assert (await staff.patch(path, json=bad, headers=now)).status_code == 422


async def test_the_list_of_organizations_goes_on_by_a_signed_cursor(here: Site) -> None:
    _, administrator, _, staff = await network(here)
    for name in ("Alder House", "Birch House", "Cedar House"):
        await here.house.organization(name)
    seen: list[str] = []
    async with administrator, staff:
        page: dict[str, Any] = {"limit": 2}
        while True:
            said = (await staff.get("/api/v1/organizations", params=page)).json()
            seen += [item["public_name"] for item in said["items"]]
            if said["next"] is None:
                break
            page["after"] = said["next"]
        forged = await staff.get("/api/v1/organizations", params={"after": "AAAA"})
    assert seen == sorted(seen)
    assert len(seen) == len(set(seen)) == 5
    assert forged.status_code == 422


async def test_places_are_added_and_closed(here: Site) -> None:
    _, administrator, clinic, staff = await network(here)
    path = f"/api/v1/organizations/{clinic.id}"
    async with administrator, staff:
        made = await staff.post(f"{path}/sites", json={"name": "Main Street", "city": "Salem"})
        assert made.status_code == 201
        site = f"{path}/sites/{made.json()['id']}"
        assert (await staff.delete(site)).status_code == 204
        sites = (await staff.get(path)).json()["sites"]
        assert [(each["city"], each["state"]) for each in sites] == [("Salem", "closed")]
        missing = await staff.delete(f"{path}/sites/{ids.new_id()}")
        assert missing.status_code == 404


async def test_capacity_is_answered_with_its_age(here: Site) -> None:
    _, administrator, clinic, staff = await network(here)
    path = f"/api/v1/organizations/{clinic.id}/services"
    async with administrator, staff:
        made = await staff.post(
            path,
            json={
                "name": "Home visits",
                "category": "home_care",
                "languages": ["es"],
                "area": ["Marion"],
                "eligibility": "Over 65 or on oxygen",
            },
        )
        assert made.status_code == 201, made.text
        one = f"{path}/{made.json()['id']}"

        async def found(**asked: Any) -> list[dict[str, Any]]:
            said = await staff.post("/api/v1/directory/search", json=asked)
            assert said.status_code == 200, said.text
            items: list[dict[str, Any]] = said.json()["items"]
            return items

        assert (await found(category="home_care"))[0]["capacity_stated"] == "never stated"
        assert await found(category="home_care", only_open=True) == []
        stated = await staff.put(f"{one}/capacity", json={"capacity": "open"})
        assert stated.json()["capacity"] == "open"
        listed = await found(category="home_care", only_open=True, language="es", area="Marion")
        assert listed[0]["capacity_stated"] == "stated today"
        assert listed[0]["service"]["organization"] == "Northside Clinic"
        assert len(await found(text="OXYGEN")) == 1
        assert await found(category="home_care", area="Polk") == []
        assert await found(text="100%_") == []
        async with here.house.office.db.transaction(Scope(org_id=clinic.id)) as connection:
            await connection.execute(
                "update healthcare_service set capacity_at = capacity_at - interval '9 days'"
            )
        assert (await found(category="home_care"))[0]["capacity_stated"] == "stated 9 days ago"
        await staff.put(f"{one}/capacity", json=LATER)
        assert await found(category="home_care", only_open=True) == []


async def test_a_service_is_edited_with_its_version_by_its_own_people(here: Site) -> None:
    cco, administrator, clinic, staff = await network(here)
    path = f"/api/v1/organizations/{clinic.id}/services/{clinic.service_id}"
    async with administrator, staff:
        tag = {"if-match": '"1"'}
        done = await staff.patch(path, json={"required": ["reason_codes"]}, headers=tag)
        assert done.json()["required"] == ["reason_codes"], done.text
        assert (await staff.patch(path, json={"name": "x"}, headers=tag)).status_code == 412
        tag = {"if-match": '"2"'}
        for bad in ({"required": ["shoe_size"]}, {"code": "x"}, {"site_id": str(ids.new_id())}):
            answer = await staff.patch(path, json=bad, headers=tag)
            assert answer.status_code == 422, bad
        assert (await administrator.patch(path, json={"name": "y"}, headers=tag)).status_code == 200
        theirs = f"/api/v1/organizations/{cco.id}/services/{cco.service_id}"
        assert (await staff.patch(theirs, json={"name": "z"}, headers=tag)).status_code == 404
        own = await staff.get(f"/api/v1/organizations/{clinic.id}/services")
        assert [item["name"] for item in own.json()["items"]] == ["y"]
