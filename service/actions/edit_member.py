"""Change a member: roles, name, absence with cover."""

from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from service import clock, faults
from service.actions import permission
from service.actions.office import Office
from service.domain import people, policy, texts
from service.domain.people import Actor, Role
from service.store import audit, members
from service.store.members import MemberRow
from service.store.pool import Connection
from service.store.rows import AuditRow

U = msgspec.UnsetType
_UNSET = msgspec.UNSET


class MemberChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fields to change; what is left out stays. Away needs somebody to cover."""

    name: texts.Name | U = _UNSET
    roles: frozenset[Role] | U = _UNSET
    npi: texts.Line | U | None = _UNSET
    away_until: date | U | None = _UNSET
    cover_member_id: UUID | U | None = _UNSET


class LastAdministrator(faults.Fault):
    """Nobody else administers this organization."""

    kind, slug = faults.Kind.CONFLICT, "last-administrator"
    advice = "Give somebody else the role org_admin first."


async def edit_member(
    office: Office, actor: Actor, *, org_id: UUID, member_id: UUID, change: MemberChange, seen: int
) -> MemberRow:
    """Write the change if the version is still the one seen; raises Stale, Invalid, Missing."""
    permission.of(actor, policy.Action.MEMBER_MANAGE, org_id=org_id)
    await permission.fresh(office, actor)
    async with office.db.transaction(permission.eyes(actor, org_id)) as connection:
        person_id = (await members.fetch(connection, org_id, member_id=member_id)).person_id
    # The person's own scope, because its sessions are nobody else's to end.
    async with office.db.transaction(
        permission.eyes(actor, org_id, person_id=person_id)
    ) as connection:
        row = await members.fetch(connection, org_id, member_id=member_id)
        if row.version != seen:
            raise faults.Stale(version=row.version)
        given = _given(change)
        after = msgspec.structs.replace(row, **given)
        await _check(connection, row, after)
        version = await members.edit(connection, after)
        if set(row.roles) != set(after.roles):
            # What a session may do was fixed by a proof: with other roles it takes a new one.
            await members.end_sessions(
                connection, member_id, now=clock.real_now(), but=actor.session_id
            )
        note = _note("member.edit", after, detail={"fields": sorted(given), "roles": after.roles})
        await audit.insert(connection, actor, note)
    return msgspec.structs.replace(after, version=version)


def _given(change: MemberChange) -> dict[str, Any]:
    given = {
        name: value for name, value in msgspec.structs.asdict(change).items() if value is not _UNSET
    }
    if "roles" in given:
        given["roles"] = sorted(given["roles"])
    return given


async def _check(connection: Connection, before: MemberRow, after: MemberRow) -> None:
    wrong: list[dict[str, str]] = []
    if not texts.is_name(after.name):
        wrong.append({"field": "name", "detail": "Give the person's name."})
    if not after.roles:
        wrong.append({"field": "roles", "detail": "Choose at least one role, or deactivate."})
    if after.npi is not None and not people.is_npi(after.npi):
        detail = "Check the ten digits; the last one does not fit the others."
        wrong.append({"field": "npi", "detail": detail})
    if after.away_until is not None and after.cover_member_id is None:
        wrong.append({"field": "cover_member_id", "detail": "Name who covers meanwhile."})
    if after.cover_member_id is not None and not await may_own(
        connection, after, member_id=after.cover_member_id
    ):
        detail = "Name another active member of this organization."
        wrong.append({"field": "cover_member_id", "detail": detail})
    if wrong:
        raise faults.Invalid(errors=wrong)
    lost = Role.ORG_ADMIN in before.roles and Role.ORG_ADMIN not in after.roles
    if lost:
        await keep_an_administrator(connection, before)


async def may_own(connection: Connection, row: MemberRow, *, member_id: UUID) -> bool:
    """Say whether another active member of the same organization is meant."""
    if member_id == row.id:
        return False
    found = await members.of_organization(connection, row.org_id)
    return any(each.id == member_id and each.state == "active" for each in found)


async def keep_an_administrator(connection: Connection, row: MemberRow) -> None:
    """Raise LastAdministrator where nobody else administers the organization."""
    if not await members.has_other_administrator(connection, row.org_id, member_id=row.id):
        raise LastAdministrator


def _note(action: str, row: MemberRow, *, detail: dict[str, Any]) -> AuditRow:
    return AuditRow(
        org_id=row.org_id,
        action=action,
        resource_kind="member",
        resource_id=row.id,
        detail=detail,
    )
