"""Commands about keys: what there is, and a root key for a database to be."""

import asyncio
import os
from pathlib import Path

import click

from service import faults
from service.commands import rotation, shredding
from service.commands.surroundings import environment, reported


class HasARootKey(faults.Fault):
    """This database has its root key already."""

    slug = "has-a-root-key"
    advice = "Put that key back; a new one opens nothing that the old one sealed."


@click.group()
def keys() -> None:
    """See which keys there are, make, rotate and destroy them."""


keys.add_command(shredding.shred)
keys.add_command(shredding.hold)
for _command in (
    rotation.rotate,
    rotation.rewrap,
    rotation.status,
    rotation.floor,
    rotation.destroy,
):
    keys.add_command(_command)


@keys.group()
def root() -> None:
    """Make the one key that opens all others: 32 bytes in a file of mode 0600."""


@root.command()
@click.argument("path", type=click.Path(path_type=Path), required=False)
@reported
def new(*, path: Path | None) -> None:
    """Make a root key in PATH, or where LOOPKEEPER_ROOT_KEY_FILE says. Nothing is overwritten.

    Refused where DATABASE_URL names a database that has one. Keep a copy apart from the backups
    of the database: without it they open for nobody, and with it for anybody.
    """
    from crypto import root as roots

    known = environment()
    where = path or Path(known.get("LOOPKEEPER_ROOT_KEY_FILE") or "root.key")
    url = known.get("DATABASE_URL", "")
    if url and asyncio.run(holds_a_probe(url)):
        raise HasARootKey
    made = roots.create(where)
    click.echo(
        f"Root key {made.key_id.hex()} is in {os.fspath(where)}. Copy it to a safe place now."
    )


async def holds_a_probe(database_url: str) -> bool:
    """Tell whether a database was migrated with some root key already."""
    from service.store import operations

    return not (await operations.look(database_url)).empty
