"""Commands that destroy keys, and the holds that keep them from it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

import click

from service.commands.surroundings import current, reported

if TYPE_CHECKING:
    from service.store.holds import Hold
    from service.store.pool import Pool

T = TypeVar("T")

UNITS = ("message", "referral", "thread", "patient", "organization")
CLASSES = ("general", "behavioral", "part2", "psychotherapy", "social_sensitive")
REASONS = (
    "patient_asked",
    "retention_over",
    "court_order",
    "entered_in_error",
    "organization_left",
)
_SURE = (
    "This destroys the keys of that {kind} for everybody. Nothing here opens it again; backups open"
    " it until they are too old. Go on?"
)


async def kept(work: "Callable[[Pool], Awaitable[T]]") -> T:
    """Do something as the role that rotates and destroys keys."""
    from service.commands import opening

    async with opening.keeper(current()) as keeper:
        return await work(keeper)


@click.command()
@click.argument("kind", type=click.Choice(UNITS))
@click.argument("unit_id", metavar="ID", type=click.UUID)
@click.option("--class", "sensitivity", type=click.Choice(CLASSES), help="Of a referral or thread.")
@click.option("--reason", type=click.Choice(REASONS), required=True)
@click.option("--yes", is_flag=True, help="Do not ask.")
@reported
def shred(*, kind: str, unit_id: UUID, sensitivity: str | None, reason: str, yes: bool) -> None:
    """Destroy the keys of a message, referral, thread, patient or organization.

    Refused while a hold stands on it, on what it lies in, or on anything in it. A patient's copies
    in referrals are the referrals': shred those, too.
    """
    from service.actions.shred import Unit, Why
    from service.actions.shred import shred as destroy

    if sensitivity is not None and kind not in ("referral", "thread"):
        raise click.UsageError("Only a referral or a thread has classes.")
    if not yes:
        click.confirm(_SURE.format(kind=kind), abort=True)
    unit = Unit(kind=kind, id=unit_id, sensitivity=sensitivity)
    done = asyncio.run(kept(lambda keeper: destroy(keeper, unit, why=Why(reason))))
    if not done:
        click.echo("There was nothing left to destroy.")
        return
    click.echo(
        f"Destroyed {done.keys} keys and {done.seals} seals; {done.contents} contents and"
        f" {done.values} values are no longer readable."
    )
    if kind == "patient":
        click.echo(asyncio.run(kept(lambda keeper: _copies(keeper, unit_id))))


async def _copies(keeper: "Pool", patient_id: UUID) -> str:
    from service.store import shredding
    from service.store.pool import Scope

    async with keeper.transaction(Scope()) as connection:
        found = await shredding.copies(connection, patient_id)
    return f"{found} referrals still hold their own copy, sealed for their parties."


@click.group()
def hold() -> None:
    """Legal holds: what stands on one is not destroyed, nor what it lies in or what lies in it."""


@hold.command("add")
@click.argument("kind", type=click.Choice(UNITS))
@click.argument("unit_id", metavar="ID", type=click.UUID)
@click.option("--reason", required=True, help="A case number; never a name.")
@reported
def add(*, kind: str, unit_id: UUID, reason: str) -> None:
    """Place a hold."""
    from service.actions import shred as acts

    placed = asyncio.run(
        kept(lambda keeper: acts.hold(keeper, kind, unit_id, reason=reason.strip()[:500]))
    )
    click.echo(f"Hold {placed} stands." if placed else "A hold stands on it already.")


@hold.command("release")
@click.argument("hold_id", metavar="HOLD", type=click.UUID)
@click.option("--reason", required=True, help="Who lifted it and when; never a patient's name.")
@reported
def release(*, hold_id: UUID, reason: str) -> None:
    """End a hold; its row stays."""
    from service.actions import shred as acts

    asyncio.run(kept(lambda keeper: acts.release(keeper, hold_id, reason=reason.strip()[:500])))
    click.echo(f"Hold {hold_id} is over.")


@hold.command("list")
@reported
def list_holds() -> None:
    """List every hold, those that are over last."""
    for each in asyncio.run(kept(_every)):
        over = f"released {each.released_at:%Y-%m-%d}" if each.released_at else "stands"
        click.echo(
            f"{each.id}  {each.kind:<12} {each.subject_id}  {each.placed_at:%Y-%m-%d}  {over}"
            f"  {each.reason}"
        )


async def _every(keeper: "Pool") -> list["Hold"]:
    from service.store import holds
    from service.store.pool import Scope

    async with keeper.transaction(Scope()) as connection:
        return await holds.every(connection)
