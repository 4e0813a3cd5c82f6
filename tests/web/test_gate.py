"""The gate on sending: a refusal that says what to do, and an emergency that is on record."""

from typing import Any

import pytest

from service.domain.people import Role, SensitivityClass
from tests.web.consenting import recorded
from tests.web.pair import Pair
from tests.web.registering import rows
from tests.web.site import Site

WHY = "Overdose; the hospital needs the medication list now."


def part2(pair: Pair, consent_id: str | None = None, **changed: Any) -> dict[str, Any]:
    basis = {"consent_basis": "part2_consent"} if consent_id else {"consent_basis": None}
    return pair.order(sensitivity="part2", consent_id=consent_id, **basis) | changed


async def test_a_refusal_says_why_which_bases_would_do_and_stores_nothing(pair: Pair) -> None:
    answer = await pair.post(part2(pair))
    said = answer.json()
    assert answer.status_code == 422
    assert said["type"] == "/problems/consent-refused"
    assert said["reason"] == "no_consent"
    assert said["allowed_bases"] == ["emergency", "part2_consent"]
    assert [error["field"] for error in said["errors"]] == ["consent_basis"]
    assert await rows(pair.site, "select 1 from referral") == []
    assert await rows(pair.site, "select 1 from disclosure") == []


async def test_an_emergency_is_a_consent_a_line_of_the_record_and_work_for_privacy(
    pair: Pair,
) -> None:
    made = await pair.post(part2(pair, override_reason=WHY))
    assert made.status_code == 201, made.text
    consents = await pair.one.get(f"/api/v1/patients/{pair.patient_id}/consents")
    (declared,) = consents.json()["items"]
    assert (declared["basis"], declared["purpose"]) == ("emergency", "emergency")
    assert declared["words"]["reason"] == WHY
    assert declared["to_org_ids"] == [str(pair.recipient.id)]
    assert declared["recorded_by_member_id"] == str(pair.sender.actor.member_id)
    account = await pair.one.get(f"/api/v1/patients/{pair.patient_id}/disclosures")
    told = {(each["told"], each["sensitivity"], each["basis"]) for each in account.json()["items"]}
    assert told == {("Harbor Food Bank", "part2", "emergency")}
    (line,) = await rows(
        pair.site, "select class, detail from audit where action = 'consent.override'"
    )
    assert line["class"] == "part2"
    assert line["detail"]["refused"] == ["override_not_recorded"]
    assert WHY not in str(line["detail"])
    (task,) = await rows(
        pair.site, "select org_id, consent_id, due_at from human_task where kind like 'consent_o%'"
    )
    assert (task["org_id"], str(task["consent_id"])) == (pair.sender.id, declared["id"])


async def test_a_second_recipient_in_an_emergency_stands_on_the_emergency_alone(
    pair: Pair,
) -> None:
    other = await pair.site.house.organization("Second Clinic")
    consent_id = await recorded(pair.one, pair.patient_id, pair.recipient)
    made = (await pair.post(part2(pair, consent_id))).json()
    path = f"/api/v1/referrals/{made['id']}"
    leg = (await pair.other.get(path)).json()["referral"]["legs"][0]
    await pair.step(pair.other, leg, {"step": "decline", "reason": "no_capacity"})
    version = (await pair.one.get(path)).json()["referral"]["version"]
    added = {"step": "add_leg", "version": version, "recipients": [str(other.service_id)]}
    refused = await pair.one.post(f"{path}/steps", json=added)
    assert refused.json()["reason"] == "recipient_not_named"
    let_in = await pair.one.post(f"{path}/steps", json=added | {"override_reason": WHY})
    assert let_in.status_code == 200, let_in.text
    # A later key goes to each on its own ground: no line says that the form named the second.
    said = {"step": "supply", "items": ["List of medication"]}
    async with await pair.site.program(other.actor) as second:
        mine = (await second.get(path)).json()["referral"]["legs"][0]
        await pair.step(
            second, mine, {"step": "ask", "items": ["Which dose?"], "due_on": "2030-01-02"}
        )
        mine = next(
            each
            for each in (await pair.one.get(path)).json()["referral"]["legs"]
            if each["number"] == 2
        )
        supplied = await pair.step(pair.one, mine, said)
        assert supplied.status_code == 200, supplied.text
    items = (await pair.one.get(f"/api/v1/patients/{pair.patient_id}/disclosures")).json()["items"]
    grounds = {(each["told"], each["basis"]) for each in items}
    assert grounds == {("Harbor Food Bank", "part2_consent"), ("Second Clinic", "emergency")}


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.FRONT_DESK])
async def test_only_a_clinician_declares_an_emergency(pair: Pair, role: Role) -> None:
    member = await pair.site.house.member(pair.sender.id, roles=frozenset({role}))
    async with await pair.site.program(member) as caller:
        answer = await caller.post(
            "/api/v1/referrals",
            json=part2(pair, override_reason=WHY),
            headers={"idempotency-key": "k" * 20},
        )
    assert answer.status_code == 403
    assert await rows(pair.site, "select 1 from consent") == []


