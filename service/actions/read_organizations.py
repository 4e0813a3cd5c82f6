"""Read the organizations of the network, their places and their members."""

from uuid import UUID

import msgspec

from service import faults
from service.actions import permission
from service.actions.office import Office
from service.domain import policy
from service.domain.people import Actor
from service.store import members, organizations
from service.store.members import MemberRow
from service.store.organizations import OrganizationRow, SiteRow
from service.store.pool import Scope

Place = tuple[str, UUID]
"""A place in the list: public name and id of the last one seen."""


async def list_organizations(
    office: Office, actor: Actor, *, after: Place | None, limit: int
) -> list[OrganizationRow]:
    """List active organizations by public name, after a place in that order."""
    permission.require(actor, policy.Action.ORGANIZATION_READ)
    async with office.db.transaction(Scope(org_id=actor.org_id)) as connection:
        rows = await organizations.page(connection, after=after, limit=limit)
    return [_seen_by(actor, row) for row in rows]


async def read_organization(
    office: Office, actor: Actor, *, org_id: UUID
) -> tuple[OrganizationRow, list[SiteRow]]:
    """Read one organization with its places; raises Missing."""
    permission.require(actor, policy.Action.ORGANIZATION_READ)
    async with office.db.transaction(Scope(org_id=actor.org_id)) as connection:
        row = await organizations.fetch(connection, org_id)
        sites = await organizations.sites(connection, org_id)
    return _seen_by(actor, row), sites


def _seen_by(actor: Actor, row: OrganizationRow) -> OrganizationRow:
    """Show the real name to the organization itself and to the coordinators only.

    A treatment program's real name would disclose treatment; others lose nothing by it.
    """
    if actor.cco or actor.org_id == row.id:
        return row
    return msgspec.structs.replace(row, name=row.public_name, part2_program=False)


async def list_members(office: Office, actor: Actor, *, org_id: UUID) -> list[MemberRow]:
    """List the members of the own organization, or of any for the network's administration."""
    permission.of(actor, policy.Action.MEMBER_LIST, org_id=org_id)
    async with office.db.transaction(Scope(org_id=actor.org_id)) as connection:
        if await organizations.get(connection, org_id) is None:
            raise faults.Missing
        return await members.of_organization(connection, org_id)
