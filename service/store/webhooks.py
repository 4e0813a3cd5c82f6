"""Webhooks: an organization's own rows, and the effects that tell them of its feed."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from service.domain import ids
from service.store import queries
from service.store.pool import Connection

Q = queries.load("webhooks")


class HookRow(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook as it is stored; `waiting` counts what it has still to be told."""

    org_id: UUID
    id: UUID
    sealed: bytes
    kinds: tuple[str, ...]
    state: str
    reason: str | None
    paused_until: datetime | None
    created_at: datetime
    changed_at: datetime
    waiting: int

    def __repr__(self) -> str:
        return f"<webhook {self.id}>"


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """An effect in hand: whom it tells, and of which event."""

    id: UUID
    org_id: UUID
    webhook_id: UUID
    sealed: bytes
    tries: int
    number: int
    event_id: UUID
    at: datetime
    machine: str
    step: str
    referral_id: UUID
    leg_id: UUID | None

    def __repr__(self) -> str:
        return f"<claim {self.id}>"


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """What became of telling one event; no word of whom it concerned."""

    number: int
    event_id: UUID
    type: str
    at: datetime
    state: str
    tries: int
    detail: str | None
    next_at: datetime | None
    done_at: datetime | None


async def insert(
    connection: Connection,
    org_id: UUID,
    *,
    webhook_id: UUID,
    sealed: bytes,
    kinds: Sequence[str],
    member_id: UUID,
    most: int,
) -> bool:
    """Store a webhook; False where the organization has as many as it may."""
    found = await connection.fetchval(
        Q.insert, org_id, webhook_id, sealed, list(kinds), member_id, most
    )
    return found is not None


async def of_organization(connection: Connection, org_id: UUID) -> list[HookRow]:
    """List an organization's webhooks."""
    return [_hook(row) for row in await connection.fetch(Q.of_organization, org_id)]


async def one(connection: Connection, org_id: UUID, *, webhook_id: UUID) -> HookRow | None:
    """Read one of them and lock it."""
    row = await connection.fetchrow(Q.one, org_id, webhook_id)
    return _hook(row) if row is not None else None


def _hook(row: dict[str, object]) -> HookRow:
    return msgspec.convert(dict(row), HookRow)


async def seal(connection: Connection, org_id: UUID, *, webhook_id: UUID, sealed: bytes) -> None:
    """Keep its address and secrets."""
    await connection.execute(Q.seal, org_id, webhook_id, sealed)


async def turn(
    connection: Connection, org_id: UUID, *, webhook_id: UUID, state: str, reason: str | None = None
) -> None:
    """Set it to work, stop it or end it; what waits for it is cancelled unless it works."""
    await connection.execute(Q.turn, org_id, webhook_id, state, reason)


async def queue(connection: Connection, event_ids: Sequence[UUID]) -> None:
    """Owe these events to every webhook that asked for their kind."""
    await connection.execute(Q.queue, list(event_ids))


async def due(connection: Connection, *, limit: int) -> list[UUID]:
    """Name the next effect of each webhook that is due and in nobody's hand."""
    return [row["id"] for row in await connection.fetch(Q.due, limit)]


async def claim(connection: Connection, effect_id: UUID) -> Claim | None:
    """Take an effect for a minute, or answer None where it is over or somebody has it."""
    row = await connection.fetchrow(Q.claim, effect_id)
    return Claim(**dict(row)) if row is not None else None


async def taken(connection: Connection, effect_id: UUID, *, answer: str) -> None:
    """Record that the receiver took it; what waited behind it is due."""
    await connection.execute(Q.taken, effect_id, answer)


async def again(
    connection: Connection, effect_id: UUID, *, wait: timedelta, tries: int, error: str
) -> None:
    """Record a failure; nothing of this webhook is tried before its wait is over."""
    await connection.execute(Q.again, effect_id, wait, tries, error)


async def give_up(connection: Connection, effect: Claim, *, error: str) -> list[UUID]:
    """Stop a webhook over an effect that failed for good; return the administrators to tell."""
    if await connection.fetchval(Q.dead, effect.id, effect.tries + 1, error) is None:
        return []
    await turn(
        connection, effect.org_id, webhook_id=effect.webhook_id, state="disabled", reason=error
    )
    await connection.execute(Q.task, effect.id, ids.new_id(), error)
    return [row["id"] for row in await connection.fetch(Q.administrators, effect.org_id)]


async def deliveries(
    connection: Connection, org_id: UUID, *, webhook_id: UUID, before: int, limit: int
) -> list[Delivery]:
    """List what was or will be told to a webhook, the newest first."""
    rows = await connection.fetch(Q.deliveries, org_id, webhook_id, before, limit)
    return [Delivery(**dict(row)) for row in rows]


async def resend(
    connection: Connection,
    org_id: UUID,
    *,
    webhook_id: UUID,
    number: int | None,
    since: datetime | None,
) -> int:
    """Make what was told, or failed since a moment, due again; return how many."""
    return len(await connection.fetch(Q.resend, org_id, webhook_id, number, since))


READS = {"of_organization": HookRow, "one": HookRow, "claim": Claim, "deliveries": Delivery}
"""Which Struct the columns of a query feed; a test compares them."""
