"""Routine mail comes to people when they want it; what is urgent or escalates comes in any case."""

from __future__ import annotations

import pytest

from service.actions import mail_wishes
from service.actions.take_step import OnBehalf
from service.domain.clocks import Clock
from service.domain.mail_pace import RoutineMail
from service.domain.people import Priority, Source
from service.domain.rules import Step
from tests.workers.test_digests import carried, morning, plain
from tests.workers.waits import due, network, walked
from workers import clockwork, guard


async def wants(shop, actor, routine: RoutineMail | None) -> None:
    await mail_wishes.wish(shop.house.office, actor, routine=routine)


def to_people(shop) -> list:
    return [mail for mail in shop.mails if "intake" not in mail["To"]]


async def waitlisted(shop, clinic, bank, **how):
    """Let the owner have routine news: somebody was put on a waiting list."""
    taken = await shop.house.sent(clinic, [bank], **how)
    leg_id = taken.plan.referral.legs[0].id
    await shop.house.step(bank.actor, leg_id, Step.ACCEPT)
    await shop.house.step(bank.actor, leg_id, Step.WAITLIST)
    await shop.skip(minutes=16)
    await carried(shop)
    return taken.plan.referral


async def test_routine_news_comes_in_one_mail_the_next_morning_unless_asked_otherwise(shop) -> None:
    _, clinic, bank = await network(shop)
    one = await waitlisted(shop, clinic, bank)
    two = await waitlisted(shop, clinic, bank)
    assert to_people(shop) == []
    await morning(shop)
    [digest] = to_people(shop)
    text = plain(digest)
    assert "2 requests have news:" in text
    assert one.reference in text
    assert two.reference in text
    assert "http://127.0.0.1:8080/tasks" in text
    assert digest["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    states = {row["state"] for row in await shop.effects("kind in ('notice', 'digest')")}
    assert states == {"done"}


async def test_at_once_is_at_once(shop) -> None:
    _, clinic, bank = await network(shop)
    await wants(shop, clinic.actor, RoutineMail.AT_ONCE)
    await waitlisted(shop, clinic, bank)
    assert len(to_people(shop)) == 2
    assert await shop.effects("kind = 'digest'") == []


async def test_the_organization_says_for_those_who_said_nothing(shop) -> None:
    _, clinic, bank = await network(shop)
    await shop.owner.execute(
        "update lk.organization set routine_mail = 'at_once' where id = $1", clinic.id
    )
    await waitlisted(shop, clinic, bank)
    assert len(to_people(shop)) == 2


async def test_without_mail_means_without_routine_mail(shop) -> None:
    _, clinic, bank = await network(shop)
    await wants(shop, clinic.actor, RoutineMail.NONE)
    await waitlisted(shop, clinic, bank)
    assert to_people(shop) == []
    ended = await shop.effects("kind = 'notice'")
    assert {(row["state"], row["last_error"]) for row in ended} == {("cancelled", "not_wanted")}


@pytest.mark.parametrize("routine", [RoutineMail.DIGEST, RoutineMail.NONE])
async def test_nobody_silences_what_is_urgent(shop, routine) -> None:
    _, clinic, bank = await network(shop)
    await wants(shop, clinic.actor, routine)
    await waitlisted(shop, clinic, bank, priority=Priority.URGENT)
    assert len(to_people(shop)) == 2


async def test_nobody_silences_what_escalates(shop) -> None:
    """A second contact hears in the digest, and whoever gets it hears at once."""
    cco, clinic, bank = await network(shop)
    other = await shop.house.member(bank.id, roles=bank.actor.roles)
    for actor in (cco.actor, clinic.actor, bank.actor, other):
        await wants(shop, actor, RoutineMail.NONE)
    await walked(shop, clinic, bank, Clock.SCHEDULE)
    await shop.skip(minutes=16)
    watching = guard.Guard()
    for _ in range(3):
        await due(shop, Clock.SCHEDULE)
        await clockwork.tick(shop.desk, watching)
    await carried(shop)
    [second] = await shop.effects("kind = 'nudge' and member_id is not null")
    assert second["state"] == "gathered"
    await due(shop, Clock.SCHEDULE)
    await clockwork.tick(shop.desk, watching)
    await carried(shop)
    moved = await shop.effects("kind = 'moved'")
    assert [row["state"] for row in moved] == ["done"] * 2


async def test_whoever_ended_reminders_still_hears_what_escalates_without_the_way_out(shop) -> None:
    _, clinic, bank = await network(shop)
    other = await shop.house.member(bank.id, roles=bank.actor.roles)
    await walked(shop, clinic, bank, Clock.SCHEDULE)
    await shop.owner.execute(
        "update lk.member set reminders_off_at = lk.now() where id = any($1::uuid[])",
        [other.member_id, bank.actor.member_id],
    )
    for _ in range(3):
        await due(shop, Clock.SCHEDULE)
        await clockwork.tick(shop.desk, guard.Guard())
    await carried(shop)
    [told] = to_people(shop)
    assert told["List-Unsubscribe"] is None


async def test_nobody_is_told_of_what_they_did_in_place_of_the_owner(shop) -> None:
    _, clinic, bank = await network(shop)
    cover = await shop.house.member(clinic.id, roles=clinic.actor.roles)
    await wants(shop, cover, RoutineMail.AT_ONCE)
    taken = await shop.house.sent(clinic, [bank], priority=Priority.URGENT)
    await shop.owner.execute(
        "update lk.member set away_until = current_date + 30, cover_member_id = $2 where id = $1",
        clinic.actor.member_id,
        cover.member_id,
    )
    leg_id = taken.plan.referral.legs[0].id
    # On behalf of the agency, over the telephone.
    called = OnBehalf(source=Source.PHONE, spoke_to="Kim")
    await shop.house.step(cover, leg_id, Step.ACCEPT, on_behalf=called)
    await shop.house.step(cover, leg_id, Step.WAITLIST, on_behalf=called)
    await shop.skip(minutes=16)
    await carried(shop)
    assert to_people(shop) == []
    notices = await shop.effects("kind = 'notice'")
    assert notices
    assert {row["last_error"] for row in notices} == {"own_act"}
    await shop.house.step(bank.actor, leg_id, Step.SCHEDULE)
    await carried(shop)
    assert len(to_people(shop)) == 1


async def test_a_wish_is_on_record_once(shop) -> None:
    _, clinic, _ = await network(shop)
    for routine in (RoutineMail.NONE, RoutineMail.NONE, None):
        await wants(shop, clinic.actor, routine)
    lines = await shop.rows(
        "select detail->>'routine' as said from lk.audit where action = 'mail.wish' order by at"
    )
    assert [line["said"] for line in lines] == ["none", "organization"]
