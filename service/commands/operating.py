"""Commands for a bad day: end an e-mail link, let the timers fire again."""

import asyncio
from typing import TYPE_CHECKING
from uuid import UUID

import click

from service import faults
from service.commands.surroundings import current, reported

if TYPE_CHECKING:
    from service.settings import Settings
    from service.store.operations import LinkLine


class NoSuchLink(faults.Fault):
    """There is no live link of that id."""

    slug = "no-such-link"
    advice = "`loopkeeper link list --referral REFERENCE` shows the links of a referral."


class NoLinks(faults.Fault):
    """No link was made for that reference."""

    slug = "no-links"
    advice = "Check it: `loopkeeper link list --referral 7F3K-22AB`, as the mail has it."


@click.group()
def link() -> None:
    """E-mail links: see which there are, and end one that went astray."""


@link.command("list")
@click.option("--referral", "reference", required=True, help="The reference, as 7F3K-22AB.")
@reported
def list_links(*, reference: str) -> None:
    """List the links of a referral: id, state, when they end. The secrets are nowhere stored."""
    found = asyncio.run(_links(current(), reference))
    if not found:
        raise NoLinks
    for each in found:
        seen = "answered from" if each.seen_at else "not used yet"
        click.echo(f"{each.id}  {each.state:<8} until {each.expires_at:%Y-%m-%d %H:%M}Z  {seen}")


async def _links(settings: "Settings", reference: str) -> list["LinkLine"]:
    from service.commands import opening
    from service.domain import ids
    from service.store import operations
    from service.store.pool import Scope

    async with (
        opening.pool(settings, "lk_check") as pool,
        pool.transaction(Scope()) as connection,
    ):
        return await operations.links(connection, ids.parse_reference(reference) or "")


@link.command()
@click.argument("link_id", type=click.UUID)
@reported
def revoke(*, link_id: UUID) -> None:
    """End a link now; whoever is using it is out within a second."""
    if not asyncio.run(_revoke(current(), link_id)):
        raise NoSuchLink
    click.echo("The link is revoked, and so is every session it opened.")


@click.group()
def clock() -> None:
    """Answer the guard against jumps of the clock."""


@clock.command()
@reported
def release() -> None:
    """Let timers fire again after somebody looked at a clock that jumped.

    A jump of more than 30 seconds freezes firing, so that it cannot escalate every referral at
    once. Correct the machine's time first.
    """
    frozen = asyncio.run(_release(current()))
    click.echo("Timers fire again." if frozen else "Nothing was frozen.")


async def _release(settings: "Settings") -> bool:
    from service.commands import opening
    from service.store import operations
    from service.store.pool import Scope

    await opening.ready(settings)
    async with (
        opening.pool(settings, "lk_worker") as pool,
        pool.transaction(Scope()) as connection,
    ):
        return await operations.release(connection)


async def _revoke(settings: "Settings", link_id: UUID) -> bool:
    from service import clock as clocks
    from service.actions.permission import OPERATOR
    from service.commands import opening
    from service.store import links
    from service.store.pool import Scope

    await opening.ready(settings)
    now = clocks.real_now()
    async with (
        opening.pool(settings, "lk_worker") as pool,
        pool.transaction(Scope()) as connection,
    ):
        if not await links.end(connection, link_id, state="revoked", reason="operator", now=now):
            return False
        line = links.Line(action="link.revoked", resource_kind="link", resource_id=link_id)
        await links.record(connection, OPERATOR, line)
    return True
