"""Patients over HTTP: found by what people say, and by nobody else."""

import logging
from typing import Any

import httpx2
import pytest

from service.store.pool import Scope
from tests.making import Org
from tests.web.site import Site

MARIA: dict[str, Any] = {
    "name": {"family": "García López", "given": ["María", "Elena"]},
    "birth_date": "1980-01-02",
    "phones": ["+15035550123"],
    "email": "maria@home.example",
    "mrns": [{"value": "MR-00-4711", "authority": "north"}],
    "language": "es",
}
ID = {"system": "https://ehr.example", "value": "pat-9"}


async def _created(program: httpx2.AsyncClient, **changed: Any) -> httpx2.Response:
    body = {"identity": MARIA | changed.pop("identity", {})} | changed
    return await program.post("/api/v1/patients", json=body)


async def _north(here: Site) -> tuple[Org, httpx2.AsyncClient]:
    org = await here.house.organization("North")
    return org, await here.program(org.actor)


async def _rows(here: Site, statement: str) -> list[Any]:
    async with here.house.check.transaction(Scope()) as connection:
        found: list[Any] = await connection.fetch(statement)
    return found


@pytest.mark.parametrize(
    "terms",
    [
        {"phone": "+15035550123"},
        {"mrn": "mr004711"},
        {"email": " MARIA@home.example"},
        {"birth_date": "1980-01-02", "initial": "m"},
        {"family": "Garcia", "initial": "M"},
        {"family": "lopez", "initial": "María"},
        {"family": "GARCÍA-LÓPEZ", "initial": "M"},
        {"external_id": ID},
        {"phone": "+15035550123", "family": "López", "initial": "M"},
    ],
)
async def test_a_patient_is_found_by_what_is_said_at_the_desk(
    here: Site, terms: dict[str, Any]
) -> None:
    _, program = await _north(here)
    async with program:
        made = (await _created(program, external_ids=[ID])).json()
        found = await program.post("/api/v1/patients/search", json=terms)
    assert [item["id"] for item in found.json()["items"]] == [made["id"]], found.text


@pytest.mark.parametrize(
    "terms",
    [
        {"phone": "+15035550199"},
        {"birth_date": "1980-01-02", "initial": "J"},
        {"family": "García", "initial": "P"},
        {"family": "Gar", "initial": "M"},
        {"phone": "+15035550123", "mrn": "other"},
        {"phone": "+15035550123", "external_id": {"system": "x", "value": "y"}},
    ],
)
async def test_every_criterion_must_fit(here: Site, terms: dict[str, Any]) -> None:
    _, program = await _north(here)
    async with program:
        await _created(program)
        found = await program.post("/api/v1/patients/search", json=terms)
    assert found.json() == {"items": [], "more": False}


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({}, "reference"),
        ({"phone": "503 555 0123"}, "phone"),
        ({"email": "nobody"}, "email"),
        ({"family": "García"}, "initial"),
        ({"birth_date": "1980-01-02"}, "initial"),
        ({"family": "--", "initial": "M"}, "family"),
        ({"reference": "0000-000A"}, "reference"),
        ({"external_id": {"system": " ", "value": "y"}}, "external_id"),
        ({"mrn": "--"}, "mrn"),
    ],
)
async def test_a_term_that_cannot_be_looked_for_is_named_without_its_value(
    here: Site, terms: dict[str, Any], field: str
) -> None:
    _, program = await _north(here)
    async with program:
        answer = await program.post("/api/v1/patients/search", json=terms)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field
    assert "503 555" not in answer.text


async def test_a_patient_is_found_by_reference_as_people_type_it(here: Site) -> None:
    _, program = await _north(here)
    async with program:
        made = (await _created(program)).json()
        typed = made["reference"].replace("-", " ").lower()
        found = await program.post("/api/v1/patients/search", json={"reference": typed})
    assert found.json()["items"][0]["identity"]["name"]["family"] == "García López"


async def test_somebody_alike_is_shown_before_a_second_record_is_made(here: Site) -> None:
    _, program = await _north(here)
    async with program:
        made = (await _created(program)).json()
        again = await _created(program)
        assert again.status_code == 409
        assert again.headers["content-type"] == "application/problem+json"
        candidate = again.json()["candidates"][0]
        assert candidate["id"] == made["id"]
        assert set(candidate["shared"]) >= {"phone", "birth_initial", "mrn"}
        assert (await _created(program, confirm_distinct=True)).status_code == 201


async def test_a_family_that_shares_a_telephone_is_not_taken_for_one_person(here: Site) -> None:
    _, program = await _north(here)
    async with program:
        await _created(program)
        son = {
            "name": {"family": "García López", "given": ["Pedro"]},
            "birth_date": "2010-05-06",
            "mrns": [],
            "email": None,
        }
        assert (await _created(program, identity=son)).status_code == 201


