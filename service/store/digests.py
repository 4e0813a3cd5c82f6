"""Digests in the store: how often a recipient was written to, what waits for their next morning."""

from datetime import datetime
from typing import Any
from uuid import UUID

from service.domain import clocks, ids
from service.domain.calendars import Calendar
from service.domain.effects import EffectKind
from service.store import outbox, queries
from service.store.outbox import Claim, DeliveryRow
from service.store.pool import Connection
from service.store.referrals import calendar_of

Q = queries.load("digests")


async def one_at_a_time(connection: Connection, recipient: UUID) -> None:
    """Let no other courier look at this recipient's pace until the transaction ends."""
    await connection.execute(Q.one_at_a_time, recipient)


async def begun(connection: Connection, effect_id: UUID) -> bool:
    """Say whether an effect is past the question of a digest."""
    return bool(await connection.fetchval(Q.begun, effect_id))


async def calendar(connection: Connection, org_id: UUID) -> tuple[Calendar, datetime]:
    """Return when an organization is open, and the moment."""
    row = await connection.fetchrow(Q.calendar, org_id)
    return calendar_of(row["calendar"]), row["now"]


async def sent_since(connection: Connection, recipient: UUID, since: datetime) -> int:
    """Count the routine reminders that reached a mailbox or member by themselves."""
    return int(await connection.fetchval(Q.sent_since, recipient, since))


async def open_items(connection: Connection, org_id: UUID, *, member_id: UUID | None) -> int:
    """Count what waits for a member, or for an organization at its mailbox."""
    owners = [str(clock) for clock in clocks.REFERRER_CLOCKS]
    return int(await connection.fetchval(Q.open_items, org_id, member_id, owners))


async def gather(
    connection: Connection,
    effect: Claim,
    *,
    kind: EffectKind,
    member_id: UUID | None,
    at: datetime,
) -> bool:
    """Put an effect into its recipient's digest of one morning; False where that one is closed."""
    asked = (effect.id, ids.new_id(), kind, effect.org_id, member_id, at)
    return bool(await connection.fetchval(Q.gather, *asked))


async def close(connection: Connection, digest_id: UUID) -> list[Claim]:
    """Let nothing join a digest any more, and return what it holds."""
    await connection.execute(Q.close, digest_id)
    return [Claim(**dict(row)) for row in await connection.fetch(Q.items, digest_id)]


async def delivery_of(
    connection: Connection,
    item: Claim,
    delivery: DeliveryRow,
    *,
    address_id: UUID | None,
    member_id: UUID | None,
) -> None:
    """Write the delivery of an item, which travels inside another's mail."""
    about = (item.id, item.org_id, item.referral_id, address_id, member_id)
    await connection.execute(
        Q.item_delivery, delivery.id, *about, delivery.message_id, delivery.said
    )


async def let_go(connection: Connection, digest_id: UUID, *, state: str, why: str) -> None:
    """End a digest without a word, and what it holds with it."""
    await connection.execute(Q.let_go, digest_id, state, why)
    await outbox.let_go(connection, digest_id, state=state, why=why)


async def awaited(connection: Connection, effect: Claim) -> str:
    """Say of whom something late is waited for."""
    found: str | None = await connection.fetchval(Q.awaited, effect.referral_id, effect.leg_id)
    return found or ""


READS: dict[str, Any] = {"items": Claim}
"""Which Struct the columns of a query feed; a test compares them."""
