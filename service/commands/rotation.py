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
    from crypto.root import Root
    from service.actions.rotate_keys import Workshop
    from service.settings import Settings
    from service.store.rotating import Hanging

SORTS = ("root", "network", "organization", "signing", "index", "field")


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
    """Give the root, the network, or organizations their next keys while everything runs.

    New keys seal from then on and old ones open. `network` are the index of sign-in addresses and
    the key those are sealed under; `organization` what seals to one and wraps its keys; `signing`
    what it signs with; `index` what its patients are found by; `field` what seals its small values.
    The root's keys are re-wrapped at once; for the others run `keys rewrap` next. Stopped in the
    middle, run it again.
    """
    if org_id is not None and sort in ("root", "network"):
        raise click.UsageError(f"An organization has no {sort} key of its own.")
    if sort == "root":
        asyncio.run(_rotate_root(current()))
        return
    asyncio.run(_rotate(current(), sort, org_id))


async def _rotate(settings: "Settings", sort: str, org_id: UUID | None) -> None:
    from service.actions import rotate_keys
    from service.store import rotating
    from service.store.pool import Scope

    async with workshop(settings) as shop:
        if sort == "network":
            _said("network", await rotate_keys.rotate_network(shop))
            return
        async with shop.keeper.transaction(Scope()) as connection:
            found = await rotating.organizations(connection, org_id)
        for each in found or ([org_id] if org_id else []):
            _said(str(each), await rotate_keys.rotate(shop, each, what=sort))


def _said(owner: str, made: dict[str, int]) -> None:
    said = ", ".join(f"{purpose} v{version}" for purpose, version in made.items())
    click.echo(f"{owner}  {said}")


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
    """Move what hangs on old keys to those in use. Can be stopped and run again at any time.

    Keys are wrapped anew, seals of epochs and small values sealed anew, tokens reckoned anew, while
    everything runs; it waits until a new key has been in use for three seconds. What was said in
    messages and files is not touched.
    """
    asyncio.run(_rewrap(current()))


async def _rewrap(settings: "Settings") -> None:
    from crypto import root
    from service.actions import rewrap_keys
    from service.store import migrate

    held = root.load(settings.root_key_file)
    if len(held.every) > 1:
        # Whoever wrote the second key by hand comes this way.
        await migrate.set_passwords(settings.database_url.reveal(), held)
    async with workshop(settings) as shop:
        await _moved(shop, held)
        if len(held.every) > 1:
            kept = await rewrap_keys.retire_root(shop, held, settings.root_key_file)
            click.echo(
                f"The old root key is in {os.fspath(kept)}: keep it with the backups of its time."
                if kept
                else "The old root key stays in the file; run this again in a minute."
            )


async def _moved(shop: "Workshop", held: "Root") -> None:
    from service.actions import rewrap_keys

    moved: Counter[str] = Counter()
    owed = sum(row.hanging or 0 for row in await _rows(shop, None) if row.state == "expired")
    with click.progressbar(length=owed, label="Moving", show_pos=True) as bar:

        def told(what: str, count: int) -> None:
            moved[what] += count
            # Keys under an old root are not counted beforehand.
            bar.length = max(bar.length or 0, moved.total())
            bar.label = what
            bar.update(count)

        await rewrap_keys.rewrap(shop, held, progress=told)
        # Patients are told one by one, and hang on a key with every token of theirs.
        bar.update((bar.length or 0) - bar.pos)
    for what, count in moved.items():
        click.echo(f"{what}: {count}")
    click.echo("All moved." if moved else "Nothing hangs on an old key.")


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
    async with workshop(settings) as shop:
        return await _rows(shop, org_id)


async def _rows(shop: "Workshop", org_id: UUID | None) -> "list[Hanging]":
    from service.store import rotating
    from service.store.pool import Scope

    async with shop.keeper.transaction(Scope()) as connection:
        return await rotating.hanging(connection, org_id)


@click.command()
@click.argument("purpose")
@click.argument("version", type=click.IntRange(min=1))
@click.option("--org", "org_id", type=click.UUID, help="Whose; the network's own without it.")
@reported
def floor(*, purpose: str, version: int, org_id: UUID | None) -> None:
    """Let no version of PURPOSE below VERSION open any more; a lower one lets them in again.

    Refused while anything hangs on them.
    """
    changed = asyncio.run(_floor(current(), purpose, version, org_id))
    click.echo(f"{changed} versions of {purpose} changed; v{version} is the least that opens.")


async def _floor(settings: "Settings", purpose: str, version: int, org_id: UUID | None) -> int:
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
