"""From a commit to a mail: what arrives, what it says, and what is kept."""

from __future__ import annotations

import asyncio

import pytest

from crypto import token
from service.domain.rules import Step
from service.store.pool import Scope
from tests.workers import shop as shops


async def pair(shop, **recipient):
    """A clinic, and an agency that answers by link, with a network's coordinators."""
    await shop.house.organization("Network", kind="coordination", cco=True)
    clinic = await shop.house.organization("Northside Clinic")
    bank = await shop.house.organization(
        "Harbor", kind="social_service", **({"channel": "link"} | recipient)
    )
    return clinic, bank


async def test_an_invitation_arrives_with_a_link_whose_hash_is_in_the_table(shop) -> None:
    clinic, bank = await pair(shop)
    taken = await shop.house.sent(clinic, [bank])
    await shop.skip(seconds=11)
    async with shop.working():
        await shop.until(lambda: shop.to(bank.mailbox))
        await shop.drained()
    [mail] = shop.to(bank.mailbox)
    secret = shops.link_in(mail)
    [link] = await shop.rows("select * from lk.link")
    assert link["secret_hash"] == token.secret_hash(secret)
    assert taken.plan.referral.reference in mail["Subject"]
    assert "Northside Clinic" in mail["Subject"]
    for word in ("García", "María", "food", "Groceries"):
        assert word.encode() not in shop.office.taken[0]
    [effect] = await shop.effects("kind = 'invite'")
    assert (effect["state"], effect["tries"]) == ("done", 1)
    [delivery] = await shop.rows("select * from lk.delivery")
    assert (delivery["state"], delivery["message_id"]) == ("sent", mail["Message-ID"])
    kept = repr(await shop.rows("select * from lk.delivery"))
    assert secret not in kept
    assert bank.mailbox not in kept


async def test_an_organization_with_accounts_is_shown_the_page_and_gets_no_link(shop) -> None:
    clinic, bank = await pair(shop, channel="account")
    taken = await shop.house.sent(clinic, [bank])
    await shop.skip(seconds=11)
    async with shop.working():
        await shop.until(lambda: shop.to(bank.mailbox))
    body = shop.to(bank.mailbox)[0].get_body(("plain",)).get_content()
    assert f"/referrals/{taken.referral_id}" in body
    assert not await shop.rows("select * from lk.link")


async def test_the_mail_is_in_the_language_of_the_agency(shop) -> None:
    clinic, bank = await pair(shop, language="es")
    await shop.house.sent(clinic, [bank])
    await shop.skip(seconds=11)
    async with shop.working():
        await shop.until(lambda: shop.to(bank.mailbox))
    assert shop.to(bank.mailbox)[0]["Subject"].startswith("Solicitud")


async def test_a_send_that_is_recalled_within_the_hold_sends_nothing(shop) -> None:
    clinic, bank = await pair(shop)
    taken = await shop.house.sent(clinic, [bank])
    await shop.house.step(clinic.actor, None, Step.RECALL, referral_id=taken.referral_id)
    await shop.skip(seconds=30)
    async with shop.working():
        await asyncio.sleep(0.7)
    assert not shop.office.taken
    assert {effect["state"] for effect in await shop.effects()} == {"cancelled"}


async def test_an_answer_undone_within_the_window_is_told_to_nobody(shop) -> None:
    clinic, bank = await pair(shop, channel="account")
    taken = await shop.house.sent(clinic, [bank])
    leg_id = taken.plan.referral.legs[0].id
    await shop.skip(seconds=11)
    await shop.house.step(bank.actor, leg_id, Step.DECLINE)
    await shop.house.step(bank.actor, leg_id, Step.UNDO)
    await shop.skip(minutes=16)
    async with shop.working():
        await shop.drained()
    subjects = [mail["Subject"] for mail in shop.mails]
    assert len(subjects) == 1
    assert {effect["state"] for effect in await shop.effects("code = 'decline'")} == {"cancelled"}


async def test_a_referrer_reads_at_their_own_address_that_somebody_asked(shop) -> None:
    clinic, bank = await pair(shop, channel="account")
    await shop.owner.execute("update lk.organization set routine_mail = 'at_once'")
    taken = await shop.house.sent(clinic, [bank])
    await shop.house.step(bank.actor, taken.plan.referral.legs[0].id, Step.ASK)
    async with shop.working():
        await shop.until(lambda: [mail for mail in shop.mails if "ana" in mail["To"]])
    [mail] = [mail for mail in shop.mails if "ana" in mail["To"]]
    assert taken.plan.referral.reference in mail["Subject"]
    assert f"/referrals/{taken.referral_id}" in mail.get_body(("plain",)).get_content()


async def test_nothing_secret_passes_through_redis(shop, redis_url) -> None:
    from redis import asyncio as redis

    clinic, bank = await pair(shop)
    await shop.house.sent(clinic, [bank])
    await shop.skip(seconds=11)
    async with redis.Redis.from_url(redis_url, protocol=2) as looking:
        from workers import relay

        assert await relay.turn(shop.desk) == 2
        entries = await looking.xrange("effects")
    effects = await shop.effects("true")
    assert sorted(fields[b"id"] for _, fields in entries) == sorted(
        effect["id"].hex.encode() for effect in effects
    )
    assert all(set(fields) == {b"id"} for _, fields in entries)


