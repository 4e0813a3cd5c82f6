"""Reminders end by one click, and nothing else does."""

from __future__ import annotations

import re

from service.actions import reminders
from workers import clockwork, guard


async def _nudged(shop):
    await shop.house.organization("Network", kind="coordination", cco=True)
    clinic = await shop.house.organization("Northside Clinic")
    bank = await shop.house.organization("Harbor", kind="social_service", channel="link")
    taken = await shop.house.sent(clinic, [bank])
    await shop.skip(seconds=11)
    async with shop.working():
        await shop.until(lambda: shop.office.taken)
        await shop.drained()
    await nudge(shop)
    return clinic, bank, taken.plan.referral


async def nudge(shop) -> None:
    """Let the clock's next tick be due, and carry what it says."""
    await shop.owner.execute(
        "update lk.timer set due_at = lk.now(), final_at = case rung when 0 then"
        " lk.now() + interval '1 day' else lk.now() end where state = 'armed'"
    )
    await clockwork.tick(shop.desk, guard.Guard())
    async with shop.working():
        await shop.drained()


def secret_of(mail) -> str:
    found = re.fullmatch(
        r"<http://127\.0\.0\.1:8080/mail-off/([A-Za-z0-9_-]+)>", mail["List-Unsubscribe"]
    )
    assert found
    return found[1]


async def test_only_reminders_carry_the_way_out_and_every_mail_says_it_is_automatic(shop) -> None:
    await _nudged(shop)
    invited, reminded = shop.mails
    assert invited["List-Unsubscribe"] is None
    assert reminded["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert secret_of(reminded)
    for mail in (invited, reminded):
        assert mail["Auto-Submitted"] == "auto-generated"
        assert mail["X-Auto-Response-Suppress"] == "All"


async def test_ended_reminders_are_not_sent_the_referral_stays_open_and_a_task_says_so(
    shop,
) -> None:
    clinic, bank, facts = await _nudged(shop)
    secret = secret_of(shop.mails[-1])
    sent = len(shop.office.taken)
    # The web's eyes, not the worker's.
    for _ in range(2):
        await reminders.stop(shop.house.office, secret)
    [task] = await shop.rows("select * from lk.human_task where kind = 'reminders_off'")
    assert (task["org_id"], task["about_org_id"], task["referral_id"]) == (
        clinic.id,
        bank.id,
        facts.id,
    )
    await nudge(shop)
    assert len(shop.office.taken) == sent
    ended = await shop.effects("kind = 'nudge' and state = 'cancelled'")
    assert [row["last_error"] for row in ended] == ["reminders_off"]
    [referral] = await shop.rows("select state from lk.referral")
    assert referral["state"] == "with_recipient"
    # The clock climbs on: whoever ends reminders stops no ladder.
    assert await shop.rows("select 1 from lk.timer where clock = 'answer' and state = 'armed'")


async def test_what_is_no_reminder_still_goes_out(shop) -> None:
    clinic, bank, _ = await _nudged(shop)
    await reminders.stop(shop.house.office, secret_of(shop.mails[-1]))
    sent = len(shop.office.taken)
    await shop.house.sent(clinic, [bank])
    await shop.skip(seconds=11)
    async with shop.working():
        await shop.until(lambda: len(shop.office.taken) == sent + 1)
        await shop.drained()
    assert shop.mails[-1]["To"] == bank.mailbox


async def test_people_let_reminders_go_on(shop) -> None:
    clinic, bank, _ = await _nudged(shop)
    await reminders.stop(shop.house.office, secret_of(shop.mails[-1]))
    sent = len(shop.office.taken)
    assert await reminders.off_since(shop.house.office, clinic.actor, org_id=bank.id)
    await reminders.resume(shop.house.office, clinic.actor, org_id=bank.id)
    assert await reminders.off_since(shop.house.office, clinic.actor, org_id=bank.id) is None
    [line] = await shop.rows("select * from lk.audit where action = 'reminders.resume'")
    assert line["resource_id"] == bank.id
    await nudge(shop)
    assert len(shop.office.taken) == sent + 1


async def test_a_secret_of_nobody_ends_nothing(shop) -> None:
    await _nudged(shop)
    secret = secret_of(shop.mails[-1])
    for other in ("", "x", secret[:-4] + "AAAA", "A" * len(secret), "\ud800", secret * 30):
        await reminders.stop(shop.house.office, other)
    assert await shop.rows("select 1 from lk.address where reminders_off_at is not null") == []
