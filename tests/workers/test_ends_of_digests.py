"""A digest that is stuck, given up, lost or counted as sent takes along what it held."""

from __future__ import annotations

import pytest

from service.actions import mend_effects
from service.actions.permission import OPERATOR
from service.domain.clocks import Clock
from service.store import invariants, receipts, restores
from service.store.pool import Scope
from service.store.receipts import NewReceipt
from tests.workers.test_digests import agency, carried, invited, morning, nudged, plain
from workers import receipts as taking

HELD = "kind = 'nudge' order by created_at, id"


async def waiting(shop, *senders: str, count: int = 3):
    """Let a digest of one agency wait for its morning; its referrals come with it."""
    clinics, bank = await agency(shop, *senders)
    sent = [each for clinic in clinics for each in await invited(shop, clinic, bank, count=count)]
    await nudged(shop)
    return clinics, bank, sent


async def refused(shop, *senders: str, by: str = "552 5.2.2 full", count: int = 3):
    """Let that digest be refused for good on its morning."""
    found = await waiting(shop, *senders, count=count)
    shop.office.at["RCPT"] = [by]
    await morning(shop)
    return found


async def digest(shop) -> dict:
    [found] = await shop.effects("kind = 'digest'")
    return found


async def states(shop) -> set[tuple[str, str | None]]:
    """Say how what the digest held stands, each with its delivery."""
    rows = await shop.rows(
        "select o.state, d.state as delivered from lk.outbox o left join lk.delivery d"
        " on d.effect_id = o.id where o.kind = 'nudge'"
    )
    return {(row["state"], row["delivered"]) for row in rows}


async def tasks(shop) -> list[dict]:
    return await shop.rows("select * from lk.human_task order by org_id")


async def breaches(shop) -> list[str]:
    wanted = [each for each in invariants.INVARIANTS if each.id in ("I6", "I6a", "I7")]
    async with shop.house.check.transaction(Scope()) as connection:
        found = await invariants.check(connection, wanted)
    return [breach.detail for each in found for breach in each.breaches]


async def listed(shop) -> list[str]:
    found = await mend_effects.list_stuck(
        shop.house.office, OPERATOR, mend_effects.Wanted(), limit=50
    )
    return [row.kind for row in found]


async def test_a_dead_digest_is_one_task_for_whoever_waits_and_one_line_of_what_is_stuck(
    shop,
) -> None:
    [clinic], bank, _ = await refused(shop)
    found = await digest(shop)
    assert found["state"] == "dead"
    assert await states(shop) == {("dead", "refused")}
    [task] = await tasks(shop)
    assert (task["org_id"], task["about_org_id"], task["effect_id"]) == (
        clinic.id,
        bank.id,
        found["id"],
    )
    assert (task["kind"], task["member_id"]) == ("undeliverable", clinic.actor.member_id)
    assert task["referral_id"] is None
    assert await listed(shop) == ["digest"]
    assert await breaches(shop) == []


async def test_each_organization_that_waits_gets_one_task_and_the_referral_where_it_is_one(
    shop,
) -> None:
    north, south = "Northside Clinic", "Southside Clinic"
    clinics, _, sent = await refused(shop, north, south, count=2)
    assert {task["org_id"] for task in await tasks(shop)} == {each.id for each in clinics}
    assert len(await tasks(shop)) == 2
    await shop.owner.execute("delete from lk.human_task")
    alone = sent[0]
    await shop.owner.execute(
        "update lk.outbox set state = 'cancelled' where kind = 'nudge' and referral_id = $1",
        sent[1].id,
    )
    found = await digest(shop)
    async with shop.desk.db.transaction(Scope()) as connection:
        from service.store import outbox

        await outbox.open_work(connection, found["id"], kind="undeliverable", reason="x")
    named = [task["referral_id"] for task in await tasks(shop) if task["referral_id"]]
    assert named == [alone.id]


async def test_a_digest_that_is_tried_again_carries_what_it_held_in_the_same_mail(shop) -> None:
    _, bank, sent = await refused(shop)
    found = await digest(shop)
    before = await shop.rows("select message_id from lk.delivery where effect_id = $1", found["id"])
    await mend_effects.retry(shop.house.office, OPERATOR, found["id"])
    assert await states(shop) == {("gathered", "attempted")}
    await carried(shop)
    mail = shop.to(bank.mailbox)[-1]
    assert [mail["Message-ID"]] == [row["message_id"] for row in before]
    assert [each.reference for each in sent if each.reference not in plain(mail)] == []
    assert await states(shop) == {("done", "sent")}
    assert {task["resolution"] for task in await tasks(shop)} == {"tried_again"}


