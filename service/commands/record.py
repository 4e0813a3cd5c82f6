"""Commands about the record of looks and acts: prove it, keep a checkpoint of it, hand it out."""

import asyncio
import sys
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING, Any
from uuid import UUID

import click

from service.commands import proofs
from service.commands.proofs import NotACheckpoint
from service.commands.surroundings import current, reported

if TYPE_CHECKING:
    from service.actions.verify_record import Outside, Report
    from service.settings import Settings


@click.group()
def audit() -> None:
    """Prove the record of looks and acts, and hand it out."""


@audit.command()
@click.option("--org", type=click.UUID, help="One organization's log only.")
@click.option(
    "--checkpoint-file",
    type=click.File(encoding="utf-8"),
    help="Checkpoints kept elsewhere: what `audit checkpoint` printed, or `-`.",
)
@click.option(
    "--public-key",
    type=click.File(encoding="utf-8"),
    help="The pinned public keys: what `audit key` printed. Without it the root key makes them.",
)
@click.option(
    "--proof",
    type=click.File("rb"),
    help="Check the proof of one line, as the API gives it, with --public-key and no database.",
)
@click.option("--json", "as_json", is_flag=True, help="Tell it to a program.")
@reported
def verify(
    *,
    org: UUID | None,
    checkpoint_file: IO[str] | None,
    public_key: IO[str] | None,
    proof: IO[bytes] | None,
    as_json: bool,
) -> None:
    """Reckon every number, leaf, tree and signature again from the lines. Exit 1 if one differs.

    Only a checkpoint kept elsewhere shows that the end was cut off together with its checkpoints.
    """
    kept = list(checkpoint_file or ())
    pinned = list(public_key) if public_key is not None else None
    if proof is not None:
        proofs.tell(proof.read(), pinned=pinned, kept=kept)
        return
    settings = current()
    report = asyncio.run(verified(settings, only=org, kept=kept, pinned=pinned))
    click.echo(_json(report) if as_json else "\n".join(_told(report)))
    if not report.sound:
        raise SystemExit(1)


async def verified(
    settings: "Settings", *, only: UUID | None, kept: list[str], pinned: list[str] | None
) -> "Report":
    """Reckon the record again, with the checkpoints kept elsewhere and the keys pinned there."""
    from service.actions import verify_record
    from service.commands import opening

    await opening.ready(settings)
    outside = await _outside(settings, kept=kept, pinned=pinned)
    with _Progress() as progress:
        async with opening.pool(settings, "lk_check") as pool:
            return await verify_record.verify_record(pool, outside, only=only, told=progress.at)


async def _outside(settings: "Settings", *, kept: list[str], pinned: list[str] | None) -> "Outside":
    from crypto import checkpoint
    from crypto.faults import CannotOpen, KeyRefused
    from service.actions.verify_record import Outside

    lines = pinned if pinned is not None else await _key_lines(settings)
    try:
        return Outside(
            keys=dict(checkpoint.read_key(line) for line in lines if line.strip()),
            kept=[checkpoint.read(line) for line in kept if line.strip()],
        )
    except (CannotOpen, KeyRefused):
        raise NotACheckpoint from None


async def _key_lines(settings: "Settings") -> list[str]:
    from crypto import checkpoint
    from service.commands import opening

    async with opening.office(settings) as office:
        publics = await office.keys.checkpoint_keys()
    return [checkpoint.key_line(key_id, public) for key_id, public in publics.items()]


class _Progress:
    """A bar on the error output of a terminal; nothing anywhere else."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._done = 0

    def __enter__(self) -> "_Progress":
        return self

    def __exit__(self, *_exc: object) -> None:
        if self._bar is not None:
            self._bar.render_finish()

    def at(self, done: int, of: int) -> None:
        """Show how far it has come."""
        if not sys.stderr.isatty():
            return
        if self._bar is None:
            self._bar = click.progressbar(length=of, label="Reckoning", file=sys.stderr)
        self._bar.update(done - self._done)
        self._done = done


def _json(report: "Report") -> str:
    import msgspec

    return msgspec.json.encode(msgspec.structs.asdict(report) | {"sound": report.sound}).decode()


def _told(report: "Report") -> list[str]:
    from service.store.record import NETWORK_LOG

    counted = f"{report.lines} lines in {report.logs} logs, {report.checkpoints} checkpoints"
    said = [f"{counted}; {report.unsealed} lines wait for their number."]
    for each in report.found:
        name = "network" if each.log_id == NETWORK_LOG else each.log_id or "chain"
        where = f" line {each.seq}" if each.seq is not None else ""
        said.append(f"BROKEN {name}{where}: {each.says}")
    if report.more:
        said.append(f"BROKEN and {report.more} more.")
    if report.sound:
        said.append("holds  Every line is what was signed, and none is missing.")
    return said


@audit.command()
@reported
def checkpoint() -> None:
    """Print the newest checkpoint, to be kept where nobody reaches it from the database."""
    found = asyncio.run(_newest(current()))
    if found is None:
        click.echo("Nothing is sealed yet.", err=True)
        raise SystemExit(1)
    click.echo(found)


async def _newest(settings: "Settings") -> str | None:
    from service.commands import opening
    from service.store import record
    from service.store.pool import Scope

    await opening.ready(settings)
    async with (
        opening.pool(settings, "lk_check") as pool,
        pool.transaction(Scope()) as connection,
    ):
        found = await record.newest(connection)
    return found.line() if found is not None else None


@audit.command()
@reported
def key() -> None:
    """Print the public keys that checkpoints are verified by, to be pinned elsewhere."""
    for line in asyncio.run(_key_lines(current())):
        click.echo(line)


_MOMENT = click.DateTime(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S%z"])


@audit.command()
@click.option("--org", type=click.UUID, help="One organization's lines only.")
@click.option("--since", type=_MOMENT, help="From this day (UTC) or moment on.")
@click.option("--until", type=_MOMENT, help="Before this day (UTC) or moment.")
@reported
def export(*, org: UUID | None, since: datetime | None, until: datetime | None) -> None:
    """Print the record as FHIR R4 AuditEvents, one a line. The export is a line of it, too."""
    asyncio.run(_export(current(), org=org, since=_aware(since), until=_aware(until)))


def _aware(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment


async def _export(
    settings: "Settings", *, org: UUID | None, since: datetime | None, until: datetime | None
) -> None:
    from service.actions import export_record
    from service.commands import opening

    span = export_record.Span(org_id=org, since=since, until=until)
    async with opening.office(settings) as office, opening.pool(settings, "lk_check") as pool:
        async for resource in export_record.export_record(office, pool, span):
            click.echo(resource)
