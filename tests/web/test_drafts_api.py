"""A draft is changed until it leaves, and not after."""

from collections.abc import AsyncIterator

import pytest

from tests import making
from tests.fixtures.town import Town
from tests.loop import people
from tests.loop.people import Cast


@pytest.fixture
async def story(town: Town) -> AsyncIterator[Cast]:
    async with people.cast(town) as on_stage:
        yield on_stage


async def _draft(story: Cast, office: making.Org) -> str:
    return await story.send(office, send=False, consent_basis=None)


async def _patch(story: Cast, referral: str, **body: object):
    async with story.town.client() as client:
        return await client.patch(
            f"/api/v1/referrals/{referral}", headers=story.clinic.headers, json=body
        )


async def test_a_consent_basis_is_attached_to_a_draft_and_then_it_leaves(story: Cast) -> None:
    office = await story.account()
    referral = await _draft(story, office.org)
    refused = await story.clinic.post(
        f"/referrals/{referral}/steps", {"step": "send", "version": 1}
    )
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "consent_basis"

    changed = await _patch(
        story, referral, version=1, consent_basis="treatment", question="Is the murmur innocent?"
    )
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    await story.clinic.order(referral, "send")
    found = await office.referral(referral)
    assert found["question"] == "Is the murmur innocent?"

    late = await _patch(story, referral, version=3, narrative="Too late.")
    assert late.status_code == 409
    assert "recall" in late.json()["open_steps"]


async def test_a_change_on_an_old_version_is_refused_and_nothing_is_lost(story: Cast) -> None:
    referral = await _draft(story, (await story.account()).org)
    assert (await _patch(story, referral, version=1, priority="urgent")).status_code == 200
    stale = await _patch(story, referral, version=1, priority="routine")
    assert (stale.status_code, stale.json()["version"]) == (412, 2)
    found = await story.clinic.referral(referral)
    assert found["referral"]["priority"] == "urgent"
    assert found["question"].startswith("Can you help")


async def test_only_the_sender_changes_its_draft(story: Cast) -> None:
    office = await story.account()
    referral = await _draft(story, office.org)
    async with story.town.client() as client:
        answer = await client.patch(
            f"/api/v1/referrals/{referral}", headers=office.headers, json={"version": 1}
        )
    assert answer.status_code == 404
