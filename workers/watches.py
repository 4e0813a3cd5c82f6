"""Clocks that hang on no referral: a consent that ends, a birthday, an access nobody reviewed.

Each looks before it speaks, in one transaction with what it opens; none of them changes what it
watches.
"""

from datetime import timedelta

from service import faults, logs
from service.store import watches
from service.store.pool import Connection, Scope
from service.store.watches import Due
from workers.desk import Desk

BATCH = 100


async def tick(desk: Desk) -> int:
    """Fire one batch of what is due; what is wrong with one must not keep the others waiting."""
    async with desk.db.transaction(Scope()) as connection:
        found = await watches.due(connection, limit=BATCH)
    for each in found:
        try:
            await _fire(desk, each)
        except faults.Busy:
            raise
        except Exception as error:  # noqa: BLE001 - it is logged, and an overdue timer raises an alarm
            logs.broke("watch not fired", error, clock=each.clock, worker="clockwork")
    return len(found)


async def _fire(desk: Desk, due: Due) -> None:
    async with desk.db.transaction(Scope(org_id=due.turn_org_id)) as connection:
        if not await watches.hold(connection, due.id):
            return
        if due.consent_id is not None:
            await _consent(connection, due)
        elif due.break_glass_id is not None:
            await _unreviewed(connection, due)
        else:
            await watches.ask_review(connection, due)
            await watches.fired(connection, due.id)


async def _consent(connection: Connection, due: Due) -> None:
    """Ask once a day whether somebody is at work on a consent that ends, and once it has ended."""
    stands = await watches.consent(connection, due)
    if stands is None or stands.revoked_at is not None or stands.expires_at is None:
        await watches.disarm(connection, due.id)
        return
    over = stands.expires_at <= stands.now
    kind = "consent_expired" if over else "consent_expiring"
    await watches.ask_renewal(connection, due, kind=kind, by=stands.expires_at)
    if over:
        await watches.fired(connection, due.id)
        return
    await watches.again(
        connection, due.id, wait=min(timedelta(days=1), stands.expires_at - stands.now)
    )


async def _unreviewed(connection: Connection, due: Due) -> None:
    """Three days and no review: those above hear of it, and again every week until there is one."""
    if not await watches.is_unreviewed(connection, due):
        await watches.disarm(connection, due.id)
        return
    await watches.escalate(connection, due)
    await watches.again(connection, due.id, wait=timedelta(days=7))
