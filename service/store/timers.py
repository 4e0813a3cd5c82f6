"""Timers as clockwork sees them: found when due, moved on, run out; the guard; the chores."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from service.domain import clocks, ids
from service.store import queries
from service.store.pool import Connection

Q = queries.load("timers")

CHORES = (
    Q.sweep_keys,
    Q.sweep_sessions,
    Q.sweep_challenges,
    Q.sweep_passkey_challenges,
    Q.sweep_parked_forms,
    Q.sweep_password_asks,
    Q.sweep_deliveries,
)
"""What is swept away once a minute, one statement each."""


class DueTimer(msgspec.Struct, frozen=True, kw_only=True):
    """A timer that calls in others; `eyes` are those of the coordinators, where there are any."""

    id: UUID
    referral_id: UUID
    leg_id: UUID | None
    clock: str
    eyes: UUID | None


class Waited(msgspec.Struct, frozen=True, kw_only=True):
    """What a timer waits for, as it stands now."""

    id: UUID
    referral_id: UUID
    leg_id: UUID | None
    clock: str
    turn_org_id: UUID
    rung: int
    final_at: datetime
    moves_to_member_id: UUID | None
    referral_state: str
    sender_org_id: UUID
    owner_org_id: UUID
    owner_member_id: UUID
    cco_org_id: UUID | None
    priority: str
    kept: bool
    leg_state: str | None
    ask_open: bool | None
    reviewed_at: datetime | None
    received_at: datetime | None
    first_member_id: UUID | None
    calendar: dict[str, Any]
    now: datetime


class Watch(msgspec.Struct, frozen=True, kw_only=True):
    """What the guard wrote down last, if anything, and what the clock itself says."""

    wall: datetime | None
    monotonic: float | None
    boot_id: str | None
    frozen_at: datetime | None
    raw: datetime


async def alone(connection: Connection) -> bool:
    """Say whether this transaction is the one clockwork at work."""
    return bool(await connection.fetchval(Q.lock))


async def held(connection: Connection) -> bool:
    """Say whether firing is held after a restore."""
    return bool(await connection.fetchval(Q.held))


async def nudge(connection: Connection, *, limit: int) -> int:
    """Move timers on that nudge whose turn it is, up to `limit`; return how many."""
    fresh = [ids.new_id() for _ in range(limit)]
    return int(await connection.fetchval(Q.nudge, limit, fresh))


async def overdue(connection: Connection, *, limit: int) -> list[DueTimer]:
    """List timers whose time is up."""
    return [DueTimer(**dict(row)) for row in await connection.fetch(Q.overdue, limit)]


async def look(connection: Connection, timer_id: UUID) -> Waited | None:
    """Lock a due timer and read what it waits for; None where somebody else has it."""
    owners = [str(clock) for clock in clocks.REFERRER_CLOCKS]
    row = await connection.fetchrow(Q.look, timer_id, owners)
    return Waited(**dict(row)) if row is not None else None


async def coordinators(connection: Connection) -> UUID | None:
    """Return the organization that coordinates the network, if there is one."""
    found: UUID | None = await connection.fetchval(Q.coordinators)
    return found


async def disarm(connection: Connection, timer_id: UUID) -> None:
    """End a timer that waits for nothing any more."""
    await connection.execute(Q.disarm, timer_id)


async def watch(connection: Connection) -> Watch:
    """Read what the guard saw last and the clock itself."""
    return Watch(**dict(await connection.fetchrow(Q.watch)))


async def saw(connection: Connection, *, wall: datetime, monotonic: float, boot_id: str) -> None:
    """Write down what the guard sees."""
    await connection.execute(Q.saw, wall, monotonic, boot_id)


async def freeze(connection: Connection) -> bool:
    """Stop firing and open the alarm; False where it was stopped already."""
    first = bool(await connection.fetchval(Q.freeze))
    if first:
        await connection.execute(Q.freeze_task, ids.new_id())
    return first


READS = {"overdue": DueTimer, "look": Waited, "watch": Watch}
"""Which Struct the columns of a query feed; a test compares them."""
