"""Work for people: what waits for somebody, and that it was done."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from service.domain import ids
from service.domain.plan import TimerRow
from service.store import queries
from service.store.pool import Connection

Q = queries.load("tasks")


class TaskCard(msgspec.Struct, frozen=True, kw_only=True):
    """A task as a list shows it: coded kind and reason, whom it is about, whom to call."""

    id: UUID
    kind: str
    member_id: UUID | None
    member: str | None
    referral_id: UUID | None
    reference: str | None
    leg_id: UUID | None
    patient_id: UUID | None
    about_org_id: UUID | None
    about: str | None
    about_phone: str | None
    reason: str
    due_at: datetime | None
    opened_at: datetime


class UnansweredRow(msgspec.Struct, frozen=True, kw_only=True):
    """What another organization has not answered yet, and whom to call."""

    leg_id: UUID
    referral_id: UUID
    reference: str
    about_org_id: UUID
    about: str
    about_phone: str | None


class BoardRow(msgspec.Struct, frozen=True, kw_only=True):
    """Open work of one kind about one partner, or about nobody: how much, and since when."""

    kind: str
    about_org_id: UUID | None
    about: str | None
    about_phone: str | None
    items: int
    unassigned: int
    oldest: datetime


class Which(msgspec.Struct, frozen=True, kw_only=True):
    """Which of the tasks: somebody's, nobody's, those about one partner; or all of them."""

    member_id: UUID | None = None
    unassigned: bool = False
    about_org_id: UUID | None = None


class TaskRow(msgspec.Struct, frozen=True, kw_only=True):
    """A task as resolving it needs it."""

    id: UUID
    kind: str
    referral_id: UUID | None
    leg_id: UUID | None
    state: str


class OpenRow(msgspec.Struct, frozen=True, kw_only=True):
    """An open task about a patient, where the patient is known."""

    id: UUID
    kind: str
    referral_id: UUID | None
    opened_at: datetime


async def page(
    connection: Connection,
    org_id: UUID,
    *,
    after: tuple[datetime, UUID],
    limit: int,
    which: Which,
) -> list[TaskCard]:
    """List open tasks of an organization behind a place in the list."""
    kept = (which.member_id, which.unassigned, which.about_org_id)
    rows = await connection.fetch(Q.open, org_id, after[0], after[1], limit, *kept)
    return [TaskCard(**dict(row)) for row in rows]


async def unanswered(
    connection: Connection, org_id: UUID, *, by: UUID, states: list[str], limit: int
) -> list[UnansweredRow]:
    """List what an organization has sent to another and waits for its answer."""
    rows = await connection.fetch(Q.unanswered, org_id, by, states, limit)
    return [UnansweredRow(**dict(row)) for row in rows]


async def fetch(connection: Connection, org_id: UUID, *, task_id: UUID) -> TaskRow | None:
    """Read one task of an organization, or nothing."""
    row = await connection.fetchrow(Q.fetch, org_id, task_id)
    return TaskRow(**dict(row)) if row is not None else None


async def of_patient(connection: Connection, org_id: UUID, *, patient_id: UUID) -> list[OpenRow]:
    """List an organization's open tasks about a patient, the oldest first."""
    found = await connection.fetch(Q.of_patient, org_id, patient_id)
    return [OpenRow(**dict(row)) for row in found]


async def to_confirm(connection: Connection, org_id: UUID, *, about_org_id: UUID) -> list[UUID]:
    """List an organization's open tasks to confirm the people that another one named."""
    return [row["id"] for row in await connection.fetch(Q.to_confirm, org_id, about_org_id)]


async def resolve(
    connection: Connection, org_id: UUID, *, task_id: UUID, member_id: UUID, resolution: str
) -> bool:
    """Mark a task done; False where it was not open any more."""
    done: str = await connection.execute(Q.resolve, org_id, task_id, member_id, resolution)
    return done.endswith(" 1")


async def hold(connection: Connection, referral_id: UUID, *, version: int) -> bool:
    """Lock a referral as it was read; False where a step was first."""
    return bool(await connection.fetchval(Q.hold, referral_id, version))


async def stop(connection: Connection, timer_ids: Sequence[UUID]) -> None:
    """Stop clocks that are about to be wound up afresh."""
    await connection.execute(Q.stop, list(timer_ids))


async def arm(connection: Connection, referral_id: UUID, *, timers: Sequence[TimerRow]) -> None:
    """Wind clocks up afresh."""
    for row in timers:
        await connection.execute(
            Q.arm,
            ids.new_id(),
            referral_id,
            row.leg_id,
            row.clock,
            row.rung,
            row.turn_org_id,
            row.started_at,
            row.due_at,
            row.late_at,
            row.second_at,
            row.final_at,
            row.reckoning,
        )


async def board(connection: Connection, org_id: UUID, *, limit: int) -> list[BoardRow]:
    """Sum up the open work of one organization, the longest wait first."""
    return [BoardRow(**dict(row)) for row in await connection.fetch(Q.board, org_id, limit)]


READS = {
    "board": BoardRow,
    "open": TaskCard,
    "fetch": TaskRow,
    "of_patient": OpenRow,
    "unanswered": UnansweredRow,
}
