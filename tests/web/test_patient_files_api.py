"""What is kept with a patient, over HTTP: contacts and consents."""

from typing import Any
from uuid import UUID

import pytest

from tests.web.registering import created, north_of, rows
from tests.web.site import Site


async def test_contacts_are_kept_sealed_corrected_and_removed(here: Site) -> None:
    _, program = await north_of(here)
    async with program:
        made = (await created(program)).json()
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
    org, program = await north_of(here)
    agency = await here.house.organization("Harbor", kind="social_service", covered=False)
    async with program:
        made = (await created(program)).json()
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
            patient_id=UUID(made["id"]),
            consent_basis="verbal_witnessed",
            consent_id=UUID(consent["id"]),
        )
        listed = (await program.get(path)).json()["items"]
        assert listed[0]["words"]["witness"] == "Sam Lee heard it"
        gone = await program.post(f"{path}/{consent['id']}/withdraw")
        assert gone.json() == {"referral_ids": [str(taken.referral_id)]}
        assert (await program.post(f"{path}/{consent['id']}/withdraw")).status_code == 404
        assert (await program.get(path)).json()["items"][0]["withdrawn_at"] is not None
    tasks = await rows(here, "select kind, member_id from human_task where state = 'open'")
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
        ({"basis": "signed_form", "expires_at": "2030-01-01T00:00:00"}, "expires_at"),
        ({"basis": "signed_form", "expires_at": "9999-12-31T23:59:59-14:00"}, "expires_at"),
        ({"basis": "signed_form", "document_sha256": "zz"}, "document_sha256"),
    ],
)
async def test_a_consent_that_lacks_what_its_basis_asks_is_not_recorded(
    here: Site, changed: dict[str, Any], field: str
) -> None:
    _, program = await north_of(here)
    async with program:
        made = (await created(program)).json()
        path = f"/api/v1/patients/{made['id']}/consents"
        answer = await program.post(path, json={"signed_on": "2020-01-02"} | changed)
    assert answer.status_code == 422
    assert field in [error["field"] for error in answer.json()["errors"]]
