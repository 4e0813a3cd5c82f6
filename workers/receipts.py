"""Receipts: takes in what providers say became of a delivery, and what phones say to us.

Statuses only move forward.

The rows are the queue. The stream only says that there is one, so that losing it costs seconds.
"""

import asyncio

from service.domain import sms_status
from service.store import receipts
from service.store.pool import Scope
from service.store.receipts import WaitingReceipt
from workers import bell, ears, mail_receipts, pace, phones, text_receipts
from workers.desk import Desk

BATCH = 200
LOOK_S = 2.0
_CHORES_S = 30.0


async def run(desk: Desk, *, stop: asyncio.Event) -> None:
    """Apply what waits until told to stop; losing PostgreSQL or Redis only makes it wait."""
    turns = pace.Turns()

    async def take() -> None:
        count = await turn(desk) + await ears.turn(desk)
        if turns.every(5.0):
            await desk.beat("receipts", applied=count)
        if turns.every(_CHORES_S):
            await phones.chores(desk.db, desk.settings)
        if count < BATCH:
            await pace.first(stop, desk.bell.hear(bell.RECEIPTS, count=BATCH, wait_s=LOOK_S))

    await pace.steadily("receipts", take, stop=stop, wait=LOOK_S)


async def turn(desk: Desk) -> int:
    """Apply one batch of receipts; return how many."""
    async with desk.db.transaction(Scope()) as connection:
        found = await receipts.waiting(connection, limit=BATCH)
    for each in found:
        await apply(desk, each)
    return len(found)


async def apply(desk: Desk, receipt: WaitingReceipt) -> None:
    """Apply one receipt in one transaction, through the eyes of the organization it went to."""
    scope = Scope(org_id=receipt.org_id, opening=receipt.referral_id)
    async with desk.db.transaction(scope) as connection:
        if not await receipts.applied(connection, receipt.id):
            return
        if receipt.provider in sms_status.PROVIDERS:
            await text_receipts.apply(connection, receipt)
        else:
            await mail_receipts.apply(connection, receipt)
