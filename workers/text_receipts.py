"""What a provider's receipt makes of a text: by its table, forward only, and a person is told."""

import logging

import msgspec

from service import logs
from service.domain import delivery as rules
from service.domain import sms_status
from service.domain.delivery import DeliveryState
from service.domain.sms_status import SmsStatus
from service.store import outbox, receipts, sms
from service.store.pool import Connection
from service.store.receipts import WaitingReceipt


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """Where a receipt puts its delivery, and why; for a person where that is `task`."""

    becomes: DeliveryState | None
    detail: str
    task: str = ""
    opted_out: bool = False
    strange: bool = False


async def apply(connection: Connection, receipt: WaitingReceipt) -> None:
    """Move the delivery of a receipt on, in the transaction that marks the receipt applied."""
    verdict = judged(receipt)
    if verdict.strange:
        await sms.strange(connection, reason="strange_receipt")
    if verdict.becomes is None or receipt.delivery_id is None or receipt.effect_id is None:
        return
    was = await receipts.stands(connection, receipt.delivery_id)
    if was not in rules.ORDER or rules.further(DeliveryState(was), verdict.becomes) == was:
        return
    await receipts.move(
        connection, receipt.delivery_id, becomes=verdict.becomes, code=verdict.detail
    )
    if verdict.becomes is DeliveryState.BOUNCED:
        await sms.perhaps_dead(connection, receipt.delivery_id)
    if verdict.opted_out:
        await sms.opted_out(connection, receipt.delivery_id)
    if verdict.task:
        await outbox.open_task(
            connection, receipt.effect_id, kind="undeliverable", reason=verdict.task
        )


def judged(receipt: WaitingReceipt) -> Verdict:
    """Say what a receipt means, by the table of whoever sent it."""
    meaning = sms_status.read(receipt.provider, receipt.kind, receipt.code or "")
    strange = not meaning.known or receipt.delivery_id is None
    if strange:
        # A word nobody knows, or a text nobody sent: either way somebody should look.
        logs.say(
            "sms_callback_strange",
            level=logging.ERROR,
            channel=receipt.provider,
            kind=receipt.kind,
            outcome="no_such_delivery" if meaning.known else "unknown_status",
        )
    failed = meaning.status in (SmsStatus.PERMANENT_FAILURE, SmsStatus.TECHNICAL_FAILURE)
    return Verdict(
        becomes=sms_status.BECOMES.get(meaning.status),
        detail=f"{meaning.status} {receipt.code or ''}".strip(),
        task=meaning.status if failed else "",
        opted_out=meaning.status is SmsStatus.REFUSED_OPTOUT,
        strange=strange,
    )
