"""Commands for the bad day: bring a backup back, look at what may have gone out, let go."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from service import faults
from service.commands.backup import FOLDER, Drawn, Either, proved
from service.commands.surroundings import current, reported

if TYPE_CHECKING:
    from service.settings import Settings
    from service.store.restores import Doubt, Hold, Released

NEXT = """\b
Nothing is sent and no timer fires until you let go:
  loopkeeper restore review     what may have gone out already
  loopkeeper restore release    send it, or count it as sent, and begin again"""


class NotHeld(faults.Fault):
    """Nothing is held: this database was not restored, or was released already."""

    slug = "not-held"


class Undecided(faults.Fault):
    """Some of what is owed may have gone out already, and nobody said what to do about it."""

    slug = "undecided"


class _Restore(Either):
    first = "bring-back"


@click.group(cls=_Restore)
def restore() -> None:
    """Bring a backup back, `loopkeeper restore DIR`, into an empty database and folder of files.

    Afterwards nothing is sent until `loopkeeper restore release`.
    """


@restore.command("bring-back")
@click.argument("folder", type=FOLDER)
@reported
def bring_back(*, folder: Path) -> None:
    """Bring back the backup in DIR; `bring-back` may be left out. Exit 1 if it does not prove.

    Every hash is reckoned first, the database comes back whole or not at all, everybody's sessions
    end, and then the invariants and the record are proved.
    """
    from service.commands import bringing_back

    settings = current()
    with Drawn("Restoring") as bar:
        manifest = asyncio.run(bringing_back.bring_back(settings, folder, bar))
    click.echo(
        f"The database and {len(manifest.files)} files of {manifest.taken_at:%F %T}Z are back."
    )
    broken, lines = asyncio.run(proved(settings, manifest.checkpoint))
    click.echo("\n".join(broken) or f"holds  The invariants, and {lines} lines of the record.")
    click.echo(NEXT.removeprefix("\b\n"))
    if broken:
        raise SystemExit(1)


@restore.command()
@reported
def review() -> None:
    """List what was owed when the backup was taken and may have gone out since, by kind."""
    hold, doubts = asyncio.run(_review(current()))
    if hold is None:
        raise NotHeld
    click.echo(
        f"The backup is of {hold.taken_at:%F %T}Z; sending is held since {hold.held_at:%F %T}Z."
    )
    for each in doubts:
        click.echo(_line(each))
    if doubts:
        click.echo("Say of each kind, or with --rest of all others, `send` or `sent`:")
        words = " ".join(f"--kind {each.kind} send" for each in doubts)
        click.echo(f"  loopkeeper restore release {words}")
    else:
        click.echo("Nothing was owed then. Let go with `loopkeeper restore release`.")


def _line(each: "Doubt") -> str:
    refs = each.refs or []
    more = f" and {len(refs) - _MOST} more" if len(refs) > _MOST else ""
    tried = f"{each.tried} tried then" if each.tried else "none tried then"
    age = f"oldest {each.oldest_seconds / 3600:.1f} h"
    return (
        f"{each.kind:<16} {each.count:>5}  {age}  {tried}  {' '.join(refs[:_MOST])}{more}".rstrip()
    )


_MOST = 20


@restore.command("hold")
@click.argument("taken_at", type=click.DateTime(formats=["%Y-%m-%dT%H:%M:%S%z"]))
@reported
def hold_by_hand(*, taken_at: datetime) -> None:
    """Hold sending in a database that came back by other means, of the moment TAKEN_AT.

    For a provider's snapshot or point-in-time restore: before the workers start. Sessions end, too.
    """
    asyncio.run(_hold(current(), taken_at))
    click.echo(NEXT.removeprefix("\b\n"))


async def _hold(settings: "Settings", taken_at: datetime) -> None:
    from service.commands import opening
    from service.store import restores

    await opening.ready(settings)
    await restores.hold(settings.database_url.reveal(), taken_at)


async def _review(settings: "Settings") -> "tuple[Hold | None, list[Doubt]]":
    from service.commands import opening
    from service.store import restores
    from service.store.pool import Scope

    async with (
        opening.pool(settings, "lk_check") as pool,
        pool.transaction(Scope()) as connection,
    ):
        return await restores.held(connection), await restores.doubtful(connection)


@restore.command()
@click.option(
    "--kind",
    "kinds",
    type=(str, click.Choice(["send", "sent"])),
    multiple=True,
    help="Of one kind: send what waits, or count it as sent.",
)
@click.option("--rest", type=click.Choice(["send", "sent"]), help="The same of every other kind.")
@reported
def release(*, kinds: Sequence[tuple[str, str]], rest: str | None) -> None:
    """Let sending and timers begin again, once it is said what becomes of what waits.

    Timers that came due meanwhile get the days back that were lost, so that they do not all fire
    at once. The release is a line of the record.
    """
    done = asyncio.run(_release(current(), dict(kinds), rest))
    click.echo(
        f"Sending begins again. {done.counted_as_sent} effects count as sent,"
        f" {done.rearmed} timers were given their time back."
    )


async def _release(settings: "Settings", said: dict[str, str], rest: str | None) -> "Released":
    from service.actions.permission import OPERATOR
    from service.commands import opening
    from service.store import audit, restores
    from service.store.pool import Scope
    from service.store.rows import AuditRow

    await opening.ready(settings)
    async with (
        opening.pool(settings, "lk_worker") as pool,
        pool.transaction(Scope()) as connection,
    ):
        if await restores.held(connection) is None:
            raise NotHeld
        choices = _decided(await restores.kinds(connection), said, rest)
        sent = sorted(kind for kind, choice in choices.items() if choice == "sent")
        done = await restores.release(connection, sent)
        if done is None:
            raise NotHeld
        detail = {"kinds": choices, "sent": done.counted_as_sent, "timers": done.rearmed}
        row = AuditRow(
            org_id=None, action="restore.released", resource_kind="restore", detail=detail
        )
        await audit.insert(connection, OPERATOR, row)
    return done


def _decided(doubtful: set[str], said: dict[str, str], rest: str | None) -> dict[str, str]:
    """Return what becomes of each kind; raises Undecided."""
    strange = sorted(set(said) - doubtful)
    if strange:
        raise Undecided(f"Nothing of {', '.join(strange)} waits. See `loopkeeper restore review`.")
    open_ones = sorted(doubtful - set(said)) if rest is None else []
    if open_ones:
        raise Undecided(
            f"Say --kind {open_ones[0]} send or sent, and so of {', '.join(open_ones)};"
            " or --rest of all. `loopkeeper restore review` lists them."
        )
    return {kind: said.get(kind) or str(rest) for kind in sorted(doubtful)}
