"""Those above hear of all that is late in one mail, by partner; and of nothing twice."""

from __future__ import annotations

from service.domain.clocks import Clock
from service.domain.mail_pace import RoutineMail
from service.domain.people import Role
from service.store.pool import Scope
from tests.workers.test_digests import agency, carried, invited, morning, nudged, plain
from tests.workers.test_mail_wishes import wants
from tests.workers.waits import escalated, network, walked


async def late(shop):
    """Let three referrals to two partners move, and the day after it be reported."""
    cco, clinic, bank = await network(shop)
    shelter = await shop.house.organization("Shelter", kind="social_service")
    above = await shop.house.member(cco.id, roles=frozenset({Role.ORG_ADMIN}), name="Above")
    for partner in (bank, bank, shelter):
        await walked(shop, clinic, partner, Clock.ANSWER)
    await escalated(shop, times=5)
    return above


async def reports(shop) -> list[dict]:
    return await shop.effects("kind = 'report' order by created_at, id")


def told_of_late(shop) -> list[str]:
    return [plain(mail) for mail in shop.mails if "late, and whoever answers" in plain(mail)]


async def test_all_that_is_late_is_one_report_by_partner(shop) -> None:
    await late(shop)
    await carried(shop)
    assert {row["state"] for row in await reports(shop)} == {"gathered"}
    await morning(shop)
    said = told_of_late(shop)
    whom = {row["member_id"] for row in await reports(shop)}
    assert len(said) == len(whom)
    for text in said:
        assert text.count("- Harbor: ") == text.count("- Shelter: ") == 1
    assert {row["state"] for row in await reports(shop)} == {"done"}


async def test_nobody_silences_the_report(shop) -> None:
    above = await late(shop)
    await wants(shop, above, RoutineMail.NONE)
    await carried(shop)
    await morning(shop)
    mine = [row for row in await reports(shop) if row["member_id"] == above.member_id]
    assert mine
    assert {row["state"] for row in mine} == {"done"}


async def test_a_report_of_what_was_answered_meanwhile_is_not_sent(shop) -> None:
    await late(shop)
    await carried(shop)
    await shop.owner.execute("update lk.leg set state = 'accepted'")
    await morning(shop)
    assert told_of_late(shop) == []
    assert {row["state"] for row in await reports(shop)} == {"cancelled"}


async def test_the_budget_is_the_recipients_whoever_sends(shop) -> None:
    senders, bank = await agency(shop, "Northside Clinic", "Southside Clinic")
    for clinic in senders:
        await invited(shop, clinic, bank)
    await nudged(shop)
    await shop.owner.execute("update lk.timer set rung = 0 where state = 'armed'")
    await nudged(shop)
    states = sorted(row["state"] for row in await shop.effects("kind = 'nudge'"))
    # Two by themselves, one of each; the third and the fourth wait for the morning.
    assert states == ["done", "done", "gathered", "gathered"]


async def test_a_digest_speaks_the_recipients_language(shop) -> None:
    (clinic,), bank = await agency(shop)
    await shop.owner.execute("update lk.organization set language = 'es' where id = $1", bank.id)
    await invited(shop, clinic, bank, count=3)
    await nudged(shop)
    await morning(shop)
    assert "solicitudes" in plain(shop.mails[-1])


async def test_a_digest_cut_off_after_its_mail_left_is_one_in_the_ledger(shop) -> None:
    (clinic,), bank = await agency(shop)
    await invited(shop, clinic, bank, count=3)
    await nudged(shop)
    await morning(shop)
    [digest] = await shop.effects("kind = 'digest'")
    # As if the courier had died between the mail server's word and its own commit.
    async with shop.desk.db.transaction(Scope()) as connection:
        await connection.execute(
            "update outbox set state = 'pending', done_at = null, claimed_until = null"
            " where id = $1",
            digest["id"],
        )
        await connection.execute(
            "update delivery set state = 'attempted', finished_at = null where effect_id = $1",
            digest["id"],
        )
        await connection.execute(
            "update outbox set state = 'gathered', done_at = null where digest_id = $1",
            digest["id"],
        )
    await carried(shop)
    first, second = shop.mails[-2:]
    assert first["Message-ID"] == second["Message-ID"]
    assert plain(first) == plain(second)
    rows = await shop.rows(
        "select o.kind, count(d.id) as tries from lk.outbox o left join lk.delivery d"
        " on d.effect_id = o.id where o.kind in ('nudge', 'digest') group by o.id, o.kind"
    )
    assert {row["tries"] for row in rows} == {1}
    assert {row["state"] for row in await shop.effects("kind = 'digest'")} == {"done"}
