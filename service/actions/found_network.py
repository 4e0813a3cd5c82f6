"""Found the network: its coordinating organization and the first administrator, once."""

from uuid import UUID

import msgspec

from service.actions import add_member, add_organization
from service.actions.add_member import NewMember
from service.actions.add_organization import NewOrganization
from service.actions.invitations import Invitation
from service.actions.office import Office
from service.actions.permission import OPERATOR
from service.domain import ids
from service.domain.people import Channel, OrganizationKind, Role
from service.store import organizations
from service.store.pool import Scope

FIRST_ROLES = frozenset({Role.ORG_ADMIN, Role.COORDINATOR})


class Founded(msgspec.Struct, frozen=True, kw_only=True):
    """The coordinating organization and its administrator, who sets a password by the link."""

    org_id: UUID
    member_id: UUID
    invitation: Invitation | None


async def found_network(
    office: Office,
    *,
    name: str,
    zone: str,
    administrator_address: str,
    administrator_name: str = "Administrator",
    language: str = "en",
    password: str | None = None,
) -> Founded:
    """Make the coordinating organization and its first administrator in one transaction.

    Raises AlreadyFounded where there is one, Invalid for a malformed zone or address.
    """
    org_id, person_id = ids.new_id(), ids.new_id()
    organization = _coordinators(name, zone=zone, language=language)
    administrator = NewMember(
        org_id=org_id,
        address=administrator_address,
        name=administrator_name,
        roles=FIRST_ROLES,
        language=language,
        password=password,
        purpose="administrator",
    )
    add_organization.check(organization)
    add_member.check(administrator)
    logins = await add_member.logins_of(office, administrator_address)
    fresh = await add_member.new_person(office, administrator, person_id=person_id, logins=logins)
    scope = Scope(org_id=org_id, person_id=person_id, network=True)
    async with office.db.transaction(scope) as connection:
        await add_organization.write(
            office, connection, OPERATOR, organization, org_id=org_id, is_cco=True
        )
        added = await add_member.write(
            office.keys, connection, OPERATOR, administrator, person_id=person_id, fresh=fresh
        )
    return Founded(org_id=org_id, member_id=added.member_id, invitation=added.invitation)


def _coordinators(name: str, *, zone: str, language: str) -> NewOrganization:
    return NewOrganization(
        name=name,
        kind=OrganizationKind.COORDINATION,
        zone=zone,
        channel=Channel.ACCOUNT,
        language=language,
        covered_entity=True,
    )


async def is_founded(office: Office) -> bool:
    """Whether this network has its coordinating organization."""
    async with office.db.transaction(Scope()) as connection:
        return await organizations.founded(connection)
