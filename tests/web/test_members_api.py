"""Members, and the named people of organizations that answer by link, over HTTP."""

from typing import Any

from service.actions import agency_people
from service.actions.agency_people import AgencyPerson
from service.domain import ids
from service.domain.people import Role
from service.store.pool import Scope
from tests.making import Org
from tests.web.network import network, rows
from tests.web.site import Site


async def test_all_a_member_owns_is_the_successors_in_the_same_act(here: Site) -> None:
    _, administrator, clinic, staff = await network(here)
    agency = await here.house.organization("Harbor", kind="social_service")
    taken = await here.house.sent(clinic, [agency])
    other = await here.house.member(clinic.id, roles=frozenset({Role.CLINICIAN}), name="Sam")
    key = await here.key(clinic.actor)
    path = f"/api/v1/organizations/{clinic.id}/members"
    me = f"{path}/{clinic.actor.member_id}"
    async with administrator, staff:
        alone = await administrator.post(f"{me}/leave", json={"successor_id": str(other.member_id)})
        assert alone.json()["type"] == "/problems/last-administrator"
        roles = {"roles": ["org_admin", "coordinator"]}
        tag = {"if-match": '"1"'}
        await staff.patch(f"{path}/{other.member_id}", json=roles, headers=tag)
        nobody = await staff.post(f"{me}/leave", json={"successor_id": str(ids.new_id())})
        assert nobody.status_code == 422
        done = await administrator.post(f"{me}/leave", json={"successor_id": str(other.member_id)})
        assert done.status_code == 200, done.text
        assert (done.json()["referrals"], done.json()["api_keys"]) == (1, 1)
        assert done.json()["sessions"] >= 1
        assert (await staff.get("/api/v1/sessions/current")).status_code == 401
        again = await administrator.post(f"{me}/leave", json={"successor_id": str(other.member_id)})
        assert again.status_code == 404
    async with here.caller(authorization=f"Bearer {key}") as program:
        assert (await program.get("/api/v1/organizations")).status_code == 401
    found = await rows(here, "select id, owner_member_id, version from referral")
    assert [(row["id"], row["owner_member_id"]) for row in found] == [
        (taken.referral_id, other.member_id)
    ]
    assert found[0]["version"] == taken.version + 1


async def test_a_member_who_is_away_is_covered_by_another(here: Site) -> None:
    _, administrator, clinic, staff = await network(here)
    other = await here.house.member(clinic.id, roles=frozenset({Role.CLINICIAN}), name="Sam")
    path = f"/api/v1/organizations/{clinic.id}/members/{other.member_id}"
    tag = {"if-match": '"1"'}
    async with administrator, staff:
        for bad in (
            {"away_until": "2030-01-01"},
            {"cover_member_id": str(other.member_id)},
            {"npi": "1234567890"},
            {"roles": []},
            {"name": " "},
        ):
            assert (await staff.patch(path, json=bad, headers=tag)).status_code == 422, bad
        cover = {"away_until": "2030-01-01", "cover_member_id": str(clinic.actor.member_id)}
        done = await staff.patch(path, json=cover, headers=tag)
        assert done.json()["away_until"] == "2030-01-01", done.text
        assert (await staff.patch(path, json=cover, headers=tag)).status_code == 412
        listed = (await staff.get(f"/api/v1/organizations/{clinic.id}/members")).json()["items"]
        assert len(listed) == 2
        stranger = await here.house.organization("Elsewhere")
        theirs = f"/api/v1/organizations/{stranger.id}/members"
        assert (await staff.get(theirs)).status_code == 404
        assert (await administrator.get(theirs)).status_code == 200


async def _worker(here: Site, org: Org) -> Any:
    worker_id = ids.new_id()
    person = AgencyPerson(name="Joy Park", phone="+15035550166")
    keys = here.house.office.keys
    sealed = await agency_people.sealed(keys, org.id, worker_id=worker_id, person=person)
    async with here.house.office.db.transaction(Scope(org_id=org.id)) as connection:
        await connection.execute(
            "insert into agency_worker (org_id, id, sealed, created_at)"
            " values ($1, $2, $3, lk.now())",
            org.id,
            worker_id,
            sealed,
        )
    return worker_id


async def test_a_named_person_gets_a_pin_by_telephone_from_who_deals_with_them(
    here: Site,
) -> None:
    _, administrator, clinic, staff = await network(here)
    agency = await here.house.organization("Harbor", kind="social_service", channel="link")
    worker_id = await _worker(here, agency)
    path = f"/api/v1/organizations/{agency.id}/workers"
    async with administrator, staff:
        assert (await staff.get(path)).status_code == 404
        assert (
            await staff.post(f"{path}/{worker_id}/confirm", json={"how": "pin"})
        ).status_code == 404
        await here.house.sent(clinic, [agency], consent_basis="signed_form")
        listed = (await staff.get(path)).json()["items"]
        # The number on file is called, never the one that was typed into the link's page.
        assert [(each["name"], each["call"]) for each in listed] == [("Joy Park", "+15035550199")]
        called = await staff.post(f"{path}/{worker_id}/confirm", json={"how": "called"})
        assert called.status_code == 422
        given = (await staff.post(f"{path}/{worker_id}/confirm", json={"how": "pin"})).json()
        assert len(given["pin"]) == 8
        assert given["pin"].isdigit()
        missing = await staff.post(f"{path}/{ids.new_id()}/confirm", json={"how": "pin"})
        assert missing.status_code == 404
        assert (await administrator.get(path)).status_code == 200
    found = await rows(here, "select detail::text as d from audit where action = 'worker.confirm'")
    assert [given["pin"] in row["d"] for row in found] == [False]


async def test_a_person_with_a_pin_of_their_own_is_confirmed_by_a_call(here: Site) -> None:
    _, administrator, clinic, staff = await network(here)
    agency = await here.house.organization("Harbor", kind="social_service", channel="link")
    worker_id = await _worker(here, agency)
    await here.house.sent(clinic, [agency], consent_basis="signed_form")
    async with here.house.office.db.transaction(Scope(org_id=agency.id)) as connection:
        await connection.execute("update agency_worker set pin_hash = 'x', pin_tries = 5")
    async with administrator, staff:
        path = f"/api/v1/organizations/{agency.id}/workers/{worker_id}/confirm"
        done = await staff.post(path, json={"how": "called"})
        assert done.json() == {"pin": None, "expires_at": None}
    found = await rows(here, "select confirmed_by_member_id, pin_tries from agency_worker")
    assert [tuple(row) for row in found] == [(clinic.actor.member_id, 0)]


async def test_a_member_whose_name_hides_or_turns_is_not_added(here: Site) -> None:
    _, administrator, clinic, staff = await network(here)
    path = f"/api/v1/organizations/{clinic.id}/members"
    async with administrator, staff:
        for name in ("\u200b", "Sam \u202eeeL"):
            body = {"address": "sam@north.example", "name": name, "roles": ["clinician"]}
            answer = await administrator.post(path, json=body)
            assert answer.status_code == 422, answer.text
            assert [each["field"] for each in answer.json()["errors"]] == ["name"]
