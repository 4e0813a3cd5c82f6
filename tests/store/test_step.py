"""One step, one statement: races have one winner, and nobody is left without work for someone."""

import asyncio

import pytest

from service import faults
from service.actions.take_step import Taken
from service.domain.leg import LegState
from service.domain.referral import ReferralState
from service.domain.rules import Step
from service.store import referrals
from tests import making


async def test_two_recipients_declining_at_once_leave_work_for_someone(fresh_database: str) -> None:
    async with making.house(fresh_database) as house:
        clinic = await house.organization("Clinic")
        pantries = [await house.organization(name, kind="social_service") for name in "AB"]
        sent = await house.sent(clinic, pantries, mode="all_needed")
        legs = sent.plan.referral.legs
        answers = await asyncio.gather(
            *(
                house.step(pantry.actor, leg.id, Step.DECLINE)
                for pantry, leg in zip(pantries, legs, strict=True)
            )
        )
        last = max(answers, key=lambda taken: taken.version)
        assert last.plan.referral.state is ReferralState.NEEDS_ROUTING
        assert [row.clock for row in last.plan.arm] == ["route"]


async def test_sixty_racing_steps_have_one_winner_one_event_one_effect(
    fresh_database: str, connect
) -> None:
    async with making.house(fresh_database) as house:
        clinic = await house.organization("Clinic")
        pantry = await house.organization("Pantry", kind="social_service")
        sent = await house.sent(clinic, [pantry])
        leg = sent.plan.referral.legs[0]
        found = await asyncio.gather(
            *(house.step(pantry.actor, leg.id, Step.DECLINE) for _ in range(60)),
            return_exceptions=True,
        )
        won = [each for each in found if isinstance(each, Taken)]
        lost = [each for each in found if not isinstance(each, Taken)]
        assert len(won) == 1
        assert {type(each) for each in lost} <= {faults.StepRefused, faults.Stale, faults.Busy}
    owner = await connect(fresh_database)
    assert await owner.fetchval("select count(*) from lk.event where step = 'decline'") == 1
    assert await owner.fetchval("select count(*) from lk.outbox where code = 'decline'") == 1
    assert await owner.fetchval("select state from lk.leg") == LegState.DECLINED


async def test_a_step_decided_before_another_was_written_is_decided_again(
    fresh_database: str, connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, write = await connect(fresh_database), referrals.write_step
    async with making.house(fresh_database) as house:
        clinic = await house.organization("Clinic")
        two = [await house.organization(name, kind="social_service") for name in "AB"]
        sent = await house.sent(clinic, two)
        first, second = ((org.actor, leg.id) for org, leg in zip(two, _legs(sent), strict=True))

        async def late(*given):
            monkeypatch.setattr(referrals, "write_step", write)
            await house.step(*first, Step.DECLINE)
            return await write(*given)

        monkeypatch.setattr(referrals, "write_step", late)
        assert isinstance(await house.step(*second, Step.DECLINE), Taken)
    seqs = await owner.fetch("select seq from lk.event where step = 'decline' order by seq")
    assert len(seqs) == len({row["seq"] for row in seqs}) == 2
    versions = await owner.fetchval("select version from lk.referral")
    assert versions == sent.version + 2


def _legs(sent: Taken):
    return sorted(sent.plan.referral.legs, key=lambda leg: leg.number)


async def test_the_first_of_three_acceptances_fills_the_others(
    fresh_database: str, connect
) -> None:
    async with making.house(fresh_database) as house:
        clinic = await house.organization("Clinic")
        three = [await house.organization(name, kind="social_service") for name in "ABC"]
        sent = await house.sent(clinic, three)
        found = await asyncio.gather(
            *(
                house.step(org.actor, leg.id, Step.ACCEPT)
                for org, leg in zip(three, sent.plan.referral.legs, strict=True)
            ),
            return_exceptions=True,
        )
        assert sum(isinstance(each, Taken) for each in found) == 1
    owner = await connect(fresh_database)
    states = await owner.fetch("select state, count(*) as n from lk.leg group by 1")
    assert {row["state"]: row["n"] for row in states} == {"accepted": 1, "cancelled": 2}