async def test_the_same_request_twice_makes_one_patient(here: Site) -> None:
    _, program = await _north(here)
    async with program:
        program.headers["idempotency-key"] = "once-only"
        first, second = await _created(program), await _created(program)
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert second.headers["idempotency-replayed"] == "true"


async def test_another_organizations_patient_is_the_same_bytes_as_none(here: Site) -> None:
    _, north = await _north(here)
    other = await here.house.organization("South")
    south = await here.program(other.actor)
    async with north, south:
        made = (await _created(north)).json()
        path = f"/api/v1/patients/{made['id']}"
        none = "/api/v1/patients/01890000-0000-7000-8000-000000000000"
        for part in ("", "/contacts", "/consents"):
            theirs, missing = await south.get(path + part), await south.get(none + part)
            assert theirs.status_code == missing.status_code == 404
            assert theirs.content == missing.content
        change = {"headers": {"if-match": '"1"'}, "json": {"do_not_contact": True}}
        theirs, missing = await south.patch(path, **change), await south.patch(none, **change)
        assert theirs.status_code == 404
        assert theirs.content == missing.content
        found = await south.post("/api/v1/patients/search", json={"phone": "+15035550123"})
        assert found.json()["items"] == []


async def test_one_person_in_two_organizations_shares_no_token(here: Site) -> None:
    _, north = await _north(here)
    south = await here.program((await here.house.organization("South")).actor)
    async with north, south:
        assert (await _created(north)).status_code == 201
        assert (await _created(south)).status_code == 201
    rows = await _rows(here, "select org_id, field, token from patient_index")
    tokens = [row["token"] for row in rows]
    assert len({row["org_id"] for row in rows}) == 2
    assert len(tokens) == len(set(tokens))


async def test_no_search_term_is_in_a_log_a_record_or_an_address(
    here: Site, caplog: pytest.LogCaptureFixture
) -> None:
    _, program = await _north(here)
    with caplog.at_level(logging.DEBUG):
        async with program:
            await _created(program)
            for terms in ({"phone": "+15035550123"}, {"family": "López", "initial": "M"}):
                found = await program.post("/api/v1/patients/search", json=terms)
                assert str(found.request.url).endswith("/api/v1/patients/search")
    audits = await _rows(here, "select action, detail::text as detail from audit")
    told = caplog.text + "".join(row["detail"] for row in audits)
    for secret in ("5550123", "García", "López", "Garc", "4711", "maria@"):
        assert secret not in told
    assert {"patient.create", "patient.search", "patient.found"} <= {r["action"] for r in audits}


async def test_a_look_is_recorded_with_its_purpose(here: Site) -> None:
    org, program = await _north(here)
    async with program:
        made = (await _created(program)).json()
        path = f"/api/v1/patients/{made['id']}"
        read = await program.get(path, params={"purpose": "coordination"})
        assert read.json()["identity"]["call_as"] is None
        assert read.headers["etag"] == '"1"'
    rows = await _rows(
        here, "select actor_member_id, detail from audit where action = 'patient.read'"
    )
    assert [(row["actor_member_id"], row["detail"]) for row in rows] == [
        (org.actor.member_id, {"purpose": "coordination"})
    ]


async def test_a_correction_needs_the_version_seen_and_moves_the_indexes(here: Site) -> None:
    _, program = await _north(here)
    async with program:
        made = (await _created(program)).json()
        path = f"/api/v1/patients/{made['id']}"
        change = {
            "identity": {"phones": ["+15035550188"], "call_as": "Elena"},
            "safe_contact": {"may_text": True, "shared_phone": True},
        }
        assert (await program.patch(path, json=change)).status_code == 422
        tag = {"if-match": '"1"'}
        done = await program.patch(path, json=change, headers=tag)
        assert done.json()["version"] == 2
        assert done.json()["identity"]["name"]["family"] == "García López"
        assert done.json()["safe_contact"]["shared_phone"] is True
        assert (await program.patch(path, json=change, headers=tag)).status_code == 412
        for phone, count in (("+15035550123", 0), ("+15035550188", 1)):
            found = await program.post("/api/v1/patients/search", json={"phone": phone})
            assert len(found.json()["items"]) == count
        read = (await program.get(path)).json()
        assert read["identity"]["call_as"] == "Elena"


