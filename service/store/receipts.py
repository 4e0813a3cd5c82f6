"""Receipts: what providers say became of a delivery, kept raw first and applied once."""

from datetime import timedelta
from uuid import UUID

import msgspec

from service.domain import ids
from service.store import outbox, queries
from service.store.pool import Connection

Q = queries.load("receipts")


class NewReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """What came in: `event_id` is the provider's own and unique, `code` its status, no words.

    It names its delivery by `message_id` or, out of a return path, by `delivery_id`; `facts` are
    what was read of a mail, codes and numbers only.
    """

    provider: str
    event_id: str
    kind: str
    message_id: str | None
    code: str | None = None
    delivery_id: UUID | None = None
    facts: dict[str, str | int] = {}


class WaitingReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """A receipt nobody has applied, and the delivery it speaks of, if we know it."""

    id: UUID
    provider: str
    kind: str
    code: str | None
    delivery_id: UUID | None
    org_id: UUID | None
    referral_id: UUID | None
    effect_id: UUID | None


async def insert(connection: Connection, receipt: NewReceipt) -> UUID | None:
    """Keep a receipt; None where the provider has told us before."""
    found: UUID | None = await connection.fetchval(
        Q.insert,
        ids.new_id(),
        receipt.provider,
        receipt.event_id,
        receipt.kind,
        receipt.message_id,
        receipt.code,
        receipt.delivery_id,
        receipt.facts,
    )
    return found


async def waiting(connection: Connection, *, limit: int) -> list[WaitingReceipt]:
    """List receipts that wait, the oldest first."""
    return [WaitingReceipt(**dict(row)) for row in await connection.fetch(Q.waiting, limit)]


async def applied(connection: Connection, receipt_id: UUID) -> bool:
    """Mark a receipt applied; False where somebody else was first."""
    return bool(await connection.fetchval(Q.applied, receipt_id))


async def stands(connection: Connection, delivery_id: UUID) -> str:
    """Lock a delivery and say where it stands."""
    return str(await connection.fetchval(Q.stands, delivery_id))


async def move(
    connection: Connection, delivery_id: UUID, *, becomes: str, code: str | None
) -> None:
    """Move a locked delivery on, and those of what went in its digest."""
    await connection.execute(Q.moved, delivery_id, becomes, code)


async def bounced(connection: Connection, *, delivery_id: UUID, effect_id: UUID) -> None:
    """Mark the address of a delivery bad, revoke its links and open work about it."""
    await outbox.dead_address(connection, delivery_id)
    await outbox.open_work(connection, effect_id, kind="address_bounced", reason="bounced")


async def softly(connection: Connection, delivery_id: UUID, *, within: timedelta) -> int:
    """Note a soft bounce of a delivery; return how many its mailbox has had within this time.

    Those before a mail that is known to have arrived there are not counted any more.
    """
    await connection.execute(Q.softly, delivery_id)
    return int(await connection.fetchval(Q.soft_ones, delivery_id, within))


READS = {"waiting": WaitingReceipt}
"""Which Struct the columns of a query feed; a test compares them."""
