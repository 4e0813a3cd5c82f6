"""Who takes part in a conversation on a referral: who the referral tells today, and nobody else."""

from typing import Any

import asyncpg
import httpx2

from tests.web.consenting import recorded
from tests.web.pair import ACCEPT, Pair
from tests.web.test_renewed_consent import holds_together
from tests.web.test_threads_api import key, opened

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
