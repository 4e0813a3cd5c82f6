"""Commands that give keys their successors, and say how far everything has moved to them."""

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from uuid import UUID

import click

from service.commands.surroundings import current, reported

if TYPE_CHECKING:
    from service.actions.rotate_keys import Workshop
    from service.settings import Settings
    from service.store.rotating import Hanging

SORTS = ("root", "organization", "signing", "index", "field")


@asynccontextmanager
async def workshop(settings: "Settings") -> "AsyncIterator[Workshop]":
    """Open what keys are changed with."""
    from crypto import keyring, root
    from service.actions.rotate_keys import Workshop
    from service.commands import opening
    from service.store.keys import StoredKeyRows

    async with opening.keeper(settings) as keeper:
        ring = keyring.LocalKeyring(root.load(settings.root_key_file), StoredKeyRows(keeper))
        yield Workshop(keeper, ring)


@click.command()
@click.argument("sort", type=click.Choice(SORTS))
@click.option("--org", "org_id", type=click.UUID, help="One organization; all without it.")
@reported
def rotate(*, sort: str, org_id: UUID | None) -> None:
    """Give the root, or organizations, their next keys while everything runs.

    New keys seal from then on and old ones open. The root's keys are re-wrapped at once; for the
    others run `keys rewrap` next. Stopped in the middle, run it again.
    """
    if sort == "root":
        asyncio.run(_rotate_root(current()))
        return
    asyncio.run(_rotate(current(), sort, org_id))


async def _rotate(settings: "Settings", sort: str, org_id: UUID | None) -> None:
    from service.actions import rotate_keys
    from service.store import rotating
    from service.store.pool import Scope

    async with workshop(settings) as shop:
        async with shop.keeper.transaction(Scope()) as connection:
            found = await rotating.organizations(connection, org_id)
        for each in found or ([org_id] if org_id else []):
            made = await rotate_keys.rotate(shop, each, what=sort)
            said = ", ".join(f"{purpose} v{version}" for purpose, version in made.items())
            click.echo(f"{each}  {said}")


async def _rotate_root(settings: "Settings") -> None:
    from crypto import root
    from service.commands import opening
    from service.store import migrate

    await opening.ready(settings)
    path = settings.root_key_file
    # With two keys in the file somebody was stopped here before: that rotation goes on.
    if len(root.load(path).every) == 1:
        root.add(path)
    held = root.load(path)
    click.echo(f"Root key {held.key_id.hex()} wraps from now on; {os.fspath(path)} holds both.")
    await migrate.set_passwords(settings.database_url.reveal(), held)
    await _rewrap(settings)


@click.command()
@reported
def rewrap() -> None:
    """Move what hangs on old keys to those in use. Can be stopped and run again at any time."""
    asyncio.run(_rewrap(current()))


async def _rewrap(settings: "Settings") -> None:
    from crypto import root
    from service.actions import rewrap_keys
    from service.store import migrate

    held = root.load(settings.root_key_file)
    if len(held.every) > 1:
        # Whoever wrote the second key by hand comes this way.
        await migrate.set_passwords(settings.database_url.reveal(), held)
    moved: Counter[str] = Counter()

    def told(what: str, count: int) -> None:
        moved[what] += count
        click.echo(f"\r{what}: {moved[what]}", nl=False)

    async with workshop(settings) as shop:
        await rewrap_keys.rewrap(shop, held, progress=told)
        click.echo("\rNothing hangs on an old key." if not moved else "\nAll moved.")
        if len(held.every) > 1:
            kept = await rewrap_keys.retire_root(shop, held, settings.root_key_file)
            click.echo(
                f"The old root key is in {os.fspath(kept)}: keep it with the backups of its time."
                if kept
                else "The old root key stays in the file; run this again in a minute."
            )


@click.command()
@click.option("--org", "org_id", type=click.UUID, help="One organization; all without it.")
@reported
def status(*, org_id: UUID | None) -> None:
    """List every key version: owner, purpose, state, age in days, and how much hangs on it."""
    from crypto import root

    settings = current()
    held = root.load(settings.root_key_file)
    for place, each in enumerate(held.every):
        state = "active" if place == 0 else "expired"
        click.echo(f"{'root':<36}  {'root':<18} {state:<9} {each.key_id.hex()}")
    for row in asyncio.run(_hanging(settings, org_id)):
        owner = str(row.org_id or "network")
        state = row.state if row.openable or row.state == "destroyed" else "refused"
        counted = "" if row.hanging is None else f"  {row.hanging} on it"
        days = row.seconds / 86400
        click.echo(f"{owner:<36}  {row.purpose:<18} {state:<9} v{row.version} {days:.0f}d{counted}")


async def _hanging(settings: "Settings", org_id: UUID | None) -> "list[Hanging]":
    from service.store import rotating
    from service.store.pool import Scope

    async with workshop(settings) as shop, shop.keeper.transaction(Scope()) as connection:
        return await rotating.hanging(connection, org_id)


@click.command()
@click.argument("purpose")
@click.argument("version", type=click.IntRange(min=1))
@click.option("--org", "org_id", type=click.UUID, required=True)
@reported
def floor(*, purpose: str, version: int, org_id: UUID) -> None:
    """Let no version of PURPOSE below VERSION open any more; a lower one lets them in again.

    Refused while anything hangs on them.
    """
    changed = asyncio.run(_floor(current(), purpose, version, org_id))
    click.echo(f"{changed} versions of {purpose} changed; v{version} is the least that opens.")


async def _floor(settings: "Settings", purpose: str, version: int, org_id: UUID) -> int:
    from service.actions import rotate_keys

    async with workshop(settings) as shop:
        return await rotate_keys.raise_floor(shop, org_id, purpose, version=version)


@click.command()
@click.option("--org", "org_id", type=click.UUID, help="One organization; all without it.")
@reported
def destroy(*, org_id: UUID | None) -> None:
    """Destroy the versions below their floor, ten minutes after it was raised at the earliest."""
    for each in asyncio.run(_destroy(current(), org_id)):
        click.echo(f"{each.org_id or 'network'}  {each.purpose} v{each.version} is destroyed.")


async def _destroy(settings: "Settings", org_id: UUID | None) -> "list[Hanging]":
    from service.actions import rotate_keys

    async with workshop(settings) as shop:
        return await rotate_keys.destroy_refused(shop, org_id)
