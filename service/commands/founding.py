"""The first administrator of a network, who comes in by a link that works once."""

import click

from service.actions import found_network
from service.actions.office import Office
from service.commands import opening
from service.settings import Settings
from service.store.organizations import AlreadyFounded

PLACEHOLDER = "Care coordination"


async def announce(settings: Settings) -> None:
    """Found the network where there is none, and print how its administrator gets in.

    Two web servers that start together found it once: the database lets one coordinating
    organization in.
    """
    async with opening.office(settings) as office:
        if await found_network.is_founded(office):
            return
        try:
            await found(office, name=PLACEHOLDER, zone="UTC", address=settings.mail_from)
        except AlreadyFounded:
            return


async def found(office: Office, *, name: str, zone: str, address: str) -> None:
    """Make the coordinating organization and print its administrator's link."""
    made = await found_network.found_network(
        office, name=name, zone=zone, administrator_address=address
    )
    click.echo(f"The network is founded: {name}. Its first administrator signs in as {address}.")
    if made.invitation is not None:
        link = made.invitation.url(office.public_url)
        click.echo(f"Set the password with this link, once, within three days: {link}")
