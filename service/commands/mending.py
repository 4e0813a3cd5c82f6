"""Commands about what is stuck on its way out: see it, let it go again, give it up."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

import click

from service import faults
from service.commands.surroundings import current, reported

if TYPE_CHECKING:
    from service.actions.office import Office
    from service.store.stuck import StuckRow

T = TypeVar("T")

STATES = ("dead", "parked", "overdue")
_AGE = re.compile(r"(\d{1,4})([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


class NoSuchEffect(faults.Fault):
    """Nothing of that id is stuck or waits."""

    slug = "no-such-effect"
    advice = "`loopkeeper outbox list` shows what is."


class Age(click.ParamType):
    """A number and a unit: 30m, 2h, 3d."""

    name = "age"

    def convert(self, value: object, param: object, ctx: object) -> timedelta:
        """Read it, or say how it is spelled."""
        if isinstance(value, timedelta):
            return value
        found = _AGE.fullmatch(str(value))
        if found is None:
            self.fail("Write a number and m, h or d, as 30m or 2h.")
        return timedelta(**{_UNITS[found[2]]: int(found[1])})


@click.group()
def outbox() -> None:
    """Mend what is stuck on its way out: mails and texts that are dead, parked or overdue."""


@outbox.command("list")
@click.option("--state", type=click.Choice(STATES), multiple=True, help="How it is stuck.")
@click.option("--kind", help="What it is, as `invite` or `nudge`.")
@click.option("--older", type=Age(), default="0m", help="At least so old: 30m, 2h, 3d.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=200, show_default=True)
@reported
def list_stuck(*, state: tuple[str, ...], kind: str | None, older: timedelta, limit: int) -> None:
    """List what is stuck, the oldest first: id, how, what, age, tries, for whom, why.

    No address, name of a person or word of a mail is in it. A dead one that somebody has seen to
    is marked `seen`.
    """
    from service.actions import mend_effects
    from service.actions.permission import OPERATOR
    from service.store.stuck import Wanted

    wanted = Wanted(states=state or STATES, kind=kind, older=older)
    found = _acting(lambda office: mend_effects.list_stuck(office, OPERATOR, wanted, limit=limit))
    if not found:
        click.echo("Nothing is stuck.", err=True)
    for each in found:
        click.echo(_line(each))


def _line(each: "StuckRow") -> str:
    seen = " seen" if each.state == "dead" and not each.task_open else ""
    age = str(timedelta(seconds=int(each.age_seconds)))
    return (
        f"{each.id}  {each.state + seen:<9}  {each.kind:<14}  {age:>16}  {each.tries} tries"
        f"  {each.organization}  {each.reason or ''}"
    ).rstrip()


@outbox.command()
@click.argument("effect_id", type=click.UUID)
@reported
def retry(*, effect_id: UUID) -> None:
    """Let one go out now, as if it were new; it is the same mail, and not a second one."""
    from service.actions import mend_effects
    from service.actions.permission import OPERATOR

    _known(lambda office: mend_effects.retry(office, OPERATOR, effect_id))
    click.echo("It goes out again now.")


@outbox.command("give-up")
@click.argument("effect_id", type=click.UUID)
@reported
def give_up(*, effect_id: UUID) -> None:
    """End one for good, with its task. The clocks of its referral run on."""
    from service.actions import mend_effects
    from service.actions.permission import OPERATOR

    _known(lambda office: mend_effects.give_up(office, OPERATOR, effect_id))
    click.echo("It is given up.")


def _known(work: "Callable[[Office], Awaitable[None]]") -> None:
    try:
        _acting(work)
    except faults.Missing:
        raise NoSuchEffect from None


def _acting(work: "Callable[[Office], Awaitable[T]]") -> T:
    async def act() -> T:
        from service.commands import opening

        async with opening.office(current()) as office:
            return await work(office)

    return asyncio.run(act())
