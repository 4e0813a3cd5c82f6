"""Each night's proof: kept once, and an incident where a loop has no owner or no wait."""

from __future__ import annotations

import logging

from service.domain.nightly import Counts
from service.domain.rules import Step
from service.store import nightly
from service.store.pool import Scope
from tests.workers.waits import network
from workers import nightly as nights


async def last(shop):
    async with shop.house.check.transaction(Scope()) as connection:
        return await nightly.last(connection)


async def test_a_night_is_proved_once_and_every_referral_is_in_the_sum(shop) -> None:
    _, clinic, bank = await network(shop)
    await shop.house.sent(clinic, [bank])
    done = await shop.house.sent(clinic, [bank])
    await shop.house.referral(clinic, [bank])
    await shop.house.step(bank.actor, done.plan.referral.legs[0].id, Step.DECLINE)
    await shop.house.step(
        clinic.actor, None, Step.CLOSE_WITHOUT_SERVICE, referral_id=done.referral_id
    )
    assert await nights.prove(shop.desk)
    assert not await nights.prove(shop.desk)
    proof = await last(shop)
    assert (proof.sent, proof.open, proof.closed, proof.void) == (2, 1, 1, 0)
    assert proof.incident_id is None
    assert await shop.rows("select 1 from lk.human_task where kind = 'proof_failed'") == []
    await shop.skip(days=1)
    assert await nights.prove(shop.desk)
    assert (await last(shop)).night > proof.night


async def test_a_loop_without_owner_and_one_without_wait_are_an_incident(shop, caplog) -> None:
    cco, clinic, bank = await network(shop)
    await shop.house.sent(clinic, [bank])
    await shop.house.sent(clinic, [bank])
    await shop.owner.execute("update lk.member set state = 'inactive' where org_id = $1", clinic.id)
    await shop.owner.execute(
        "update lk.timer set state = 'disarmed' where id = (select id from lk.timer limit 1)"
    )
    with caplog.at_level(logging.ERROR, logger="loopkeeper"):
        assert await nights.prove(shop.desk)
    proof = await last(shop)
    assert (proof.unowned, proof.unwatched) == (2, 1)
    assert [record.fields["name"] for record in caplog.records] == [str(proof.incident_id)]
    [task] = await shop.rows("select * from lk.human_task where kind = 'proof_failed'")
    assert (task["org_id"], task["state"]) == (cco.id, "open")


def test_a_sum_that_does_not_come_out_is_no_proof() -> None:
    whole = Counts(sent=3, open=1, closed=1, void=1, unowned=0, unwatched=0)
    assert whole.holds
    for field in ("sent", "open", "closed", "void", "unowned", "unwatched"):
        other = {name: getattr(whole, name) for name in whole.__struct_fields__} | {
            field: getattr(whole, field) + 1
        }
        assert not Counts(**other).holds
