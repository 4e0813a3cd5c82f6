"""Commands about how long clocks wait."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from service.commands.surroundings import current, reported

if TYPE_CHECKING:
    from service.actions.keep_terms import Preview, TermWish
    from service.actions.office import Office

T = TypeVar("T")

_CLOCKS = (
    *("answer", "supply", "schedule", "check", "attend"),
    *("rebook", "report", "confirm", "review", "route"),
)
_PRIORITIES = ("routine", "urgent", "emergent")
_UNITS = ("hours", "days", "business_days", "default")


async def _acting(work: "Callable[[Office], Awaitable[T]]") -> T:
    from service.commands import opening

    async with opening.office(current()) as office:
        return await work(office)


@click.group()
def terms() -> None:
    """Say how long the clocks wait before they nudge and hand over."""


@terms.command("list")
@reported
def list_terms() -> None:
    """List every clock and priority, then what is set for kinds of service."""
    from service.actions import keep_terms
    from service.actions.permission import OPERATOR

    async def work(office: "Office") -> list[keep_terms.TermLine]:
        return await keep_terms.listed(office, OPERATOR)

    for each in asyncio.run(_acting(work)):
        grace = f" + {each.grace} business days" if each.grace else ""
        by = "" if each.setting is None else f"  set by {each.setting.set_by or 'an operator'}"
        whom = each.category or "every kind"
        click.echo(
            f"{each.clock:<9} {each.priority:<9} {whom:<20} {each.amount} {each.unit}{grace}{by}"
        )


@terms.command("set")
@click.argument("clock", type=click.Choice(_CLOCKS))
@click.argument("priority", type=click.Choice(_PRIORITIES))
@click.argument("amount", type=click.IntRange(0, 10_000))
@click.argument("unit", type=click.Choice(_UNITS))
@click.option("--grace", type=click.IntRange(0, 10_000), default=0, help="Business days after it.")
@click.option("--kind", "category", help="For one kind of service, as the directory names it.")
@click.option("--yes", is_flag=True, help="Do it; else only what last month would have been.")
@reported
def set_term(
    *,
    clock: str,
    priority: str,
    amount: int,
    unit: str,
    grace: int,
    category: str | None,
    yes: bool,
) -> None:
    r"""Set how long a clock waits, for what begins from then on.

    Without --yes it only says what last month would have been. `default` as a unit goes back to
    what holds otherwise.

    \b
    loopkeeper terms set answer routine 3 business_days --grace 2 --kind food_pantry
    loopkeeper terms set answer routine 0 default --kind food_pantry --yes
    """
    import msgspec

    from service.actions.keep_terms import TermWish

    given: dict[str, Any] = {"clock": clock, "priority": priority, "category": category}
    if unit != "default":
        given |= {"amount": amount, "unit": unit, "grace": grace}
    found = asyncio.run(
        _acting(lambda office: _set(office, msgspec.convert(given, TermWish), yes=yes))
    )
    click.echo(
        f"Last month {found.now.referrals} referrals waited for this."
        f" Reminded: {found.now.nudged}, would have been {found.then.nudged}."
        f" Moved to a coordinator: {found.now.moved}, would have been {found.then.moved}."
    )
    click.echo("It is in force for what begins from now on." if yes else "Nothing is changed.")


async def _set(office: "Office", wish: "TermWish", *, yes: bool) -> "Preview":
    from service.actions import keep_terms
    from service.actions.permission import OPERATOR

    found = await keep_terms.preview(office, OPERATOR, wish)
    if yes:
        await keep_terms.set_term(office, OPERATOR, wish, seen=found.seen)
    return found
