"""A leaver in one act: sessions, keys, passkeys, and everything they owned, together or not at all.

No key of an organization was ever the member's own: content opens on this side only, by policy. So
what ends is each way to ask for it, and whose turn it is.
"""

from typing import Any
from uuid import UUID

import msgspec

from service import clock, faults
from service.actions import edit_member, notices, permission
from service.actions.office import Office
from service.domain import policy
from service.domain.people import Actor, Role
from service.store import (
    audit,
    invitations,
    members,
    parked_forms,
    passkeys,
    people,
    recovery_codes,
)
from service.store.members import MemberRow
from service.store.pool import Connection
from service.store.rows import AuditRow


class Left(msgspec.Struct, frozen=True, kw_only=True):
    """What one act moved and ended; without a successor, legs and tasks wait for anybody.

    `sign_in_ended`: this was the person's last organization, so nobody signs in as them any more.
    """

    successor_id: UUID | None
    referrals: int
    legs: int
    tasks: int
    api_keys: int
    sessions: int
    passkeys: int
    sign_in_ended: bool


async def leave(
    office: Office, actor: Actor, *, org_id: UUID, member_id: UUID, successor_id: UUID | None = None
) -> Left:
    """End a member; what they own goes to the one named, else to their cover, else to the queue.

    Raises Invalid, LastAdministrator, Missing, FreshSignInNeeded.
    """
    permission.of(actor, policy.Action.MEMBER_MANAGE, org_id=org_id)
    await permission.fresh(office, actor)
    async with office.db.transaction(permission.eyes(actor, org_id)) as connection:
        person_id = (await members.fetch(connection, org_id, member_id=member_id)).person_id
    # The person's own scope, because its sessions are nobody else's to end.
    scope = permission.eyes(actor, org_id, person_id=person_id)
    async with office.db.transaction(scope) as connection:
        row = await members.fetch(connection, org_id, member_id=member_id)
        if Role.ORG_ADMIN in row.roles:
            await edit_member.keep_an_administrator(connection, row)
        successor = await _successor(connection, row, named=successor_id)
        await notices.tell(connection, notices.What.LEFT, org_id=org_id, member_id=member_id)
        left = await _moved(connection, row, successor)
        await audit.insert(connection, actor, _note(row, msgspec.to_builtins(left)))
    return left


async def _successor(connection: Connection, row: MemberRow, *, named: UUID | None) -> UUID | None:
    if named is not None:
        if not await edit_member.may_own(connection, row, member_id=named):
            detail = "Name another active member of this organization."
            raise faults.Invalid(errors=[{"field": "successor_id", "detail": detail}])
        return named
    cover = row.cover_member_id
    if cover is not None and await edit_member.may_own(connection, row, member_id=cover):
        return cover
    return None


async def _moved(connection: Connection, row: MemberRow, successor_id: UUID | None) -> Left:
    now = clock.real_now()
    owner = successor_id or await members.stand_in(connection, row.org_id, member_id=row.id)
    if owner is None:
        detail = "Name who takes over; nobody here coordinates or administers."
        raise faults.Invalid(errors=[{"field": "successor_id", "detail": detail}])
    moved = await members.deactivate(
        connection,
        row.org_id,
        member_id=row.id,
        owner_id=owner,
        successor_id=successor_id,
        now=now,
    )
    over = not await members.active_elsewhere(connection, row.person_id, org_id=row.org_id)
    ended = await _end_person(connection, row.person_id) if over else 0
    return Left(
        successor_id=successor_id,
        referrals=moved.referrals,
        legs=moved.legs,
        tasks=moved.tasks,
        api_keys=moved.api_keys,
        sessions=moved.sessions,
        passkeys=ended,
        sign_in_ended=over,
    )


async def _end_person(connection: Connection, person_id: UUID) -> int:
    """End every way in of somebody who belongs nowhere any more; count their passkeys."""
    now = clock.real_now()
    await people.disable(connection, person_id)
    await people.end_sessions(connection, person_id, now=now)
    await recovery_codes.retire(connection, person_id, now=now)
    await invitations.retire(connection, person_id, now=now)
    await parked_forms.drop_all(connection, person_id)
    return await passkeys.end_all(connection, person_id, why="left", now=now)


def _note(row: MemberRow, detail: dict[str, Any]) -> AuditRow:
    return AuditRow(
        org_id=row.org_id,
        action="member.leave",
        resource_kind="member",
        resource_id=row.id,
        detail=detail,
    )
