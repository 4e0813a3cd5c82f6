"""Founding a network, adding organizations and members; on real PostgreSQL."""

import pytest

from service import faults
from service.actions import add_member, add_organization, found_network
from service.actions.add_member import NewMember
from service.actions.add_organization import NewOrganization
from service.actions.mailboxes import Mailbox
from service.actions.permission import OPERATOR
from service.domain.people import Channel, OrganizationKind, Role
from service.store import organizations
from service.store.members import AlreadyMember
from service.store.pool import Scope
from tests import making


async def _founded(house: making.House) -> found_network.Founded:
    return await found_network.found_network(
        house.office,
        name="Valley CCO",
        zone="America/Los_Angeles",
        administrator_address="Admin@valley.example",
    )


async def test_a_network_is_founded_once(house: making.House) -> None:
    assert not await found_network.is_founded(house.office)
    founded = await _founded(house)
    assert founded.invitation is not None
    assert founded.invitation.token.startswith("li_")
    assert founded.invitation.token not in repr(founded)
    assert await found_network.is_founded(house.office)
    with pytest.raises((organizations.AlreadyFounded, faults.Busy)):
        await _founded(house)


async def test_a_second_network_leaves_nothing_behind(house: making.House) -> None:
    await _founded(house)
    with pytest.raises(organizations.AlreadyFounded):
        await found_network.found_network(
            house.office, name="Other", zone="UTC", administrator_address="b@other.example"
        )
    async with house.check.transaction(Scope()) as connection:
        assert await connection.fetchval("select count(*) from person") == 1
        assert await connection.fetchval("select count(*) from organization") == 1


async def test_an_agency_without_accounts_needs_a_mailbox(house: making.House) -> None:
    wish = NewOrganization(
        name="Harbor Food Bank",
        kind=OrganizationKind.SOCIAL_SERVICE,
        zone="America/Los_Angeles",
        channel=Channel.LINK,
    )
    with pytest.raises(faults.Invalid) as refused:
        await add_organization.add_organization(house.office, OPERATOR, wish)
    assert [error["field"] for error in refused.value.extra["errors"]] == ["mailbox"]


async def test_a_treatment_program_needs_a_name_that_tells_nothing(house: making.House) -> None:
    wish = NewOrganization(
        name="Recovery House",
        kind=OrganizationKind.BEHAVIORAL_HEALTH,
        zone="Mars/Olympus",
        part2_program=True,
        phone="555-0100",
    )
    with pytest.raises(faults.Invalid) as refused:
        await add_organization.add_organization(house.office, OPERATOR, wish)
    fields = {error["field"] for error in refused.value.extra["errors"]}
    assert fields == {"zone", "phone", "public_name"}


async def test_a_new_organization_can_seal_and_is_sealed_to_at_once(house: making.House) -> None:
    org_id = await add_organization.add_organization(
        house.office,
        OPERATOR,
        NewOrganization(
            name="Harbor Food Bank",
            kind=OrganizationKind.SOCIAL_SERVICE,
            zone="America/Los_Angeles",
            channel=Channel.LINK,
            hours=((540, 1020), None, (540, 1020), None, None, None, None),
            mailbox=Mailbox(address="intake@harbor.example", phrase="blue kettle"),
        ),
    )
    await house.office.keys.forget()
    async with house.office.db.transaction(Scope(org_id=org_id)) as connection:
        row = await organizations.fetch(connection, org_id)
    assert (row.public_name, row.channel) == ("Harbor Food Bank", "link")
    seals = await house.office.keys.new_epoch(org_id, "general", epoch=1, org_ids=[org_id])
    assert len(seals) == 1


async def test_a_person_of_two_organizations_gets_no_second_invitation(
    house: making.House,
) -> None:
    north, south = await house.organization("North"), await house.organization("South")
    first = await add_member.add_member(house.office, north.actor, _sam(north))
    second = await add_member.add_member(house.office, south.actor, _sam(south))
    assert first.person_id == second.person_id
    assert first.invitation is not None
    assert second.invitation is None
    with pytest.raises(AlreadyMember):
        await add_member.add_member(house.office, south.actor, _sam(south))


async def test_nobody_adds_members_to_another_organization(house: making.House) -> None:
    north, south = await house.organization("North"), await house.organization("South")
    with pytest.raises(faults.Missing):
        await add_member.add_member(house.office, north.actor, _sam(south))
    with pytest.raises(faults.Refused):
        await add_member.add_member(house.office, north.acting(Role.CLINICIAN), _sam(north))


async def test_a_member_has_a_name_a_role_and_a_sound_npi(house: making.House) -> None:
    north = await house.organization("North")
    wish = NewMember(org_id=north.id, address="sam", name=" ", roles=frozenset(), npi="1234567890")
    with pytest.raises(faults.Invalid) as refused:
        await add_member.add_member(house.office, north.actor, wish)
    assert {error["field"] for error in refused.value.extra["errors"]} == {"name", "roles", "npi"}
    assert "sam" not in repr(wish)


def _sam(org: making.Org) -> NewMember:
    return NewMember(
        org_id=org.id,
        address="sam.lee@example.org",
        name="Sam Lee",
        roles=frozenset({Role.FRONT_DESK}),
    )