@pytest.mark.parametrize(
    "wrong",
    [
        {"identity": {"phones": ["5035550123"]}},
        {"identity": {"email": "nobody"}},
        {"identity": {"name": {"family": " ", "given": []}}},
        {"identity": {"name": {"family": "A\u0000B", "given": []}}},
        {"time_zone": "Mars/Olympus"},
        {"safe_contact": {"from_hour": 22, "to_hour": 8}},
        {"external_ids": [{"system": " ", "value": "x"}]},
        {"external_ids": [ID, ID]},
    ],
)
async def test_a_patient_that_cannot_be_kept_leaves_nothing_behind(
    here: Site, wrong: dict[str, Any]
) -> None:
    _, program = await _north(here)
    async with program:
        answer = await _created(program, **wrong)
    assert answer.status_code == 422, answer.text
    assert await _rows(here, "select id from patient") == []
    assert await _rows(here, "select key_id from org_key where purpose like 'pfk:%'") == []


async def test_a_patient_without_a_given_name_is_kept_and_found_by_telephone(here: Site) -> None:
    _, program = await _north(here)
    async with program:
        baby = {"name": {"family": "López", "given": []}, "mrns": []}
        assert (await _created(program, identity=baby)).status_code == 201
        found = await program.post("/api/v1/patients/search", json={"phone": "+15035550123"})
    assert len(found.json()["items"]) == 1


async def test_contacts_are_kept_sealed_corrected_and_removed(here: Site) -> None:
    _, program = await _north(here)
    async with program:
        made = (await _created(program)).json()
        path = f"/api/v1/patients/{made['id']}/contacts"
        ana = {
            "relation": "caregiver",
            "reach": {"name": "Ana López", "phone": "+15035550177"},
            "may_text": True,
        }
        kept = (await program.post(path, json=ana)).json()
        assert kept["version"] == 1
        bad = ana | {"reach": {"name": " ", "phone": "x"}}
        assert (await program.post(path, json=bad)).status_code == 422
        changed = ana | {"reach": {"name": "Ana Ruiz"}, "may_text": False}
        tag = {"if-match": '"1"'}
        one = f"{path}/{kept['id']}"
        done = await program.put(one, json=changed, headers=tag)
        assert done.json()["version"] == 2, done.text
        assert (await program.put(one, json=changed, headers=tag)).status_code == 412
        listed = (await program.get(path)).json()["items"]
        assert [item["reach"]["name"] for item in listed] == ["Ana Ruiz"]
        assert (await program.delete(one)).status_code == 204
        assert (await program.delete(one)).status_code == 404
        assert (await program.get(path)).json()["items"] == []


async def test_a_consent_is_recorded_listed_and_withdrawn_once(here: Site) -> None:
    org, program = await _north(here)
    agency = await here.house.organization("Harbor", kind="social_service", covered=False)
    async with program:
        made = (await _created(program)).json()
        path = f"/api/v1/patients/{made['id']}/consents"
        wish = {
            "basis": "verbal_witnessed",
            "signed_on": "2020-01-02",
            "to_org_ids": [str(agency.id)],
            "words": {"witness": "Sam Lee heard it"},
        }
        consent = (await program.post(path, json=wish)).json()
        taken = await here.house.sent(
            org,
            [agency],
            patient_id=made["id"],
            consent_basis="verbal_witnessed",
            consent_id=consent["id"],
        )
        listed = (await program.get(path)).json()["items"]
        assert listed[0]["words"]["witness"] == "Sam Lee heard it"
        gone = await program.post(f"{path}/{consent['id']}/withdraw")
        assert gone.json() == {"referral_ids": [str(taken.referral_id)]}
        assert (await program.post(f"{path}/{consent['id']}/withdraw")).status_code == 404
        assert (await program.get(path)).json()["items"][0]["withdrawn_at"] is not None
    tasks = await _rows(here, "select kind, member_id from human_task where state = 'open'")
    assert ("consent_withdrawn", org.actor.member_id) in [tuple(row) for row in tasks]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"basis": "verbal_witnessed"}, "words.witness"),
        ({"basis": "emergency"}, "words.reason"),
        ({"basis": "part2_consent", "classes": ["part2"]}, "to_org_ids"),
        ({"basis": "verbal_witnessed", "classes": ["part2"]}, "basis"),
        ({"basis": "signed_form", "classes": []}, "classes"),
        ({"basis": "signed_form", "signed_on": "2999-01-01"}, "signed_on"),
        ({"basis": "signed_form", "expires_at": "2001-01-01T00:00:00Z"}, "expires_at"),
        ({"basis": "signed_form", "document_sha256": "zz"}, "document_sha256"),
    ],
)
async def test_a_consent_that_lacks_what_its_basis_asks_is_not_recorded(
    here: Site, changed: dict[str, Any], field: str
) -> None:
    _, program = await _north(here)
    async with program:
        made = (await _created(program)).json()
        path = f"/api/v1/patients/{made['id']}/consents"
        answer = await program.post(path, json={"signed_on": "2020-01-02"} | changed)
    assert answer.status_code == 422
    assert field in [error["field"] for error in answer.json()["errors"]]
