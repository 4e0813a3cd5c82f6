"""What receipts about mails change: a delivery, the count of soft bounces, a mailbox."""

from service.domain import bounces
from service.domain import delivery as rules
from service.domain.bounces import Told
from service.domain.delivery import DeliveryState
from service.store import outbox, receipts
from service.store.pool import Connection
from service.store.receipts import WaitingReceipt

TOLD = frozenset(Told)


async def apply(connection: Connection, receipt: WaitingReceipt) -> None:
    """Apply one receipt about a mail of ours; the delivery is locked meanwhile."""
    if receipt.delivery_id is None or receipt.effect_id is None or receipt.kind not in TOLD:
        return
    told = _told(receipt)
    if told is Told.UNREAD:
        # It came to an address only this mail had: somebody should ask whether the mail arrived.
        await outbox.open_work(
            connection, receipt.effect_id, kind="undeliverable", reason="came_back_unread"
        )
    becomes = bounces.BECOMES.get(told)
    if becomes is None:
        return
    was = await receipts.stands(connection, receipt.delivery_id)
    if was not in rules.ORDER or rules.further(DeliveryState(was), becomes) == was:
        return
    if told is Told.SOFT and await _too_often(connection, receipt):
        becomes = DeliveryState.BOUNCED
    await receipts.move(connection, receipt.delivery_id, becomes=becomes, code=receipt.code)
    if becomes in rules.BAD_ADDRESS:
        await receipts.bounced(
            connection, delivery_id=receipt.delivery_id, effect_id=receipt.effect_id
        )
    elif told is Told.REFUSED:
        await outbox.open_work(
            connection, receipt.effect_id, kind="undeliverable", reason=receipt.code or "refused"
        )


def _told(receipt: WaitingReceipt) -> Told:
    told = Told(receipt.kind)
    # Some providers call everything a bounce that did not arrive; the code knows better.
    return bounces.failed(receipt.code) if told is Told.BOUNCED and receipt.code else told


async def _too_often(connection: Connection, receipt: WaitingReceipt) -> bool:
    assert receipt.delivery_id is not None
    count = await receipts.softly(connection, receipt.delivery_id, within=bounces.SOFT_WITHIN)
    return count >= bounces.SOFT_MOST
