"""Commands about who of the coordinators takes over what nobody answered."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

import click

from service.commands.surroundings import current, reported

if TYPE_CHECKING:
    from service.actions.office import Office

T = TypeVar("T")


async def _acting(work: "Callable[[Office], Awaitable[T]]") -> T:
    from service.commands import opening

    async with opening.office(current()) as office:
        return await work(office)


@click.group()
def assign() -> None:
    """Who of the coordinators takes over: by area, language or partner; others from the pool."""


@assign.command("list")
@reported
def list_rules() -> None:
    """List who was named for what."""
    from service.actions import keep_assignment

    for each in asyncio.run(_acting(keep_assignment.listed)):
        named = (("area", each.areas), ("language", each.languages), ("partner", each.partners))
        said = "  ".join(f"{what} {', '.join(which)}" for what, which in named if which)
        click.echo(f"{each.id}  {each.member}  {said or 'anything'}")


@assign.command()
@click.option("--member", "member_id", type=click.UUID, required=True, help="The coordinator's id.")
@click.option("--area", "areas", multiple=True, help="An area as the directory names it.")
@click.option("--language", "languages", multiple=True, help="The patient's language, as es.")
@click.option("--partner", "partners", type=click.UUID, multiple=True, help="An organization's id.")
@reported
def add(
    *, member_id: UUID, areas: tuple[str, ...], languages: tuple[str, ...], partners: tuple[UUID]
) -> None:
    """Name a coordinator; of each list one match is enough, and all lists must match."""
    from service.actions import keep_assignment

    async def work(office: "Office") -> UUID:
        wish = keep_assignment.NewRule(
            member_id=member_id, areas=areas, languages=languages, partners=partners
        )
        return await keep_assignment.add(office, wish)

    click.echo(f"{asyncio.run(_acting(work))} is in force for what is armed from now on.")


@assign.command()
@click.argument("rule_id", type=click.UUID)
@reported
def end(*, rule_id: UUID) -> None:
    """End a rule; what it promised before stays promised."""
    from service.actions import keep_assignment

    async def work(office: "Office") -> None:
        await keep_assignment.finish(office, rule_id)

    asyncio.run(_acting(work))
    click.echo("It is ended.")
