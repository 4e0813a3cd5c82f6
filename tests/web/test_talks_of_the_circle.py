"""Who takes part in a conversation on a referral: who the referral tells today, and nobody else."""

from typing import Any

import asyncpg
import httpx2
import pytest

from service.domain.access import PROTECTED
from tests.web import sending
from tests.web.consenting import recorded
from tests.web.pair import ACCEPT, Pair
from tests.web.registering import rows
from tests.web.test_renewed_consent import holds_together
from tests.web.test_threads_api import begun, key, opened, said

WITHDRAWN = "That consent was withdrawn; ask the patient again and record a new one."
EXPIRED = "That consent has expired; ask the patient to renew it and record the new one."
OUT = "Your organization's part in this referral has ended."


async def asked(caller: httpx2.AsyncClient, referral: Any, *org_ids: Any, **more: Any) -> Any:
    """Ask to begin a conversation on a referral."""
    body = {
        "subject": "A question",
        "text": "Which clinic?",
        "referral_id": referral["id"],
        "participants": [{"org_id": str(org_id)} for org_id in org_ids],
    } | more
    return await caller.post("/api/v1/threads", json=body, headers=key())


def why(answer: httpx2.Response) -> tuple[int, str]:
    """Say how it was refused, and in which words."""
    found = answer.json()
    errors = found.get("errors") or [{"detail": found.get("detail")}]
    return answer.status_code, errors[0]["detail"]


async def on_form(pair: Pair, **changed: Any) -> tuple[dict[str, Any], str]:
    """Send an order on a form that the patient signed."""
    form = {"basis": "signed_form", "classes": ["general"], **changed}
    consent_id = await recorded(pair.one, pair.patient_id, pair.recipient, **form)
    return await pair.sent(consent_basis="signed_form", consent_id=consent_id), consent_id


async def withdrawn(pair: Pair, consent_id: str) -> None:
    where = f"/api/v1/patients/{pair.patient_id}/consents/{consent_id}/withdraw"
    assert (await pair.one.post(where, json={})).status_code == 200


async def later(pair: Pair, interval: str) -> None:
    """Let time pass for everybody."""
    owner = await asyncpg.connect(pair.site.owner_url, server_settings={"search_path": "lk"})
    await owner.execute(f"update clock_offset set offset_by = offset_by + interval '{interval}'")
    await owner.close()


async def coordinators(pair: Pair) -> Any:
    found = await pair.one.get("/api/v1/organizations")
    (cco,) = [each["id"] for each in found.json()["items"] if each["name"] == "Valley CCO"]
    return cco


async def test_a_consent_taken_back_begins_no_conversation_from_either_side(pair: Pair) -> None:
    referral, consent_id = await on_form(pair)
    before = await asked(pair.one, referral, pair.recipient.id)
    assert before.status_code == 201, before.text
    await withdrawn(pair, consent_id)
    assert why(await asked(pair.one, referral, pair.recipient.id)) == (422, WITHDRAWN)
    assert why(await asked(pair.other, referral, pair.sender.id)) == (422, WITHDRAWN)
    assert (await opened(pair.other, before.json())).status_code == 404
    renewed = await recorded(
        pair.one, pair.patient_id, pair.recipient, basis="signed_form", classes=["general"]
    )
    path = f"/api/v1/referrals/{referral['id']}"
    version = (await pair.one.get(path)).json()["referral"]["version"]
    moved = await pair.one.put(f"{path}/consent", json={"consent_id": renewed, "version": version})
    assert moved.status_code == 200, moved.text
    assert (await asked(pair.other, referral, pair.sender.id)).status_code == 201
    await holds_together(pair)


async def test_one_that_ran_out_begins_none_either(pair: Pair) -> None:
    referral, _ = await on_form(pair, expires_at="2029-01-02T00:00:00Z")
    await later(pair, "5 years")
    assert why(await asked(pair.one, referral, pair.recipient.id)) == (422, EXPIRED)
    assert why(await asked(pair.other, referral, pair.sender.id)) == (422, EXPIRED)


async def test_whose_part_ended_begins_none(pair: Pair) -> None:
    referral = await pair.sent()
    said_no = {"step": "decline", "reason": "no_capacity"}
    declined = await pair.step(pair.other, referral["legs"][0], said_no)
    assert declined.status_code == 200, declined.text
    everybody = (pair.sender.id, await coordinators(pair))
    for org_id in everybody:
        assert why(await asked(pair.other, referral, org_id)) == (403, OUT)
    # Whose referral it is may ask who else would take it, as it may ask anybody it may tell.
    thread = await asked(pair.one, referral, pair.recipient.id)
    assert thread.status_code == 201, thread.text
    assert (await opened(pair.other, thread.json())).status_code == 200
    await later(pair, "16 minutes")
    for org_id in everybody:
        assert (await asked(pair.other, referral, org_id)).status_code == 404
    await holds_together(pair)


async def test_whose_outcome_it_is_may_still_talk(pair: Pair) -> None:
    referral = await pair.sent()
    accepted = await pair.step(pair.other, referral["legs"][0], ACCEPT)
    done = {"step": "complete", "outcome": "served", "need_met": "yes"}
    completed = await pair.step(pair.other, accepted.json()["legs"][0], done)
    assert completed.status_code == 200, completed.text
    thread = await asked(pair.other, referral, pair.sender.id)
    assert thread.status_code == 201, thread.text


