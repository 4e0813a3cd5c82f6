"""Patients over HTTP: found by what people say, and by nobody else."""

import logging
from typing import Any

import pytest

from tests.web.registering import ID, MARIA, created, north_of, rows
from tests.web.site import Site


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
    _, program = await north_of(here)
    async with program:
        made = (await created(program, external_ids=[ID])).json()
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
    _, program = await north_of(here)
    async with program:
        await created(program)
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
    _, program = await north_of(here)
    async with program:
        answer = await program.post("/api/v1/patients/search", json=terms)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field
    assert "503 555" not in answer.text


async def test_a_patient_is_found_by_reference_as_people_type_it(here: Site) -> None:
    _, program = await north_of(here)
    async with program:
        made = (await created(program)).json()
        typed = made["reference"].replace("-", " ").lower()
        found = await program.post("/api/v1/patients/search", json={"reference": typed})
    assert found.json()["items"][0]["identity"]["name"]["family"] == "García López"


async def test_somebody_alike_is_shown_before_a_second_record_is_made(here: Site) -> None:
    _, program = await north_of(here)
    async with program:
        made = (await created(program)).json()
        again = await created(program)
        assert again.status_code == 409
        assert again.headers["content-type"] == "application/problem+json"
        candidate = again.json()["candidates"][0]
        assert candidate["id"] == made["id"]
        assert set(candidate["shared"]) >= {"phone", "birth_initial", "mrn"}
        assert (await created(program, confirm_distinct=True)).status_code == 201


async def test_a_family_that_shares_a_telephone_is_not_taken_for_one_person(here: Site) -> None:
    _, program = await north_of(here)
    async with program:
        await created(program)
        son = {
            "name": {"family": "García López", "given": ["Pedro"]},
            "birth_date": "2010-05-06",
            "mrns": [],
            "email": None,
        }
        assert (await created(program, identity=son)).status_code == 201


async def test_the_same_request_twice_makes_one_patient(here: Site) -> None:
    _, program = await north_of(here)
    async with program:
        program.headers["idempotency-key"] = "once-only"
        first, second = await created(program), await created(program)
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert second.headers["idempotency-replayed"] == "true"


async def test_another_organizations_patient_is_the_same_bytes_as_none(here: Site) -> None:
    _, north = await north_of(here)
    other = await here.house.organization("South")
    south = await here.program(other.actor)
    async with north, south:
        made = (await created(north)).json()
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
    _, north = await north_of(here)
    south = await here.program((await here.house.organization("South")).actor)
    async with north, south:
        assert (await created(north)).status_code == 201
        assert (await created(south)).status_code == 201
    found = await rows(here, "select org_id, field, token from patient_index")
    tokens = [row["token"] for row in found]
    assert len({row["org_id"] for row in found}) == 2
    assert len(tokens) == len(set(tokens))


async def test_no_search_term_is_in_a_log_a_record_or_an_address(
    here: Site, caplog: pytest.LogCaptureFixture
) -> None:
    _, program = await north_of(here)
    with caplog.at_level(logging.DEBUG):
        async with program:
            await created(program)
            for terms in ({"phone": "+15035550123"}, {"family": "López", "initial": "M"}):
                found = await program.post("/api/v1/patients/search", json=terms)
                assert str(found.request.url).endswith("/api/v1/patients/search")
    audits = await rows(here, "select action, detail::text as detail from audit")
    told = caplog.text + "".join(row["detail"] for row in audits)
    for secret in ("5550123", "García", "López", "Garc", "4711", "maria@"):
        assert secret not in told
    assert {"patient.create", "patient.search", "patient.found"} <= {r["action"] for r in audits}


async def test_a_look_is_recorded_with_its_purpose(here: Site) -> None:
    org, program = await north_of(here)
    async with program:
        made = (await created(program)).json()
        path = f"/api/v1/patients/{made['id']}"
        read = await program.get(path, params={"purpose": "coordination"})
        assert read.json()["identity"]["call_as"] is None
        assert read.headers["etag"] == '"1"'
    found = await rows(
        here, "select actor_member_id, detail from audit where action = 'patient.read'"
    )
    assert [(row["actor_member_id"], row["detail"]) for row in found] == [
        (org.actor.member_id, {"purpose": "coordination"})
    ]


async def test_a_correction_needs_the_version_seen_and_moves_the_indexes(here: Site) -> None:
    _, program = await north_of(here)
    async with program:
        made = (await created(program)).json()
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
    _, program = await north_of(here)
    async with program:
        answer = await created(program, **wrong)
    assert answer.status_code == 422, answer.text
    assert await rows(here, "select id from patient") == []
    assert await rows(here, "select key_id from org_key where purpose like 'pfk:%'") == []


async def test_a_patient_without_a_given_name_is_kept_and_found_by_telephone(here: Site) -> None:
    _, program = await north_of(here)
    async with program:
        baby = {"name": {"family": "López", "given": []}, "mrns": []}
        assert (await created(program, identity=baby)).status_code == 201
        found = await program.post("/api/v1/patients/search", json={"phone": "+15035550123"})
    assert len(found.json()["items"]) == 1


@pytest.mark.parametrize(
    ("identity", "field"),
    [
        ({"birth_date": "2099-01-01"}, "identity.birth_date"),
        ({"name": {"family": "\u200b\u2060", "given": ["María"]}}, "identity.name.family"),
        ({"name": {"family": "García", "given": ["Ma\u202eaír"]}}, "identity.name.given"),
    ],
)
async def test_who_is_not_born_yet_or_cannot_be_called_is_not_registered(
    here: Site, identity: dict[str, Any], field: str
) -> None:
    _, program = await north_of(here)
    async with program:
        refused = await created(program, identity=identity)
        assert [each["field"] for each in refused.json()["errors"]] == [field]
        made = (await created(program)).json()
        path = f"/api/v1/patients/{made['id']}"
        changed = {"identity": MARIA | identity}
        later = await program.patch(path, json=changed, headers={"if-match": '"1"'})
    assert (refused.status_code, later.status_code) == (422, 422)
    assert [each["field"] for each in later.json()["errors"]] == [field]
    assert len(await rows(here, "select 1 from patient")) == 1
