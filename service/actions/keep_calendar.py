"""When an organization is open: its closures, added and taken back, a day or many at a time."""

from datetime import date, timedelta
from uuid import UUID

import msgspec

from service import faults
from service.actions import permission
from service.actions.office import Office
from service.domain import policy, texts
from service.domain.people import Actor
from service.store import audit, organizations
from service.store.organizations import ClosureRow, OrganizationRow
from service.store.pool import now as moment
from service.store.rows import AuditRow

LONGEST = 62
"""The most days that are closed at once: longer than that an organization has left."""

AHEAD = timedelta(days=2 * 366)


class Closing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Days on which an organization is closed, from the first to the last; `name` says why."""

    first: date
    last: date
    name: texts.Line = ""


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """An organization as its calendar has it, and the days it is closed from today on."""

    organization: OrganizationRow
    today: date
    closures: tuple[ClosureRow, ...]


async def read(office: Office, actor: Actor, *, org_id: UUID) -> Opening:
    """Read when an organization is open; raises Missing, Refused."""
    permission.of(actor, policy.Action.ORGANIZATION_EDIT, org_id=org_id)
    async with office.db.transaction(permission.eyes(actor, org_id)) as connection:
        row = await organizations.fetch(connection, org_id)
        today = (await moment(connection)).date()
        found = await organizations.closures(connection, org_id, since=today - timedelta(days=1))
    return Opening(organization=row, today=today, closures=tuple(found))


async def close(office: Office, actor: Actor, *, org_id: UUID, wish: Closing) -> None:
    """Close an organization for these days; raises Invalid, Missing, Refused."""
    permission.of(actor, policy.Action.ORGANIZATION_EDIT, org_id=org_id)
    days = [wish.first + timedelta(days=each) for each in range((wish.last - wish.first).days + 1)]
    async with office.db.transaction(permission.eyes(actor, org_id)) as connection:
        await organizations.fetch(connection, org_id)
        _check(wish, today=(await moment(connection)).date())
        await organizations.add_closures(connection, org_id, days=days, name=wish.name.strip())
        await organizations.calendar_changed(connection, org_id)
        await audit.insert(connection, actor, _note(org_id, "close", days))


async def open_again(office: Office, actor: Actor, *, org_id: UUID, day: date) -> None:
    """Take a closure back; raises Missing where there is none."""
    permission.of(actor, policy.Action.ORGANIZATION_EDIT, org_id=org_id)
    async with office.db.transaction(permission.eyes(actor, org_id)) as connection:
        await organizations.fetch(connection, org_id)
        if not await organizations.end_closure(connection, org_id, day=day):
            raise faults.Missing
        await organizations.calendar_changed(connection, org_id)
        await audit.insert(connection, actor, _note(org_id, "open", [day]))


def _check(wish: Closing, *, today: date) -> None:
    wrong: list[dict[str, str]] = []
    if wish.last < today - timedelta(days=1) or wish.first > today + AHEAD:
        wrong.append({"field": "first", "detail": "Give days from today on, two years at most."})
    if wish.last < wish.first:
        wrong.append({"field": "last", "detail": "The last day is not before the first."})
    elif (wish.last - wish.first).days >= LONGEST:
        wrong.append({"field": "last", "detail": f"Close for at most {LONGEST} days at once."})
    if wrong:
        raise faults.Invalid(errors=wrong)


def _note(org_id: UUID, act: str, days: list[date]) -> AuditRow:
    return AuditRow(
        org_id=org_id,
        action=f"calendar.{act}",
        resource_kind="organization",
        resource_id=org_id,
        detail={"first": days[0].isoformat(), "last": days[-1].isoformat()},
    )