@pytest.mark.parametrize(
    "sensitivity", ["part2", "psychotherapy", "behavioral", "social_sensitive"]
)
async def test_what_is_said_on_protected_care_is_of_its_class(pair: Pair, sensitivity: str) -> None:
    basis = "part2_consent" if sensitivity == "part2" else "signed_form"
    consent_id = await recorded(
        pair.one, pair.patient_id, pair.recipient, basis=basis, classes=[sensitivity]
    )
    referral = await pair.sent(sensitivity=sensitivity, consent_basis=basis, consent_id=consent_id)
    cco_id = await coordinators(pair)
    for other in {"general", "behavioral", "psychotherapy"} - {sensitivity}:
        for org_id in (cco_id, pair.recipient.id):
            lower = await asked(pair.one, referral, org_id, sensitivity=other)
            assert why(lower) == (422, "What is said on a referral is of its class."), lower.text
        lower = await asked(pair.other, referral, pair.sender.id, sensitivity=other)
        assert lower.status_code in (403, 422), lower.text
    # A consent of the strictest classes lets in only whom it names.
    unnamed = await asked(pair.one, referral, cco_id)
    assert unnamed.status_code == (422 if sensitivity in PROTECTED else 201), unnamed.text
    thread = await asked(pair.one, referral, pair.recipient.id, sensitivity=sensitivity)
    read = (await opened(pair.other, thread.json())).json()
    assert (read["sensitivity"], read["redisclosure_notice"]) == (
        sensitivity,
        sensitivity == "part2",
    )


async def test_advice_does_not_become_a_referral_of_another_class(pair: Pair) -> None:
    thread = await begun(pair)
    consent_id = await recorded(pair.one, pair.patient_id, pair.recipient)
    order = pair.order(sensitivity="part2", consent_basis="part2_consent", consent_id=consent_id)
    where = f"/api/v1/threads/{thread['thread_id']}/referral"
    answer = await pair.one.post(where, json=order, headers=key())
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "sensitivity")
    assert (await opened(pair.other, thread)).json()["referral_id"] is None
    mine = await pair.one.get("/api/v1/referrals", params={"view": "waiting_for_others"})
    assert mine.json()["items"] == []


async def in_an_emergency(pair: Pair) -> tuple[dict[str, Any], str]:
    """Send protected care in an emergency; return the order, and the record of the emergency."""
    made = await pair.post(
        pair.order(sensitivity="part2", consent_basis="emergency", override_reason="Overdose.")
    )
    assert made.status_code == 201, made.text
    found = await pair.one.get(f"/api/v1/patients/{pair.patient_id}/consents")
    (declared,) = found.json()["items"]
    return made.json(), declared["id"]


async def test_what_is_said_in_an_emergency_is_accounted_for_by_its_record(pair: Pair) -> None:
    referral, declared = await in_an_emergency(pair)
    threads = [
        await asked(pair.one, referral, pair.recipient.id),
        await asked(pair.other, referral, pair.sender.id),
    ]
    assert [each.status_code for each in threads] == [201, 201]
    account = await pair.one.get(f"/api/v1/patients/{pair.patient_id}/disclosures")
    told = [
        (each["basis"], each["consent_id"])
        for each in account.json()["items"]
        if each["sensitivity"] == "part2"
    ]
    assert told == [("emergency", declared)] * 3
    await holds_together(pair)
    await withdrawn(pair, declared)
    for thread in threads:
        assert (await opened(pair.other, thread.json())).status_code == 404
    assert why(await asked(pair.one, referral, pair.recipient.id)) == (422, WITHDRAWN)


async def test_a_file_is_not_for_whose_emergency_was_taken_back(pair: Pair) -> None:
    referral, declared = await in_an_emergency(pair)
    await withdrawn(pair, declared)
    where = f"referrals/{referral['id']}"
    sent = await sending.send(pair.one, where)
    assert sent.status_code in (200, 201, 202), sent.text
    await holds_together(pair)


async def test_what_is_said_after_a_consent_ran_out_is_not_for_whom_it_let_in(pair: Pair) -> None:
    referral, _ = await on_form(pair, expires_at="2029-01-02T00:00:00Z")
    thread = (await asked(pair.one, referral, pair.recipient.id)).json()
    assert (await said(pair.other, thread, "In time.")).status_code == 201
    await later(pair, "5 years")
    late = await said(pair.other, thread, "Too late.")
    assert why(late) == (422, "The consent on which your organization takes part here has expired.")
    assert (await said(pair.one, thread, "For ourselves.")).status_code == 201
    assert (await opened(pair.other, thread)).status_code == 404
    found = (await opened(pair.one, thread)).json()["messages"]
    assert [each["text"] for each in found] == ["Which clinic?", "In time.", "For ourselves."]
    holders = await rows(
        pair.site,
        "select org_id from seal where thread_id is not null"
        " and epoch = (select max(epoch) from epoch where thread_id is not null)",
    )
    assert [row["org_id"] for row in holders] == [pair.sender.id]
    await holds_together(pair)
