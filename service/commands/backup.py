"""Commands for the day before the bad day: take a backup, and try it."""

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from service.commands.surroundings import current, reported

if TYPE_CHECKING:
    from service.commands.rehearsing import Rehearsal
    from service.settings import Settings

FOLDER = click.Path(file_okay=False, path_type=Path)


class Either(click.Group):
    """A command with a folder as its word, and a few others beside it.

    What is no other command's name is the folder; one of such a name is written with its path.
    """

    first: str = ""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the first command's name before a folder."""
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = [self.first, *args]
        return super().parse_args(ctx, args)


class _Backup(Either):
    first = "take"


@click.group(cls=_Backup)
def backup() -> None:
    """Take a backup of database and files into a folder, `loopkeeper backup DIR`, and try one.

    The root key is never inside: keep a copy of its file apart.
    """


@backup.command()
@click.argument("folder", type=FOLDER)
@click.option("--keep", type=click.IntRange(min=1), help="Remove all backups there but the last N.")
@reported
def take(*, folder: Path, keep: int | None) -> None:
    """Take a backup into a new folder of DIR; `take` may be left out. The service goes on.

    It has its name only when it is whole: `loopkeeper-YYYYMMDDTHHMMSSZ`.
    """
    from service.commands import taking

    settings = current()
    with Drawn("Backing up") as bar:
        made, manifest = asyncio.run(taking.take(settings, folder, bar))
    click.echo(f"{made} holds the database and {len(manifest.files)} files, {manifest.size} bytes.")
    if manifest.gone:
        click.echo(f"{manifest.gone} files that the database names are gone: `loopkeeper check`.")
    click.echo(
        f"It opens with the root key {', '.join(manifest.root_key_ids)}, kept apart from it."
    )
    for each in taking.drop_older(folder, keep=keep) if keep else ():
        click.echo(f"{each.name} is removed.")


@backup.command()
@click.argument("folder", type=click.Path(file_okay=False, exists=True, path_type=Path))
@click.option("--url", help="A server to try it on; without it one is started for it.")
@reported
def rehearse(*, folder: Path, url: str | None) -> None:
    """Restore a backup beside everything, prove it, say how long it took, and drop it again.

    Exit 1 when something is broken in it. Nothing is sent, and nothing in use is touched.
    """
    from service.commands import rehearsing

    settings = current()
    with Drawn("Rehearsing") as bar:
        found = rehearsing.rehearse(settings, folder, bar, url=url)
    for line in found.broken:
        click.echo(line)
    click.echo(_told(found))
    if found.broken:
        raise SystemExit(1)


def _told(found: "Rehearsal") -> str:
    return (
        f"{found.name}: restored in {found.restore_seconds:.1f} s, proved in"
        f" {found.proof_seconds:.1f} s: {found.lines} lines of the record, {found.files} files."
    )


class Drawn:
    """A bar on the error output of a terminal; nothing anywhere else."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._bar: Any = None

    def __enter__(self) -> "Drawn":
        return self

    def __exit__(self, *_exc: object) -> None:
        if self._bar is not None:
            self._bar.render_finish()

    def begin(self, size: int) -> None:
        """So many bytes lie ahead."""
        if sys.stderr.isatty():
            self._bar = click.progressbar(length=size, label=self._label, file=sys.stderr)

    def done(self, size: int) -> None:
        """So many bytes more are done."""
        if self._bar is not None:
            self._bar.update(size)


async def proved(settings: "Settings", checkpoint: str | None) -> tuple[list[str], int]:
    """Prove a restored database: what is broken, and how many lines its record has."""
    from service.commands import record, storing

    findings = await storing.checked(settings, stopped=True)
    broken = [
        f"BROKEN {each.invariant.id:>3}  {each.invariant.says} {breach.subject}: {breach.detail}"
        for each in findings
        for breach in each.breaches
    ]
    kept = [checkpoint] if checkpoint else []
    report = await record.verified(settings, only=None, kept=kept, pinned=None)
    if not report.sound:
        broken += [f"BROKEN record: {each.says}" for each in report.found]
    return broken, report.lines
