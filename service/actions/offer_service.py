"""What an organization offers: add a service, change it, and say whether there is room."""

from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from service import faults
from service.actions import permission
from service.actions.office import Office
from service.domain import ids, people, policy, texts
from service.domain.people import Actor
from service.store import audit, directory, organizations
from service.store.directory import Found, ServiceRow, Wanted
from service.store.pool import Scope
from service.store.rows import AuditRow

U = msgspec.UnsetType
_UNSET = msgspec.UNSET

REQUIRABLE = frozenset(
    {"narrative", "reason_codes", "ordering_npi", "authorization_number", "requested_by"}
)
"""Fields of a referral that a service may ask for before it is sent."""


class NewService(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A service to be offered. `area`: counties or postal codes, empty for everywhere."""

    name: texts.Name
    category: texts.Name
    pattern: people.ServicePattern = people.ServicePattern.VISIT
    reviewer: people.Reviewer = people.Reviewer.STAFF
    evidence: people.Evidence = people.Evidence.OUTCOME
    code_system: texts.Line | None = None
    code: texts.Line | None = None
    required: texts.Names = ()
    eligibility: texts.Text = ""
    languages: texts.Names = ()
    area: texts.Names = ()
    site_id: UUID | None = None
    capacity: people.CapacityStatus = people.CapacityStatus.UNKNOWN
    no_capacity_until: date | None = None


class ServiceChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fields to change; what is left out stays. Capacity has a call of its own."""

    name: texts.Name | U = _UNSET
    category: texts.Name | U = _UNSET
    pattern: people.ServicePattern | U = _UNSET
    reviewer: people.Reviewer | U = _UNSET
    evidence: people.Evidence | U = _UNSET
    code_system: texts.Line | U | None = _UNSET
    code: texts.Line | U | None = _UNSET
    required: texts.Names | U = _UNSET
    eligibility: texts.Text | U = _UNSET
    languages: texts.Names | U = _UNSET
    area: texts.Names | U = _UNSET
    site_id: UUID | U | None = _UNSET
    active: bool | U = _UNSET


async def offer_service(
    office: Office, actor: Actor, *, org_id: UUID, wish: NewService
) -> ServiceRow:
    """Add a service to the directory; raises Refused, Missing, Invalid."""
    permission.of(actor, policy.Action.SERVICE_EDIT, org_id=org_id)
    fields: dict[str, Any] = msgspec.structs.asdict(wish)
    fields |= {name: list(fields[name]) for name in ("required", "languages", "area")}
    row = ServiceRow(org_id=org_id, id=ids.new_id(), active=True, **fields)
    check(row)
    async with office.db.transaction(permission.eyes(actor, org_id)) as connection:
        await organizations.fetch(connection, org_id)
        await directory.insert(connection, row)
        await audit.insert(connection, actor, _note("service.offer", row))
        return await directory.fetch(connection, org_id, service_id=row.id)


async def edit_service(
    office: Office,
    actor: Actor,
    *,
    org_id: UUID,
    service_id: UUID,
    change: ServiceChange,
    seen: int,
) -> ServiceRow:
    """Write the change if the version is still the one seen; raises Stale, Invalid, Missing."""
    permission.of(actor, policy.Action.SERVICE_EDIT, org_id=org_id)
    async with office.db.transaction(permission.eyes(actor, org_id)) as connection:
        row = await directory.fetch(connection, org_id, service_id=service_id)
        if row.version != seen:
            raise faults.Stale(version=row.version)
        after = msgspec.structs.replace(row, **_given(change))
        check(after)
        version = await directory.edit(connection, after)
        await audit.insert(connection, actor, _note("service.edit", after))
    return msgspec.structs.replace(after, version=version)


async def state_capacity(
    office: Office,
    actor: Actor,
    *,
    org_id: UUID,
    service_id: UUID,
    capacity: people.CapacityStatus,
    until: date | None = None,
) -> ServiceRow:
    """Say whether there is room; `until`: none before this day. Raises Refused, Missing."""
    permission.of(actor, policy.Action.SERVICE_EDIT, org_id=org_id)
    async with office.db.transaction(permission.eyes(actor, org_id)) as connection:
        await directory.state_capacity(
            connection, org_id, service_id=service_id, capacity=capacity, until=until
        )
        row = await directory.fetch(connection, org_id, service_id=service_id)
        await audit.insert(connection, actor, _note("service.capacity", row))
    return row


async def list_services(office: Office, actor: Actor, *, org_id: UUID) -> list[ServiceRow]:
    """List what an organization offers."""
    permission.require(actor, policy.Action.DIRECTORY_SEARCH)
    async with office.db.transaction(Scope(org_id=actor.org_id)) as connection:
        await organizations.fetch(connection, org_id)
        return await directory.of_organization(connection, org_id)


async def search_directory(
    office: Office, actor: Actor, wanted: Wanted, *, limit: int, offset: int = 0
) -> list[Found]:
    """Find services of the whole network."""
    permission.require(actor, policy.Action.DIRECTORY_SEARCH)
    async with office.db.transaction(Scope(org_id=actor.org_id)) as connection:
        return await directory.search(connection, wanted, limit=limit, offset=offset)


def _given(change: ServiceChange) -> dict[str, Any]:
    given = {
        name: value for name, value in msgspec.structs.asdict(change).items() if value is not _UNSET
    }
    for name in {"required", "languages", "area"} & given.keys():
        given[name] = list(given[name])
    return given


def check(row: ServiceRow) -> None:
    """Refuse what nobody could find or send to; raises Invalid."""
    wrong = [
        {"field": field, "detail": "Say what is offered."}
        for field in ("name", "category")
        if not getattr(row, field).strip()
    ]
    if not set(row.required) <= REQUIRABLE:
        detail = "Ask for fields of a referral: " + ", ".join(sorted(REQUIRABLE)) + "."
        wrong.append({"field": "required", "detail": detail})
    if (row.code is None) != (row.code_system is None):
        wrong.append({"field": "code", "detail": "Give a code with its system, or neither."})
    if wrong:
        raise faults.Invalid(errors=wrong)


def _note(action: str, row: ServiceRow) -> AuditRow:
    return AuditRow(
        org_id=row.org_id,
        action=action,
        resource_kind="healthcare_service",
        resource_id=row.id,
        detail={"capacity": row.capacity} if action == "service.capacity" else {},
    )
