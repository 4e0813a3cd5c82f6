"""Routine reminders come once a day together, where there are many."""

from __future__ import annotations

import re

from service.domain.clocks import Clock
from service.domain.rules import Step
from tests.workers.waits import due
from workers import clockwork, guard


async def agency(shop, *senders: str, **how):
    await shop.house.organization("Network", kind="coordination", cco=True)
    clinics = [await shop.house.organization(name) for name in senders or ("Northside Clinic",)]
    how = {"kind": "social_service", "channel": "link"} | how
    return clinics, await shop.house.organization("Harbor", **how)


async def invited(shop, clinic, bank, *, count: int = 1) -> list:
    """Send so many referrals, and let their invitations go out."""
    sent = [(await shop.house.sent(clinic, [bank])).plan.referral for _ in range(count)]
    await shop.skip(seconds=11)
    await carried(shop)
    return sent


async def carried(shop) -> None:
    async with shop.working():
        await shop.drained()


async def nudged(shop) -> None:
    """Let the next rung of every answer clock come, and carry what it says."""
    await due(shop, Clock.ANSWER)
    await clockwork.tick(shop.desk, guard.Guard())
    await carried(shop)


async def morning(shop) -> None:
    """Let the next morning's digests be due, and carry them."""
    await shop.owner.execute(
        "update lk.clock_offset set offset_by = offset_by + (select min(o.due_at) - lk.now()"
        " from lk.outbox o where o.digest_at is not null and o.state = 'pending')"
        " + interval '1 second'"
    )
    await carried(shop)


def plain(mail) -> str:
    return mail.get_body(("plain",)).get_content()


async def test_three_reminders_to_one_agency_become_one_mail_the_next_morning(shop) -> None:
    [clinic], bank = await agency(shop)
    sent = await invited(shop, clinic, bank, count=3)
    before = len(shop.office.taken)
    await nudged(shop)
    assert len(shop.office.taken) == before
    waiting = await shop.effects("kind = 'nudge'")
    assert [row["state"] for row in waiting] == ["gathered"] * 3
    await morning(shop)
    [digest] = shop.mails[before:]
    assert digest["To"] == bank.mailbox
    assert digest["Subject"] == "3 requests are waiting for you"
    text = plain(digest)
    for referral in sent:
        assert referral.reference in text
    secrets = set(re.findall(r"http://127\.0\.0\.1:8080/r/(\S+)", text))
    assert len(secrets) == 3
    ledger = await shop.rows(
        "select o.kind, o.state, d.state as delivered, k.leg_id, o.leg_id as about from lk.outbox o"
        " join lk.delivery d on d.effect_id = o.id left join lk.link k on k.delivery_id = d.id"
        " where o.kind in ('nudge', 'digest') order by o.kind desc"
    )
    assert [(row["kind"], row["state"], row["delivered"]) for row in ledger] == [
        *[("nudge", "done", "sent")] * 3,
        ("digest", "done", "sent"),
    ]
    assert all(row["leg_id"] == row["about"] for row in ledger)


async def test_two_open_items_are_reminded_of_by_themselves(shop) -> None:
    [clinic], bank = await agency(shop)
    await invited(shop, clinic, bank, count=2)
    before = len(shop.office.taken)
    await nudged(shop)
    assert len(shop.office.taken) == before + 2


async def test_what_was_answered_meanwhile_is_left_out_and_nothing_left_is_not_sent(shop) -> None:
    [clinic], bank = await agency(shop)
    sent = await invited(shop, clinic, bank, count=3)
    await nudged(shop)
    for referral in sent[1:]:
        await shop.house.step(bank.actor, referral.legs[0].id, Step.DECLINE)
    await carried(shop)
    before = len(shop.to(bank.mailbox))
    await morning(shop)
    [digest] = shop.to(bank.mailbox)[before:]
    assert digest["Subject"] == "1 request is waiting for you"
    assert sent[0].reference in plain(digest)
    assert sent[1].reference not in plain(digest)
