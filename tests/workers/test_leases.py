"""A lease keeps an effect from everybody else, and ends by itself."""

from service.store import outbox
from service.store.pool import Scope


async def _waiting(shop):
    """One effect that is due."""
    clinic = await shop.house.organization("Northside Clinic")
    bank = await shop.house.organization("Harbor", kind="social_service", channel="link")
    await shop.house.sent(clinic, [bank])
    await shop.owner.execute("update lk.outbox set state = 'cancelled' where channel = 'sms'")
    await shop.skip(minutes=1)
    [effect] = await shop.effects("state = 'pending' and due_at <= lk.now()")
    return effect


async def _leased(shop):
    async with shop.desk.db.transaction(Scope()) as connection:
        return await outbox.lease(connection, 100)


async def _claimed(shop, effect):
    scope = Scope(org_id=effect["org_id"], opening=effect["referral_id"])
    async with shop.desk.db.transaction(scope) as connection:
        return await outbox.claim(connection, effect["id"])


async def test_what_was_rung_is_rung_again_when_its_lease_ends(shop) -> None:
    effect = await _waiting(shop)
    assert await _leased(shop) == [effect["id"]]
    assert await _leased(shop) == []
    await shop.skip(seconds=11)
    assert await _leased(shop) == [effect["id"]]


async def test_of_two_couriers_one_has_an_effect(shop) -> None:
    effect = await _waiting(shop)
    first = await _claimed(shop, effect)
    assert first is not None
    assert first.id == effect["id"]
    assert await _claimed(shop, effect) is None
    # Whoever had it was killed: the next one gets it, and nothing was lost.
    await shop.skip(seconds=11)
    assert await _claimed(shop, effect) is not None