async def test_a_digest_given_up_after_it_died_ends_what_died_in_it(shop) -> None:
    await refused(shop)
    await mend_effects.give_up(shop.house.office, OPERATOR, (await digest(shop))["id"])
    assert await states(shop) == {("cancelled", "refused")}
    assert [task["state"] for task in await tasks(shop)] == ["done"]
    assert await listed(shop) == []
    assert await breaches(shop) == []


async def test_a_digest_given_up_while_it_waits_leaves_nothing_waiting_for_ever(shop) -> None:
    await waiting(shop)
    found = await digest(shop)
    assert await states(shop) == {("gathered", None)}
    await mend_effects.give_up(shop.house.office, OPERATOR, found["id"])
    assert await states(shop) == {("cancelled", None)}
    assert await breaches(shop) == []
    before = len(shop.office.taken)
    await shop.owner.execute("update lk.timer set rung = 0 where state = 'armed'")
    await nudged(shop)
    # What is reminded of after it waits for another morning.
    await morning(shop)
    assert len(shop.office.taken) == before + 1
    digests = await shop.effects("kind = 'digest' order by digest_at")
    assert [row["state"] for row in digests] == ["cancelled", "done"]


async def test_a_digest_counted_as_sent_after_a_restore_takes_along_what_it_held(shop) -> None:
    _, _, sent = await refused(shop)
    await mend_effects.retry(shop.house.office, OPERATOR, (await digest(shop))["id"])
    moment = await shop.owner.fetchval("select lk.raw_now()")
    await restores.hold(shop.house.url, moment)
    async with shop.house.check.transaction(Scope()) as connection:
        [doubt] = [each for each in await restores.doubtful(connection) if each.kind == "digest"]
    assert (doubt.count, doubt.tried) == (1, 1)
    assert doubt.refs == sorted(each.reference for each in sent)
    async with shop.desk.db.transaction(Scope()) as connection:
        done = await restores.release(connection, ["digest"])
    assert done is not None
    assert done.counted_as_sent == 1
    assert await states(shop) == {("done", "unknown")}
    assert await breaches(shop) == []


async def told(shop, kind: str, code: str) -> None:
    """Let the mailroom have heard this of the digest's mail, and take it in."""
    [mail] = await shop.rows(
        "select d.id from lk.delivery d join lk.outbox o on o.id = d.effect_id"
        " where o.kind = 'digest'"
    )
    new = NewReceipt(
        provider="mail",
        event_id=f"{kind}{code}",
        kind=kind,
        message_id=None,
        code=code,
        delivery_id=mail["id"],
    )
    async with shop.desk.db.transaction(Scope()) as connection:
        await receipts.insert(connection, new)
    await taking.turn(shop.desk)


@pytest.mark.parametrize(
    "case",
    [
        ("bounced", "5.1.1", "bounced", ["address_bounced"]),
        ("complained", "", "complained", ["address_bounced"]),
        ("refused", "5.7.1", "refused", ["undeliverable"]),
        ("soft", "5.2.2", "refused", []),
        ("delivered", "", "delivered", []),
    ],
)
async def test_what_is_told_of_a_digest_later_is_told_of_all_that_went_in_it(shop, case) -> None:
    kind, code, becomes, work = case
    _, bank, sent = await waiting(shop)
    await morning(shop)
    assert await states(shop) == {("done", "sent")}
    await told(shop, kind, code)
    assert await states(shop) == {("done", becomes)}
    about = await shop.rows(
        "select referral_id from lk.delivery where state = $1 and referral_id is not null", becomes
    )
    assert {row["referral_id"] for row in about} == {each.id for each in sent}
    assert [(task["kind"], task["about_org_id"]) for task in await tasks(shop)] == [
        (each, bank.id) for each in work
    ]
    soft = await shop.rows("select id from lk.delivery where soft_at is not null")
    # One mail that one mailbox did not take is counted once.
    assert len(soft) == (kind == "soft")
    live = await shop.rows("select 1 from lk.link where state <> 'revoked'")
    assert (live == []) is (work == ["address_bounced"])


BREAKS = {
    "a digest that ended": "update lk.outbox set state = 'cancelled' where kind = 'digest'",
    "no digest at all": "update lk.outbox set digest_id = null where kind = 'nudge'",
    "a digest that should have left": "update lk.outbox set digest_at = lk.now()"
    " - interval '61 seconds', next_at = lk.now() - interval '61 seconds' where kind = 'digest'",
}


@pytest.mark.parametrize("broken", BREAKS)
async def test_a_reminder_that_waits_past_its_digest_is_a_breach(shop, broken) -> None:
    await waiting(shop)
    assert await breaches(shop) == []
    await shop.owner.execute(BREAKS[broken])
    found = [each for each in await breaches(shop) if each.startswith("nudge waits for a digest")]
    assert len(found) == 3
    assert (await shop.rows("select clock from lk.timer where state = 'armed' limit 1"))[0][
        "clock"
    ] == Clock.ANSWER
