"""Commands for the providers of texts: how they stand, and how many texts each is given."""

import asyncio
from typing import TYPE_CHECKING

import click

from service import faults
from service.commands.surroundings import current, reported

if TYPE_CHECKING:
    from service.domain.sms_weights import Weights
    from service.settings import Settings


class NoProvider(faults.Fault):
    """Nobody is there to carry texts."""

    slug = "no-sms-provider"
    advice = "Set LOOPKEEPER_SMS_URL."


class NotAHundred(faults.Fault):
    """The points do not fit."""

    slug = "sms-points"
    advice = (
        "Give each provider its points, 100 in all: `loopkeeper sms weights twilio=80 kannel=20`."
    )


@click.group()
def sms() -> None:
    """Texts: see how the providers stand, and choose how many texts each is given."""


@sms.command()
@reported
def status() -> None:
    """Show each provider's points now and at rest, and its errors lately."""
    for each in asyncio.run(_weights(current())):
        at = f", last {each.error_at:%Y-%m-%d %H:%M}Z" if each.error_at else ""
        stands = f"{each.points:>3} of 100, at rest {each.resting}"
        click.echo(f"{each.name:<8} {stands}; {each.errors} errors{at}")


@sms.command()
@click.argument("points", nargs=-1, required=True, metavar="NAME=POINTS...")
@reported
def weights(*, points: tuple[str, ...]) -> None:
    """Choose how many of a hundred texts each provider is given, now and at rest.

    Errors still move points away from a provider, and quiet walks them back to these. The choice
    is written in the record.
    """
    chosen = _read(points)
    asyncio.run(_choose(current(), chosen))
    click.echo("Chosen: " + ", ".join(f"{name} {count}" for name, count in chosen.items()))


@sms.command()
@click.option("--language", type=click.Choice(["en", "es"]), help="Of one language only.")
@reported
def templates(*, language: str | None) -> None:
    """Show every text as a phone shows it, with the segments it costs."""
    from service.actions import text_templates

    for each in text_templates.listed(current().public_url):
        if language in (None, each.language):
            size = each.size
            cost = f"{size.segments} segments" if size.segments > 1 else "1 segment"
            room = f"{size.units} units, {size.left} left, {size.alphabet}"
            click.echo(f"{each.kind}.{each.language}  {cost} ({room})\n    {each.text}")


def _read(points: tuple[str, ...]) -> dict[str, int]:
    from service.domain import sms_weights

    found: dict[str, int] = {}
    for each in points:
        name, _, count = each.partition("=")
        if not (count.isascii() and count.isdigit() and len(count) < 4) or name in found:
            raise NotAHundred
        found[name] = int(count)
    if not sms_weights.is_all(found.values()):
        raise NotAHundred
    return found


async def _weights(settings: "Settings") -> "Weights":
    from service.commands import opening
    from service.store import sms as store
    from service.store.pool import Scope

    names = _names(settings)
    await opening.ready(settings)
    async with (
        opening.pool(settings, "lk_worker") as pool,
        pool.transaction(Scope()) as connection,
    ):
        await store.meet(connection, _at_first(names))
        return await store.weights(connection, names)


async def _choose(settings: "Settings", chosen: dict[str, int]) -> None:
    from service.actions import choose_providers
    from service.actions.permission import OPERATOR
    from service.commands import opening
    from service.store import sms as store
    from service.store.pool import Scope

    names = _names(settings)
    if set(chosen) != set(names):
        raise NotAHundred
    await opening.ready(settings)
    async with (
        opening.pool(settings, "lk_worker") as pool,
        pool.transaction(Scope()) as connection,
    ):
        await store.meet(connection, _at_first(names))
        was = await store.weights(connection, names, lock=True)
        await choose_providers.write(connection, OPERATOR, was, chosen)


def _names(settings: "Settings") -> list[str]:
    names = [way.name for way in settings.sms]
    if not names:
        raise NoProvider
    return names


def _at_first(names: list[str]) -> dict[str, int]:
    from service.domain import sms_weights

    return sms_weights.at_first(names)
