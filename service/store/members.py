"""Members: a person in an organization, with roles and what they own there."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import asyncpg
import msgspec

from service import faults
from service.store import queries
from service.store.pool import Connection

Q = queries.load("members")


class MemberRow(msgspec.Struct, frozen=True, kw_only=True):
    """A member as stored."""

    org_id: UUID
    id: UUID
    person_id: UUID
    name: str
    roles: list[str]
    npi: str | None
    state: str
    away_until: date | None
    cover_member_id: UUID | None
    version: int


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """One of the members a person may act as."""

    member_id: UUID
    org_id: UUID
    name: str
    roles: list[str]
    public_name: str
    is_cco: bool
    time_zone: str


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """What a deactivation moved to the successor, and what it ended."""

    members: int
    referrals: int
    legs: int
    tasks: int
    api_keys: int
    sessions: int


class SecondRow(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who may confirm what another started."""

    id: UUID
    org_id: UUID
    person_id: UUID


class NewMemberRow(msgspec.Struct, frozen=True, kw_only=True):
    """A member to be stored."""

    org_id: UUID
    id: UUID
    person_id: UUID
    name: str
    roles: list[str]
    npi: str | None


class AlreadyMember(faults.Fault):
    """This person is a member of this organization already."""

    kind, slug = faults.Kind.CONFLICT, "already-member"
    advice = "Change the roles of the member instead."


async def insert(connection: Connection, row: NewMemberRow) -> None:
    """Store a member; the same person twice raises AlreadyMember."""
    try:
        await connection.execute(Q.insert, *msgspec.structs.astuple(row))
    except asyncpg.UniqueViolationError as conflict:
        raise AlreadyMember from conflict


async def of_organization(connection: Connection, org_id: UUID) -> list[MemberRow]:
    """List an organization's members by name."""
    return [MemberRow(**dict(row)) for row in await connection.fetch(Q.of_organization, org_id)]


async def fetch(connection: Connection, org_id: UUID, *, member_id: UUID) -> MemberRow:
    """Read one member of an organization; raises Missing."""
    row = await connection.fetchrow(Q.fetch, org_id, member_id)
    if row is None:
        raise faults.Missing
    return MemberRow(**dict(row))


async def choices(connection: Connection, person_id: UUID) -> list[Choice]:
    """List the members a person may act as, by their organizations' public names."""
    return [Choice(**dict(row)) for row in await connection.fetch(Q.choices, person_id)]


async def elsewhere(connection: Connection, person_id: UUID, *, org_id: UUID) -> bool:
    """Whether a person belongs to another organization than this."""
    return bool(await connection.fetchval(Q.elsewhere, person_id, org_id))


async def edit(connection: Connection, row: MemberRow) -> int:
    """Write what may be edited and return the new version; raises Stale."""
    version = await connection.fetchval(
        Q.edit,
        row.org_id,
        row.id,
        row.version,
        row.name,
        row.roles,
        row.npi,
        row.away_until,
        row.cover_member_id,
    )
    if version is None:
        raise faults.Stale
    return int(version)


async def has_other_administrator(connection: Connection, org_id: UUID, *, member_id: UUID) -> bool:
    """Whether somebody else administers this organization."""
    return bool(await connection.fetchval(Q.other_administrator, org_id, member_id))


async def end_sessions(
    connection: Connection, member_id: UUID, *, now: datetime, but: UUID | None = None
) -> None:
    """End the sessions that act as a member, in the person's scope, but for one."""
    await connection.execute(Q.end_sessions, member_id, now, but)


async def active_elsewhere(connection: Connection, person_id: UUID, *, org_id: UUID) -> bool:
    """Whether a person still acts for another organization than this."""
    return bool(await connection.fetchval(Q.active_elsewhere, person_id, org_id))


async def stand_in(connection: Connection, org_id: UUID, *, member_id: UUID) -> UUID | None:
    """Return who owns what a member leaves behind without a successor."""
    found: UUID | None = await connection.fetchval(Q.stand_in, org_id, member_id)
    return found


async def second_persons(
    connection: Connection, org_id: UUID, *, roles: Sequence[str], but: Sequence[UUID]
) -> list[SecondRow]:
    """List who may be a second person in an organization; `but` are persons who may not."""
    rows = await connection.fetch(Q.second_persons, org_id, list(roles), list(but))
    return [SecondRow(**dict(row)) for row in rows]


async def deactivate(
    connection: Connection,
    org_id: UUID,
    *,
    member_id: UUID,
    owner_id: UUID,
    successor_id: UUID | None,
    now: datetime,
) -> Moved:
    """End a member and give all they own away, in one statement; raises Missing.

    Referrals go to `owner_id`, for each needs one; the rest to the successor, or to nobody yet.
    """
    row = await connection.fetchrow(Q.deactivate, org_id, member_id, owner_id, now, successor_id)
    moved = Moved(**dict(row))
    if not moved.members:
        raise faults.Missing
    return moved


READS = {
    "of_organization": MemberRow,
    "fetch": MemberRow,
    "choices": Choice,
    "deactivate": Moved,
    "second_persons": SecondRow,
}