async def test_no_emergency_sends_protected_content_by_link(pair: Pair) -> None:
    agency = await pair.site.house.organization("By Mail", channel="link")
    answer = await pair.post(part2(pair, override_reason=WHY, recipients=[str(agency.service_id)]))
    said = answer.json()
    assert (answer.status_code, said["reason"]) == (422, "link_never_protected")
    assert "allowed_bases" not in said
    assert await rows(pair.site, "select 1 from consent") == []


async def test_what_was_withdrawn_admits_nobody_even_who_was_asked_before(pair: Pair) -> None:
    consent_id = await recorded(pair.one, pair.patient_id, pair.recipient)
    made = (await pair.post(part2(pair, consent_id))).json()
    path = f"/api/v1/referrals/{made['id']}"
    leg = (await pair.other.get(path)).json()["referral"]["legs"][0]
    await pair.step(pair.other, leg, {"step": "decline", "reason": "no_capacity"})
    gone = f"/api/v1/patients/{pair.patient_id}/consents/{consent_id}/withdraw"
    assert (await pair.one.post(gone, json={})).status_code == 200
    version = (await pair.one.get(path)).json()["referral"]["version"]
    again = await pair.one.post(
        f"{path}/steps",
        json={
            "step": "add_leg",
            "version": version,
            "recipients": [str(pair.recipient.service_id)],
        },
    )
    assert again.status_code == 422
    assert again.json()["reason"] == "withdrawn"


async def test_a_consent_that_names_the_coordinators_gives_them_the_key(here: Site) -> None:
    house = here.house
    cco = await house.organization("Valley CCO", kind="coordination", cco=True)
    program = await house.organization("Rosehill", part2=True, public_name="Rose House")
    clinic = await house.organization("Bay Clinic")
    patient = await house.patient(program)
    async with await here.program(program.actor) as caller:
        consents = [await recorded(caller, patient.id, clinic, *named) for named in ((), (cco,))]
        shown = []
        for consent_id in consents:
            made = await house.sent(
                program,
                [clinic],
                patient_id=patient.id,
                sensitivity=SensitivityClass.PART2,
                consent_basis="part2_consent",
                consent_id=consent_id,
            )
            async with await here.program(cco.actor) as coordinator:
                answer = await coordinator.get(f"/api/v1/referrals/{made.referral_id}")
            shown.append(answer.json())
        account = await caller.get(f"/api/v1/patients/{patient.id}/disclosures")
    assert set(shown[0]) == {"referral"}
    assert shown[0]["referral"]["stage_only"] is True
    assert shown[1]["question"] == "Can you help this family with food?"
    told = [
        (each["told"], each["sensitivity"], each["consent_id"])
        for each in account.json()["items"]
        if each["told"] == "Valley CCO"
    ]
    assert told == [("Valley CCO", "part2", consents[1])]


async def test_an_observer_without_a_seal_sees_the_stage_and_no_more(pair: Pair) -> None:
    made = await pair.sent()
    watcher = await pair.site.house.organization("Onlooker")
    import asyncpg

    owner = await asyncpg.connect(pair.site.owner_url, server_settings={"search_path": "lk"})
    await owner.execute("set role lk_web")
    await owner.execute(f"set app.opening = '{made['id']}'")
    await owner.execute(
        "insert into party (org_id, referral_id, capacity, started_at)"
        " values ($1, $2, 'observer', lk.now())",
        watcher.id,
        made["id"],
    )
    await owner.close()
    async with await pair.site.program(watcher.actor) as caller:
        read = await caller.get(f"/api/v1/referrals/{made['id']}")
        listed = await caller.get("/api/v1/referrals")
    assert set(read.json()) == {"referral"}
    assert read.json()["referral"]["stage_only"] is True
    assert set(listed.json()["items"][0]) == set(read.json()["referral"])
