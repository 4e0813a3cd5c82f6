"""After a restore nothing goes out and nothing fires until somebody lets go."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.store import outbox, restores, timers
from service.store.pool import Scope
from workers import clockwork, guard, relay

DAYS_AWAY = 3


@pytest.fixture
async def restored(shop):
    """A network whose backup is three days old: an invite was owed then, and timers ran."""
    clinic = await shop.house.organization("Northside Clinic")
    bank = await shop.house.organization("Harbor", kind="social_service", channel="link")
    for _ in range(3):
        await shop.house.sent(clinic, [bank])
    moment = await shop.owner.fetchval("select lk.raw_now()")
    await restores.hold(shop.house.url, moment)
    await shop.skip(days=DAYS_AWAY)
    return shop


async def let_go(shop, *, sent=()):
    async with shop.desk.db.transaction(Scope()) as connection:
        return await restores.release(connection, sent)


async def armed(shop):
    return await shop.rows("select id, due_at, final_at from lk.timer where state = 'armed'")


async def test_a_relay_leases_nothing_and_a_courier_takes_nothing(restored) -> None:
    before = await restored.effects()
    assert await relay.turn(restored.desk) == 0
    for effect in before:
        scope = Scope(org_id=effect["org_id"], opening=effect["referral_id"])
        async with restored.desk.db.transaction(scope) as connection:
            assert await outbox.claim(connection, effect["id"]) is None
    assert await restored.effects() == before


async def test_no_timer_fires_while_it_is_held(restored) -> None:
    before = await armed(restored)
    assert await clockwork.tick(restored.desk, guard.Guard()) == 0
    assert await armed(restored) == before
    async with restored.desk.db.transaction(Scope()) as connection:
        assert await timers.held(connection)


async def test_a_release_gives_overdue_timers_their_days_back(restored) -> None:
    now = await restored.owner.fetchval("select lk.now()")
    before = {each["id"]: each for each in await armed(restored)}
    late = [each["id"] for each in before.values() if each["due_at"] <= now]
    done = await let_go(restored)
    assert late
    assert done is not None
    assert (done.rearmed, done.counted_as_sent) == (len(late), 0)
    for each in await armed(restored):
        days = timedelta(days=DAYS_AWAY + 1) if each["id"] in late else timedelta()
        assert each["due_at"] == before[each["id"]]["due_at"] + days > now
        assert each["final_at"] >= each["due_at"]
    assert await clockwork.tick(restored.desk, guard.Guard()) == 0


async def test_after_a_release_what_waited_goes_out_once(restored) -> None:
    async with restored.working():
        await let_go(restored)
        await restored.drained()
    assert len(restored.mails) == 3
    assert {each["tries"] for each in await restored.effects("kind = 'invite'")} == {1}


async def test_what_counts_as_sent_never_goes_out(restored) -> None:
    async with restored.working():
        done = await let_go(restored, sent=("invite",))
        await restored.drained()
    assert done is not None
    assert done.counted_as_sent == 3
    assert restored.mails == []
    assert await let_go(restored) is None


async def test_everybody_signs_in_again(shop) -> None:
    clinic = await shop.house.organization("Northside Clinic")
    await shop.owner.execute(
        "insert into lk.session (secret_hash, id, person_id, org_id, member_id, csrf_hash,"
        " created_at, seen_at, expires_at) select sha256('x'), gen_random_uuid(), m.person_id,"
        " m.org_id, m.id, sha256('y'), lk.raw_now(), lk.raw_now(), lk.raw_now() + interval '1 day'"
        " from lk.member m where m.org_id = $1",
        clinic.id,
    )
    await restores.hold(shop.house.url, await shop.owner.fetchval("select lk.raw_now()"))
    assert not await shop.rows("select 1 from lk.session where ended_at is null")
