"""Bring an organization into the network, with keys of its own and the mailbox it is reached at."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

import msgspec

from service import faults
from service.actions import mailboxes, permission
from service.actions.mailboxes import Mailbox
from service.actions.office import Office
from service.domain import calendars, ids, people, policy, texts
from service.domain.people import Actor, Channel, OrganizationKind
from service.store import addresses, audit, organizations
from service.store import keys as key_store
from service.store.organizations import NewRow
from service.store.pool import Connection, Scope
from service.store.rows import AuditRow

Week = tuple[tuple[int, int] | None, ...]
"""Opening and closing minute since midnight for each day from Monday; None for a day off."""


class NewOrganization(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An organization to be; without `public_name` its name is told to everybody.

    `hours`: seven days from Monday, empty for nine to five on weekdays. `mailbox` is where the
    links of an organization without accounts go; whoever adds it attests it.
    """

    name: texts.Name
    kind: OrganizationKind
    zone: texts.Name
    channel: Channel = Channel.ACCOUNT
    public_name: texts.Line = ""
    language: texts.Language = "en"
    phone: texts.Line | None = None
    hours: Week = ()
    closures: Annotated[tuple[date, ...], msgspec.Meta(max_length=400)] = ()
    covered_entity: bool = False
    part2_program: bool = False
    central_intake: bool = False
    agreement_on: date | None = None
    mailbox: Mailbox | None = None


async def add_organization(office: Office, actor: Actor, wish: NewOrganization) -> UUID:
    """Store an organization with its keys and return its id; raises Invalid, Refused."""
    permission.require(actor, policy.Action.ORGANIZATION_CREATE)
    check(wish)
    org_id = ids.new_id()
    async with office.db.transaction(Scope(org_id=org_id, network=True)) as connection:
        await write(office, connection, actor, wish, org_id=org_id)
    return org_id


def check(wish: NewOrganization) -> None:
    """Refuse what could not be reckoned with or reached."""
    wrong = calendar_faults(wish.zone, wish.hours)
    if not wish.name.strip():
        wrong.append({"field": "name", "detail": "Give the organization's name."})
    if wish.phone is not None and not people.is_phone(wish.phone):
        wrong.append({"field": "phone", "detail": "Write it as +15035550100."})
    if wish.channel is Channel.LINK and wish.mailbox is None:
        detail = "An organization without accounts needs the mailbox its links go to."
        wrong.append({"field": "mailbox", "detail": detail})
    if wish.part2_program and wish.public_name.strip() in ("", wish.name.strip()):
        detail = "A treatment program needs a public name that does not disclose treatment."
        wrong.append({"field": "public_name", "detail": detail})
    if wrong:
        raise faults.Invalid(errors=wrong)


def calendar_faults(zone: str, hours: Week) -> list[dict[str, str]]:
    """List what is wrong with a zone and a week of hours."""
    try:
        calendars.Calendar(zone=zone)
    except ValueError:
        return [{"field": "zone", "detail": "Use a name such as America/Los_Angeles."}]
    try:
        calendars.Calendar(zone=zone, hours=hours or calendars.OFFICE_HOURS)
    except ValueError:
        detail = "Give seven days from Monday, each [opening, closing] minute or null, one open."
        return [{"field": "hours", "detail": detail}]
    return []


async def write(
    office: Office,
    connection: Connection,
    actor: Actor,
    wish: NewOrganization,
    *,
    org_id: UUID,
    is_cco: bool = False,
) -> None:
    """Write an organization, its keys and its mailbox in a transaction of the network."""
    made = await office.keys.new_organization(org_id)
    await organizations.insert(connection, _row(wish, org_id, is_cco=is_cco))
    await organizations.set_closures(connection, org_id, days=wish.closures)
    await key_store.add(connection, made)
    if wish.mailbox is not None:
        row = await mailboxes.sealed(
            office.keys, org_id, mailbox=wish.mailbox, attested_by_org_id=actor.org_id
        )
        await addresses.replace(connection, row)
    note = AuditRow(
        org_id=org_id,
        action="organization.add",
        resource_kind="organization",
        resource_id=org_id,
        detail={"kind": wish.kind, "channel": wish.channel},
    )
    await audit.insert(connection, actor, note)


def _row(wish: NewOrganization, org_id: UUID, *, is_cco: bool) -> NewRow:
    hours: list[Any] = [list(day) if day else None for day in wish.hours]
    return NewRow(
        id=org_id,
        name=wish.name.strip(),
        public_name=wish.public_name.strip() or wish.name.strip(),
        kind=wish.kind,
        channel=wish.channel,
        is_cco=is_cco,
        central_intake=wish.central_intake,
        part2_program=wish.part2_program,
        covered_entity=wish.covered_entity,
        time_zone=wish.zone,
        language=wish.language,
        phone=wish.phone,
        hours=hours,
        agreement_on=wish.agreement_on,
    )
