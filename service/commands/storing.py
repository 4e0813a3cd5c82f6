"""Commands about the database: bring it up to date, fill it with a demo, prove that it is sound."""

import asyncio
from typing import TYPE_CHECKING

import click

from service import faults
from service.commands.surroundings import current, reported

if TYPE_CHECKING:
    from service.settings import Settings
    from service.store.invariants import Finding
    from service.store.nightly import Proof


class NotADemo(faults.Fault):
    """Demo people belong in a demo only."""

    slug = "not-a-demo"
    advice = "Set LOOPKEEPER_DEMO=yes on a database that holds nobody."


@click.command()
@click.option("--plan", is_flag=True, help="Only say what would be done.")
@reported
def migrate(*, plan: bool) -> None:
    """Bring the database to the shape of this release, forward only.

    Needs DATABASE_URL of a role that may create roles. Running web and workers of the release
    before go on working meanwhile. In demo mode an empty database is filled with the demo network.
    """
    settings = current()
    asyncio.run(_plan(settings) if plan else bring_up(settings))


async def _plan(settings: "Settings") -> None:
    from service.store import operations

    found = await operations.look(settings.database_url.reveal())
    for name in found.pending:
        click.echo(f"would apply {name}")
    click.echo("Nothing to do." if not found.pending else f"{len(found.pending)} to apply.")


async def bring_up(settings: "Settings", *, quiet: bool = False) -> None:
    """Migrate, and seed where it is a demo; raises WrongRootKey before anything is changed."""
    from crypto import root
    from service.store import migrate as migrations

    root_key = root.load(settings.root_key_file)
    done = await migrations.migrate(
        settings.database_url.reveal(), root_key=root_key, movable_clock=settings.demo
    )
    if not quiet:
        click.echo("\n".join([f"applied {name}" for name in done]) or "Nothing to do.")
    if settings.demo:
        await _seed(settings, quiet=quiet)


@click.command()
@click.option("--people", is_flag=True, help="List everybody with the password to sign in by.")
@reported
def demo(*, people: bool) -> None:
    """Fill an empty database with the demo network; a second time does nothing.

    Eight organizations of all kinds, thirty people, and forty referrals in every state, with
    dates relative to today. Only where LOOPKEEPER_DEMO=yes.
    """
    from service.demo import people as cast

    settings = current()
    if not settings.demo:
        raise NotADemo
    asyncio.run(_seed(settings, quiet=people))
    if people:
        for line in cast.printed():
            click.echo(line)


async def _seed(settings: "Settings", *, quiet: bool) -> None:
    from service.commands import opening
    from service.demo import seed

    async with opening.office(settings) as office, opening.pool(settings, "lk_worker") as worker:
        made = await seed.seed(office, worker)
    if made and not quiet:
        click.echo("The demo network is there; `loopkeeper demo --people` lists its sign-ins.")


@click.command()
@click.option("--stopped", is_flag=True, help="Leave out what only holds while workers run.")
@reported
def check(*, stopped: bool) -> None:
    """Prove the invariants: nothing lost, nobody's job, no key too many. Exit 1 when one is broken.

    Reads every row as the role lk_check, which sees no sealed column. Run it as often as you like.
    """
    findings = asyncio.run(checked(current(), stopped=stopped))
    for each in findings:
        mark = "holds " if each.holds else "BROKEN"
        click.echo(f"{mark} {each.invariant.id:>3}  {each.invariant.says}")
        for breach in each.breaches:
            click.echo(f"            {breach.subject}: {breach.detail}")
    proof = asyncio.run(_last_proof(current()))
    click.echo(_proved(proof))
    if not all(each.holds for each in findings):
        raise SystemExit(1)


def _proved(proof: "Proof | None") -> str:
    """Spell the last night's proof; a failed one was told when it was made, and is no news."""
    if proof is None:
        return "none   night  No night was proved yet."
    mark = "holds " if proof.incident_id is None else "BROKEN"
    sums = f"{proof.sent} sent = {proof.closed} closed + {proof.void} void + {proof.open} open"
    says = f"{mark} night  {proof.night}: {sums}"
    if proof.incident_id is None:
        return says
    lost = f"{proof.unowned} without an owner, {proof.unwatched} without a wait"
    return f"{says}; {lost}; incident {proof.incident_id}"


async def _last_proof(settings: "Settings") -> "Proof | None":
    from service.commands import opening
    from service.store import nightly
    from service.store.pool import Scope

    async with (
        opening.pool(settings, "lk_check") as pool,
        pool.transaction(Scope()) as connection,
    ):
        return await nightly.last(connection)


async def checked(settings: "Settings", *, stopped: bool) -> list["Finding"]:
    """Ask every invariant, and compare files with their bytes."""
    from service import clock
    from service.commands import opening
    from service.store import invariants, orphans
    from service.store.blob_files import FileBlobs
    from service.store.pool import Scope

    wanted = [each for each in invariants.INVARIANTS if not (stopped and each.running)]
    await opening.ready(settings)
    async with (
        opening.pool(settings, "lk_check") as pool,
        pool.transaction(Scope()) as connection,
    ):
        found = await invariants.check(connection, wanted)
        blobs = FileBlobs(settings.attachments)
        return [*found, await orphans.check(connection, blobs, now=clock.real_now())]