async def test_a_flushed_redis_loses_nothing(shop, redis_url) -> None:
    from redis import asyncio as redis

    clinic, bank = await pair(shop)
    await shop.house.sent(clinic, [bank])
    await shop.skip(seconds=11)
    async with redis.Redis.from_url(redis_url, protocol=2) as looking:
        from workers import relay

        assert await relay.turn(shop.desk) == 2
        await looking.flushdb()
        async with shop.working():
            await asyncio.sleep(0.3)
            await looking.flushdb()
            await shop.skip(seconds=11)
            await shop.until(lambda: shop.to(bank.mailbox))
            await shop.drained()
    assert len(shop.to(bank.mailbox)) == 1


async def test_a_late_nudge_says_nothing_once_the_leg_is_answered(shop) -> None:
    clinic, bank = await pair(shop, channel="account")
    taken = await shop.house.sent(clinic, [bank])
    leg_id = taken.plan.referral.legs[0].id
    await shop.owner.execute("update lk.timer set due_at = lk.now()")
    from workers import clockwork, guard

    await clockwork.tick(shop.desk, guard.Guard())
    await shop.house.step(bank.actor, leg_id, Step.ACCEPT)
    async with shop.working():
        await shop.drained()
    [nudge] = await shop.effects("kind = 'nudge'")
    assert (nudge["state"], nudge["last_error"]) == ("cancelled", "answered")
    assert not [mail for mail in shop.mails if "waiting" in mail["Subject"]]


async def test_an_expired_effect_ends_without_a_word(shop) -> None:
    clinic, bank = await pair(shop)
    await shop.house.sent(clinic, [bank])
    await shop.owner.execute("update lk.outbox set expires_at = lk.now()")
    await shop.skip(seconds=11)
    async with shop.working():
        await shop.drained()
    assert [effect["state"] for effect in await shop.effects()] == ["expired"]
    assert not shop.office.taken


async def test_a_worker_sees_no_referral_but_the_one_whose_effect_it_holds(shop) -> None:
    clinic, bank = await pair(shop)
    one = await shop.house.sent(clinic, [bank])
    await shop.house.sent(clinic, [bank])
    async with shop.house.worker.transaction(Scope(opening=one.referral_id)) as connection:
        seen = await connection.fetch("select id from referral")
        contents = await connection.fetch("select id from content")
    assert [row["id"] for row in seen] == [one.referral_id]
    assert not contents


@pytest.mark.parametrize("reply", ["451 4.3.0 later", "552 5.2.2 full"])
async def test_an_answer_about_the_mail_costs_a_try(shop, reply) -> None:
    clinic, bank = await pair(shop)
    await shop.house.sent(clinic, [bank])
    await shop.skip(seconds=11)
    shop.office.at["RCPT"] = [reply]
    async with shop.working():
        await shop.until(lambda: shop.effects("tries = 1"))
        [effect] = await shop.effects()
        if reply.startswith("4"):
            assert effect["state"] == "pending"
            assert effect["next_at"] - effect["due_at"] > shops.seconds(4)
            await shop.skip(seconds=10)
            await shop.until(lambda: shop.to(bank.mailbox))
        else:
            assert effect["state"] == "dead"
            [task] = await shop.rows("select * from lk.human_task where effect_id is not null")
            assert (task["kind"], task["org_id"]) == ("undeliverable", clinic.id)


async def test_eight_refusals_make_a_dead_letter_and_a_task(shop) -> None:
    clinic, bank = await pair(shop)
    await shop.house.sent(clinic, [bank])
    await shop.skip(seconds=11)
    shop.office.at["RCPT"] = ["451 4.3.0 later"] * 20
    async with shop.working():
        for count in range(1, 9):
            await shop.until(lambda count=count: shop.effects(f"tries = {count}"))
            await shop.skip(minutes=6)
    [effect] = await shop.effects()
    assert (effect["state"], effect["tries"]) == ("dead", 8)
    assert len(await shop.rows("select * from lk.human_task where kind = 'undeliverable'")) == 1
    assert [row["state"] for row in await shop.rows("select * from lk.delivery")] == ["dead"]


async def test_a_mailbox_that_is_not_there_is_marked_and_its_links_end(shop) -> None:
    clinic, bank = await pair(shop)
    await shop.house.sent(clinic, [bank])
    await shop.skip(seconds=11)
    shop.office.at["RCPT"] = ["550 5.1.1 nobody"]
    async with shop.working():
        await shop.until(lambda: shop.effects("state = 'dead'"))
    [address] = await shop.rows("select state from lk.address where id = $1", bank.address_id)
    assert address["state"] == "bad"
    assert [row["state"] for row in await shop.rows("select * from lk.link")] == ["revoked"]
    [task] = await shop.rows("select * from lk.human_task where kind = 'address_bounced'")
    assert task["org_id"] == clinic.id
    assert [row["state"] for row in await shop.rows("select * from lk.delivery")] == ["bounced"]


async def test_a_mail_sent_again_is_the_same_mail_byte_for_byte(shop) -> None:
    clinic, bank = await pair(shop)
    await shop.house.sent(clinic, [bank])
    await shop.skip(seconds=11)
    async with shop.working():
        await shop.until(lambda: shop.to(bank.mailbox))
        await shop.drained()
        # As after a kill between the mail and the record; meanwhile the count of open items grew.
        await shop.owner.execute(
            "update lk.outbox set state = 'pending', done_at = null, next_at = lk.now()"
        )
        await shop.until(lambda: len(shop.to(bank.mailbox)) == 2)
    first, second = shop.office.taken
    assert first == second
    assert len(await shop.rows("select * from lk.link")) == 1
