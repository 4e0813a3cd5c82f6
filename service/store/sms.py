"""Texts as the store keeps them: what providers and phones told us."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from service.domain import ids
from service.domain.sms_weights import Weight, Weights
from service.store import queries
from service.store.pool import Connection
from service.store.receipts import NewReceipt

Q = queries.load("sms")
HOOKS = queries.load("sms_hooks")


class WaitingText(msgspec.Struct, frozen=True, kw_only=True):
    """A text from a phone that nobody has heard; `tries` counts this time."""

    id: UUID
    provider: str
    event_id: str
    sealed: bytes
    received_at: datetime
    tries: int

    def __repr__(self) -> str:
        """Name the row only."""
        return f"<WaitingText {self.id}>"


class UntoldRow(msgspec.Struct, frozen=True, kw_only=True):
    """A text of which nobody ever said what became of it."""

    effect_id: UUID
    org_id: UUID
    referral_id: UUID | None
    code: str | None


async def keep_receipt(connection: Connection, receipt_id: UUID, receipt: NewReceipt) -> None:
    """Keep what a provider says, once."""
    await connection.execute(
        HOOKS.keep_receipt,
        receipt_id,
        receipt.provider,
        receipt.event_id,
        receipt.kind,
        receipt.message_id,
        receipt.code,
    )


async def keep_text(
    connection: Connection,
    text_id: UUID,
    *,
    provider: str,
    event_id: str,
    sealed: bytes,
    tokens: list[bytes],
) -> None:
    """Keep a text from a phone, once; `tokens` say whose, none of them anybody's."""
    await connection.execute(HOOKS.keep_text, text_id, provider, event_id, sealed, tokens)


async def texts_waiting(connection: Connection, *, limit: int) -> list[WaitingText]:
    """Take texts to be heard, the oldest first; what is not marked soon is given again."""
    found = [WaitingText(**dict(row)) for row in await connection.fetch(Q.texts_waiting, limit)]
    return sorted(found, key=lambda each: (each.received_at, each.id))


async def text_handed(connection: Connection, text_id: UUID, *, outcome: str) -> bool:
    """Mark a text heard or given up; False where somebody else was first."""
    return bool(await connection.fetchval(Q.text_handed, text_id, outcome))


async def meet(connection: Connection, resting: dict[str, int]) -> None:
    """Give providers that are new here the points they begin with."""
    for name, points in sorted(resting.items()):
        await connection.execute(Q.meet, name, points)


async def weights(connection: Connection, names: Iterable[str], *, lock: bool = False) -> Weights:
    """Say how providers stand; `lock` for whoever changes it in this transaction."""
    rows = await connection.fetch(Q.weights_locked if lock else Q.weights, list(names))
    return tuple(Weight(**dict(row)) for row in rows)


async def put_weights(connection: Connection, changed: Sequence[Weight]) -> None:
    """Write how providers stand from now on."""
    for each in changed:
        await connection.execute(Q.put_weight, *msgspec.structs.astuple(each))


async def now(connection: Connection) -> datetime:
    """Read the one clock."""
    found: datetime = await connection.fetchval(Q.now)
    return found


async def opted_out(connection: Connection, delivery_id: UUID) -> None:
    """Stop the number of a delivery, because its provider says that its owner did."""
    await connection.execute(Q.opted_out, delivery_id, ids.new_id())


async def no_receipt(connection: Connection, after: timedelta) -> list[UntoldRow]:
    """Call texts unknown whose receipt never came, and say which."""
    return [UntoldRow(**dict(row)) for row in await connection.fetch(Q.no_receipt, after)]


async def tell_again(connection: Connection, effect_id: UUID, *, kind: str) -> None:
    """Open work for the referral's owner, while what the text said is still to come."""
    await connection.execute(Q.tell_again, effect_id, ids.new_id(), f"unknown_{kind}")


async def perhaps_dead(connection: Connection, delivery_id: UUID) -> None:
    """Text a number no more that failed for good, time after time, since it last answered."""
    await connection.execute(Q.perhaps_dead, delivery_id)


async def strange(connection: Connection, *, reason: str) -> None:
    """Open work for whoever runs the network: a provider says what nobody understands."""
    await connection.execute(Q.strange, ids.new_id(), reason)


READS = {
    "texts_waiting": WaitingText,
    "weights": Weight,
    "weights_locked": Weight,
    "no_receipt": UntoldRow,
}
"""Which Struct the columns of a query feed; a test compares them."""
