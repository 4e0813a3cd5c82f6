"""Take in another directory, an organization at a time and each whole or not; give ours out.

Who comes in so is not on line: an address in a file is nobody's word, and a link goes only to one
that a person attested.
"""

from typing import Any
from uuid import UUID

import msgspec

from service import faults
from service.actions import add_organization, offer_service, phone
from service.actions.add_organization import NewOrganization
from service.actions.office import Office
from service.actions.permission import OPERATOR
from service.domain import hsds, ids
from service.domain.hsds import Entry, Offer
from service.domain.hsds_export import Listed
from service.domain.people import Channel, OrganizationKind
from service.store import audit, directory, directory_sources
from service.store.directory import ServiceRow
from service.store.pool import Connection, Scope
from service.store.rows import AuditRow


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What the file does not say: the kind and zone of organizations that are new.

    `by_name`: an organization of the same name is taken for the same one.
    """

    kind: OrganizationKind
    zone: str
    by_name: bool = False
    dry: bool = False


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What taking one organization did: services by what became of them."""

    new_organization: bool
    new: int = 0
    changed: int = 0
    same: int = 0


class SameName(faults.Fault):
    """There is an organization of that name already."""

    kind, slug = faults.Kind.CONFLICT, "same-name"
    advice = "Say --by-name if it is the same one, or rename one of them."


class _Dry(Exception):
    """Ends the transaction of a dry run."""


async def take(office: Office, entry: Entry, terms: Terms) -> Taken:
    """Take in one organization with its services; what people said here of a service is kept.

    Their eligibility, languages, area and state follow the file; capacity where the file has a
    word. Raises Invalid, SameName; a dry run does the same and takes all of it back.
    """
    taken = Taken(new_organization=False)
    try:
        async with office.db.transaction(Scope(network=True)) as connection:
            org_id, is_new = await _organization(connection, entry, terms)
        async with office.db.transaction(Scope(org_id=org_id, network=True)) as connection:
            if is_new:
                wish = _wish(entry, terms)
                await add_organization.write(office, connection, OPERATOR, wish, org_id=org_id)
            await directory_sources.add(
                connection, "organization", entry.id, org_id=org_id, own=org_id
            )
            taken = await _services(connection, entry, org_id, is_new=is_new)
            if terms.dry:
                raise _Dry
    except _Dry:
        pass
    return taken


async def _organization(connection: Connection, entry: Entry, terms: Terms) -> tuple[UUID, bool]:
    known = await directory_sources.known(connection, "organization", [entry.id])
    if entry.id in known:
        return known[entry.id], False
    named = await directory_sources.named(connection, entry.name)
    if not named:
        return ids.new_id(), True
    if terms.by_name and len(named) == 1:
        return named[0], False
    raise SameName


def _wish(entry: Entry, terms: Terms) -> NewOrganization:
    wish = NewOrganization(
        name=entry.name,
        kind=terms.kind,
        zone=terms.zone,
        channel=Channel.OFFLINE,
        phone=phone.e164(entry.number.strip('"')),
    )
    add_organization.check(wish)
    return wish


async def _services(connection: Connection, entry: Entry, org_id: UUID, *, is_new: bool) -> Taken:
    known = await directory_sources.known(
        connection, "service", [offer.id for offer in entry.offers]
    )
    counts = {"new": 0, "changed": 0, "same": 0}
    for offer in entry.offers:
        if offer.id in known:
            counts[await _again(connection, offer, org_id, known[offer.id])] += 1
        else:
            await _first(connection, offer, org_id)
            counts["new"] += 1
    return Taken(new_organization=is_new, **counts)


async def _first(connection: Connection, offer: Offer, org_id: UUID) -> None:
    row = ServiceRow(
        org_id=org_id,
        id=ids.new_id(),
        site_id=None,
        category=offer.category,
        code_system=None,
        code=None,
        pattern="visit",
        reviewer="staff",
        evidence="outcome",
        required=[],
        capacity=offer.capacity or "unknown",
        no_capacity_until=None,
        **_said(offer),
    )
    offer_service.check(row)
    await directory.insert(connection, row)
    if not offer.active:
        # A service is written as one that is offered; that it is not any more is its first change.
        await directory.edit(connection, msgspec.structs.replace(row, active=False))
    await directory_sources.add(connection, "service", offer.id, org_id=org_id, own=row.id)
    await audit.insert(connection, OPERATOR, _note("service.offer", row))


async def _again(connection: Connection, offer: Offer, org_id: UUID, service_id: UUID) -> str:
    before = await directory.fetch(connection, org_id, service_id=service_id)
    category = before.category if offer.category == hsds.OTHER else offer.category
    after = msgspec.structs.replace(before, category=category, **_said(offer))
    offer_service.check(after)
    told = offer.capacity is not None and offer.capacity != before.capacity
    if after != before:
        await directory.edit(connection, after)
        await audit.insert(connection, OPERATOR, _note("service.edit", after))
    if told and after.active:
        assert offer.capacity is not None
        await directory.state_capacity(
            connection, org_id, service_id=service_id, capacity=offer.capacity, until=None
        )
        await audit.insert(connection, OPERATOR, _note("service.capacity", after))
    return "changed" if after != before or (told and after.active) else "same"


def _said(offer: Offer) -> dict[str, Any]:
    return {
        "name": offer.name,
        "eligibility": offer.eligibility,
        "languages": list(offer.languages),
        "area": list(offer.area),
        "active": offer.active,
    }


def _note(action: str, row: ServiceRow) -> AuditRow:
    return AuditRow(
        org_id=row.org_id,
        action=action,
        resource_kind="healthcare_service",
        resource_id=row.id,
        detail={"source": "hsds"},
    )


async def listed(office: Office) -> list[Listed]:
    """List the whole directory, public names only."""
    async with office.db.transaction(Scope(network=True)) as connection:
        return await directory_sources.every(connection)


async def categories(office: Office) -> list[str]:
    """List the categories that services of the network have, in small letters."""
    return sorted({row.category.lower() for row in await listed(office)})
