"""Texts that came from phones: each is opened, heard, and marked, in that order.

Killed in between, a text is heard a second time, which changes nothing.
"""

from service import faults, logs
from service.actions import hear_text, phone, take_callback
from service.actions.hear_text import Inbound
from service.store import sms
from service.store.pool import Scope
from service.store.sms import WaitingText
from workers.desk import Desk

BATCH = 50
MOST_TRIES = 8


async def turn(desk: Desk) -> int:
    """Hear one batch of what phones said; return how many."""
    async with desk.db.transaction(Scope()) as connection:
        found = await sms.texts_waiting(connection, limit=BATCH)
    for each in found:
        await _heed(desk, each)
    return len(found)


async def _heed(desk: Desk, waiting: WaitingText) -> None:
    """Hear one text; what is wrong with one must not keep the others waiting."""
    try:
        await _hear(desk, waiting)
        outcome = "heard"
    except faults.Busy:
        raise
    except Exception as error:  # noqa: BLE001 - it is logged, and tried again in half a minute
        logs.broke("text not heard", error, worker="receipts")
        if waiting.tries < MOST_TRIES:
            return
        outcome = "given_up"
    async with desk.db.transaction(Scope()) as connection:
        await sms.text_handed(connection, waiting.id, outcome=outcome)
        if outcome == "given_up":
            await sms.strange(connection, reason="text_given_up")


async def _hear(desk: Desk, waiting: WaitingText) -> None:
    came = await take_callback.opened(desk.office, waiting)
    inbound = Inbound(
        # A provider may leave out the plus sign; what is no number is heard from nobody.
        number=phone.e164(came.number, desk.office.region) or came.number,
        our_number=came.our_number,
        text=came.text,
        provider=waiting.provider,
        provider_event_id=waiting.event_id,
        at=waiting.received_at,
    )
    await hear_text.hear(desk.office, inbound)
