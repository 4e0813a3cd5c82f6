"""An emergency over real processes: mails at once, and those above when nobody reviews it."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2

from service.domain.people import Actor, Role
from service.store.pool import Scope
from tests.fixtures.town import body_of
from tests.loop.people import Cast
from tests.making import Org
from tests.web import signing
from tests.web.consenting import PART2

BREAKING = {
    "reason": "overdose",
    "words": "Found unconscious; which medication?",
    "medical_emergency": True,
    "proof": {"password": signing.PASSWORD},
}


@asynccontextmanager
async def signed_in(story: Cast, actor: Actor, address: str) -> AsyncIterator[httpx2.AsyncClient]:
    await signing.may_sign_in(story.house, actor, address)
    async with story.town.client() as client:
        client.headers.update(story.town.same_origin)
        answer = await client.post(
            "/api/v1/sessions", json={"address": address, "password": signing.PASSWORD}
        )
        assert answer.status_code in (200, 201), answer.text
        client.headers["x-csrf-token"] = answer.json()["csrf_token"]
        yield client


async def until(story: Cast, statement: str, *, count: int) -> list[Any]:
    deadline = time.monotonic() + 30
    while True:
        async with story.house.check.transaction(Scope()) as connection:
            found: list[Any] = await connection.fetch(statement)
        if len(found) >= count:
            return found
        assert time.monotonic() < deadline, f"{statement}: {found}"
        await asyncio.sleep(0.1)


def of(org: Org) -> str:
    return f"@{org.id.hex[-8:]}.example"


async def protected(story: Cast) -> str:
    """Send a part2 referral whose consent does not name the coordinators."""
    office = await story.account("Bay Clinic")
    patient = await story.house.patient(story.clinic.org)
    body = PART2 | {"to_org_ids": [str(office.org.id)]}
    consent = await story.clinic.post(f"/patients/{patient.id}/consents", body)
    return await story.send(
        office.org,
        patient_id=str(patient.id),
        sensitivity="part2",
        consent_basis="part2_consent",
        consent_id=consent.json()["id"],
    )


async def told(story: Cast, *orgs: Org) -> None:
    for org in orgs:
        mail = await story.town.letter(of(org), text="opened a patient's file")
        assert BREAKING["words"] not in mail.as_string()
        assert f"{story.town.url}/break-glass" in body_of(mail)


async def reviewed(story: Cast, org: Org, glass_id: str) -> None:
    officer = await story.house.member(
        org.id, roles=frozenset({Role.PRIVACY_OFFICER}), cco=org.id == story.cco.org.id
    )
    async with signed_in(story, officer, f"officer@{org.id.hex}.example") as client:
        said = {"verdict": "justified", "comment": "The hospital called."}
        done = await client.post(f"/api/v1/break-glass/{glass_id}/review", json=said)
        assert done.status_code == 204, done.text


async def test_an_emergency_is_told_at_once_and_does_not_stay_unreviewed(story: Cast) -> None:
    cco = story.cco.org
    path = f"/api/v1/referrals/{await protected(story)}"
    doctor = await story.house.member(cco.id, roles=frozenset({Role.CLINICIAN}), cco=True)
    async with signed_in(story, doctor, "doctor@network.example") as client:
        assert (await client.get(path)).json()["referral"]["stage_only"] is True
        made = await client.post(f"{path}/break-glass", json=BREAKING)
        assert made.status_code == 201, made.text
        assert "food" in (await client.get(path)).json()["question"]
        await told(story, cco, story.clinic.org)
        await story.town.skip(story.clinic, days=4)
        glass = f"break_glass_id = '{made.json()['id']}'"
        waits = f"select org_id from human_task where kind = 'break_glass_unreviewed' and {glass}"
        assert {row["org_id"] for row in await until(story, waits, count=1)} == {cco.id}
        await story.town.letter(of(cco), text="Nobody has reviewed an emergency access")
        assert set((await client.get(path)).json()) == {"referral"}
    await reviewed(story, cco, made.json()["id"])
    open_still = f"select org_id from human_task where {glass} and state = 'open'"
    armed = f"select 1 from timer where {glass} and state = 'armed'"
    async with story.house.check.transaction(Scope()) as connection:
        # The sender's own work stays: that it was told is for it to end.
        left = [row["org_id"] for row in await connection.fetch(open_still)]
        assert left == [story.clinic.org.id]
        assert await connection.fetch(armed) == []


async def test_those_above_are_waited_for_no_longer_once_another_organization_reviewed_its_own(
    story: Cast,
) -> None:
    clinic, cco = story.clinic.org, story.cco.org
    path = f"/api/v1/referrals/{await protected(story)}"
    doctor = await story.house.member(clinic.id, roles=frozenset({Role.CLINICIAN}))
    async with signed_in(story, doctor, "doctor@clinic.example") as client:
        made = await client.post(f"{path}/break-glass", json=BREAKING)
        assert made.status_code == 201, made.text
    await story.town.skip(story.clinic, days=4)
    glass = f"break_glass_id = '{made.json()['id']}'"
    waits = f"select org_id, state from human_task where kind like '%unreviewed' and {glass}"
    above = await until(story, waits, count=2)
    assert {tuple(row) for row in above} == {(clinic.id, "open"), (cco.id, "open")}
    await reviewed(story, clinic, made.json()["id"])
    armed = f"select 1 from timer where state = 'armed' and {glass}"
    async with story.house.check.transaction(Scope()) as connection:
        done = await connection.fetch(waits)
        assert {tuple(row) for row in done} == {(clinic.id, "done"), (cco.id, "done")}
        assert await connection.fetch(armed) == []
