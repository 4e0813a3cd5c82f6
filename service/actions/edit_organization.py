"""Change what an organization says of itself, its mailbox and its places."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from service import faults
from service.actions import add_organization, mailboxes, permission
from service.actions.add_organization import Week
from service.actions.mailboxes import Mailbox, Opened
from service.actions.office import Office
from service.domain import calendars, ids, people, policy, texts
from service.domain.people import Actor
from service.store import addresses, audit, organizations
from service.store.organizations import OrganizationRow, SiteRow
from service.store.rows import AuditRow

U = msgspec.UnsetType
_UNSET = msgspec.UNSET


class OrganizationChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fields to change; what is left out stays.

    `idle_minutes`: how long its people may be away before they sign in again; null as the
    coordinating organization says for the network, else 30. `routine_mail`: when mail that is not
    urgent comes to those of its people who have not said otherwise.
    """

    name: texts.Name | U = _UNSET
    public_name: texts.Name | U = _UNSET
    zone: texts.Name | U = _UNSET
    language: texts.Language | U = _UNSET
    phone: texts.Line | U | None = _UNSET
    hours: Week | U = _UNSET
    closures: Annotated[tuple[date, ...], msgspec.Meta(max_length=400)] | U = _UNSET
    covered_entity: bool | U = _UNSET
    part2_program: bool | U = _UNSET
    central_intake: bool | U = _UNSET
    agreement_on: date | U | None = _UNSET
    idle_minutes: Annotated[int, msgspec.Meta(ge=5, le=60)] | U | None = _UNSET
    routine_mail: Literal["at_once", "digest"] | U = _UNSET


_NETWORK_ONLY = frozenset({"covered_entity", "part2_program", "central_intake", "agreement_on"})
"""What decides who may be told; an organization does not say it of itself."""


async def edit_organization(
    office: Office, actor: Actor, *, org_id: UUID, change: OrganizationChange, seen: int
) -> OrganizationRow:
    """Write the change if the version is still the one seen; raises Stale, Invalid, Refused."""
    permission.of(actor, policy.Action.ORGANIZATION_EDIT, org_id=org_id)
    given = _given(change)
    if _NETWORK_ONLY & given.keys() and not (actor.cco or actor.org_id is None):
        raise faults.Refused("Ask the coordinating organization to change this.")
    async with office.db.transaction(permission.eyes(actor, org_id)) as connection:
        row = await organizations.fetch(connection, org_id)
        if row.version != seen:
            raise faults.Stale(version=row.version)
        after = msgspec.structs.replace(row, **given)
        _check(after)
        version = await organizations.edit(connection, after)
        if {"time_zone", "hours", "closures"} & given.keys():
            await organizations.calendar_changed(connection, org_id)
        note = _note("organization.edit", org_id, fields=sorted(given))
        await audit.insert(connection, actor, note)
    return msgspec.structs.replace(after, version=version)


def _given(change: OrganizationChange) -> dict[str, Any]:
    given = {
        name: value for name, value in msgspec.structs.asdict(change).items() if value is not _UNSET
    }
    if "zone" in given:
        given["time_zone"] = given.pop("zone")
    if "hours" in given:
        given["hours"] = [list(day) if day else None for day in given["hours"]]
    if "closures" in given:
        given["closures"] = sorted(set(given["closures"]))
    return given


def _check(after: OrganizationRow) -> None:
    hours = tuple((day[0], day[1]) if day else None for day in after.hours)
    wrong = add_organization.calendar_faults(after.time_zone, hours or calendars.OFFICE_HOURS)
    for field in ("name", "public_name"):
        if not getattr(after, field).strip():
            wrong.append({"field": field, "detail": "Leave a name that people can read."})
    if after.phone is not None and not people.is_phone(after.phone):
        wrong.append({"field": "phone", "detail": "Write it as +15035550100."})
    if after.part2_program and after.public_name.strip() == after.name.strip():
        detail = "A treatment program needs a public name that does not disclose treatment."
        wrong.append({"field": "public_name", "detail": detail})
    if wrong:
        raise faults.Invalid(errors=wrong)


async def set_mailbox(office: Office, actor: Actor, *, org_id: UUID, mailbox: Mailbox) -> Opened:
    """Attest another mailbox of an organization; the one before is retired.

    Links go to no other address, so only the network's administration may say that an
    organization without accounts reads mail somewhere else. Raises Refused, Missing, Invalid.
    """
    permission.of(actor, policy.Action.ORGANIZATION_EDIT, org_id=org_id)
    async with office.db.transaction(permission.eyes(actor, org_id)) as connection:
        organization = await organizations.fetch(connection, org_id)
        if organization.channel == "link" and not (actor.cco or actor.org_id is None):
            raise faults.Refused("Ask the coordinating organization to change this.")
        row = await mailboxes.sealed(
            office.keys, org_id, mailbox=mailbox, attested_by_org_id=actor.org_id
        )
        await addresses.replace(connection, row)
        note = _note("mailbox.attest", org_id, fields=["mailbox"])
        await audit.insert(connection, actor, note)
    return Opened(
        id=row.id, address=mailbox.address, shared=mailbox.shared, phrase=mailbox.phrase or None
    )


async def read_mailbox(office: Office, actor: Actor, *, org_id: UUID) -> Opened | None:
    """Open the mailbox in use for those who administer the organization."""
    permission.of(actor, policy.Action.ORGANIZATION_EDIT, org_id=org_id)
    async with office.db.transaction(permission.eyes(actor, org_id)) as connection:
        await organizations.fetch(connection, org_id)
        row = await addresses.current(connection, org_id)
    return await mailboxes.opened(office.keys, org_id, row=row) if row is not None else None


async def add_site(office: Office, actor: Actor, *, org_id: UUID, site: SiteRow) -> SiteRow:
    """Add a place; its id is made here. Raises Refused, Missing, Invalid."""
    permission.of(actor, policy.Action.ORGANIZATION_EDIT, org_id=org_id)
    if not site.name.strip():
        raise faults.Invalid(errors=[{"field": "name", "detail": "Give the place a name."}])
    made = msgspec.structs.replace(site, id=ids.new_id(), state="active")
    async with office.db.transaction(permission.eyes(actor, org_id)) as connection:
        await organizations.fetch(connection, org_id)
        await organizations.insert_site(connection, org_id, site=made)
        await audit.insert(connection, actor, _note("site.add", org_id, fields=[]))
    return made


async def close_site(office: Office, actor: Actor, *, org_id: UUID, site_id: UUID) -> None:
    """Close a place; raises Refused, Missing."""
    permission.of(actor, policy.Action.ORGANIZATION_EDIT, org_id=org_id)
    async with office.db.transaction(permission.eyes(actor, org_id)) as connection:
        await organizations.close_site(connection, org_id, site_id=site_id)
        await audit.insert(connection, actor, _note("site.close", org_id, fields=[]))


def _note(action: str, org_id: UUID, *, fields: list[str]) -> AuditRow:
    return AuditRow(
        org_id=org_id,
        action=action,
        resource_kind="organization",
        resource_id=org_id,
        detail={"fields": fields} if fields else {},
    )
