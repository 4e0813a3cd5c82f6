"""Commands of the operator about organizations and their people."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

import click

from service.commands.surroundings import current, reported

if TYPE_CHECKING:
    from service.actions.office import Office
    from service.store.pool import Connection

T = TypeVar("T")

KINDS = ("primary_care", "specialty", "behavioral_health", "social_service", "coordination")
ROLES = (
    "org_admin",
    "clinician",
    "bh_clinician",
    "coordinator",
    "front_desk",
    "privacy_officer",
    "integration",
    "reader",
)


async def _acting(work: "Callable[[Office], Awaitable[T]]") -> T:
    from service.commands import opening

    async with opening.office(current()) as office:
        return await work(office)


async def _reading(work: "Callable[[Connection], Awaitable[T]]") -> T:
    from service.commands import opening
    from service.store.pool import Scope

    settings = current()
    await opening.ready(settings)
    async with (
        opening.pool(settings, "lk_check") as pool,
        pool.transaction(Scope()) as connection,
    ):
        return await work(connection)


@click.group()
def org() -> None:
    """Organizations of the network."""


@org.command("list")
@reported
def list_organizations() -> None:
    """List every organization: id, kind, how it is reached, how many people and services."""
    from service.store import operations

    for each in asyncio.run(_reading(operations.organizations)):
        mark = " (coordinates)" if each.is_cco else ""
        click.echo(
            f"{each.id}  {each.kind:<18} {each.channel:<8} {each.members:>3} people"
            f" {each.services:>2} services  {each.public_name}{mark}"
        )


@org.command()
@click.option("--name", required=True, help="The coordinating organization's name.")
@click.option("--zone", required=True, help="Its time zone, as America/Los_Angeles.")
@click.option("--admin", required=True, help="The first administrator's e-mail address.")
@reported
def found(*, name: str, zone: str, admin: str) -> None:
    """Found the network: its coordinating organization and the first administrator, once.

    `loopkeeper serve` does it with placeholders if nobody did it before.
    """
    from service.commands import founding

    asyncio.run(_acting(lambda office: founding.found(office, name=name, zone=zone, address=admin)))


@org.command("add")
@click.option("--name", required=True, help="Its name.")
@click.option("--public-name", default="", help="What strangers may read, if not its name.")
@click.option("--kind", type=click.Choice(KINDS), required=True)
@click.option("--channel", type=click.Choice(["account", "link"]), default="account")
@click.option("--zone", required=True, help="Its time zone, as America/Los_Angeles.")
@click.option("--language", type=click.Choice(["en", "es"]), default="en")
@click.option("--phone", help="As +15035550100.")
@click.option("--mailbox", help="Where its links go; needed for --channel link.")
@click.option("--covered/--not-covered", default=False, help="Covered entity under HIPAA.")
@click.option("--part2/--no-part2", default=False, help="A program under 42 CFR Part 2.")
@reported
def add_organization(*, mailbox: str | None, **wish: object) -> None:
    """Bring an organization into the network."""
    from service.actions import add_organization as action
    from service.actions.mailboxes import Mailbox
    from service.actions.permission import OPERATOR
    from service.domain.people import Channel, OrganizationKind

    new = action.NewOrganization(
        name=str(wish["name"]),
        public_name=str(wish["public_name"]),
        kind=OrganizationKind(str(wish["kind"])),
        channel=Channel(str(wish["channel"])),
        zone=str(wish["zone"]),
        language=str(wish["language"]),
        phone=str(wish["phone"]) if wish["phone"] else None,
        covered_entity=bool(wish["covered"]),
        part2_program=bool(wish["part2"]),
        mailbox=Mailbox(address=mailbox) if mailbox else None,
    )
    made = asyncio.run(_acting(lambda office: action.add_organization(office, OPERATOR, new)))
    click.echo(str(made))


@click.group()
def member() -> None:
    """People of an organization."""


@member.command("list")
@click.option("--org", "org_id", type=click.UUID, help="Only of this organization.")
@reported
def list_members(*, org_id: UUID | None) -> None:
    """List members: id, roles, name. Sign-in addresses are sealed and not shown."""
    from service.store import operations

    found = asyncio.run(_reading(lambda held: operations.members(held, org_id=org_id)))
    for each in found:
        roles = ",".join(each.roles)
        click.echo(f"{each.id}  {each.organization:<28} {each.name:<24} {roles} {each.state}")


@member.command("add")
@click.option("--org", "org_id", type=click.UUID, required=True, help="`org list` shows the ids.")
@click.option("--name", required=True)
@click.option("--address", required=True, help="The e-mail address to sign in with.")
@click.option("--role", "roles", type=click.Choice(ROLES), multiple=True, required=True)
@click.option("--npi", help="Ten digits, for who orders.")
@reported
def add_member(
    *, org_id: UUID, name: str, address: str, roles: tuple[str, ...], npi: str | None
) -> None:
    """Add somebody to an organization and print the one-time link to set a password with."""
    from service.actions import add_member as action
    from service.actions.permission import OPERATOR
    from service.domain.people import Role

    new = action.NewMember(
        org_id=org_id, name=name, address=address, roles=frozenset(map(Role, roles)), npi=npi
    )

    async def work(office: "Office") -> None:
        added = await action.add_member(office, OPERATOR, new)
        click.echo(f"Member {added.member_id} is added.")
        if added.invitation is not None:
            link = added.invitation.url(office.public_url)
            click.echo(f"Set the password with this link, once, within three days: {link}")

    asyncio.run(_acting(work))


@member.command("invite")
@click.option("--org", "org_id", type=click.UUID, required=True, help="`org list` shows the ids.")
@click.option("--member", "member_id", type=click.UUID, required=True, help="See `member list`.")
@reported
def invite_member(*, org_id: UUID, member_id: UUID) -> None:
    """Print a new one-time link for somebody who lost theirs, or the password."""
    from service.actions import invite_again
    from service.actions.permission import OPERATOR

    async def work(office: "Office") -> None:
        made = await invite_again.invite_again(office, OPERATOR, org_id=org_id, member_id=member_id)
        link = made.url(office.public_url)
        click.echo(f"Set the password with this link, once, within three days: {link}")

    asyncio.run(_acting(work))
