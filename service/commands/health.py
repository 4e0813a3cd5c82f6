"""Is it well: one look for a container's supervisor, and a long one for a person."""

import asyncio
import http.client
from typing import TYPE_CHECKING

import click

from service.commands import mail_doctor
from service.commands.serving import WORKERS
from service.commands.surroundings import current, reported

if TYPE_CHECKING:
    from collections.abc import Sequence

    from service.commands.examination import Finding
    from service.settings import Settings

BEAT_SECONDS = 60
_MARKS = {"ok": "ok  ", "note": "note", "bad": "BAD "}


@click.command()
@click.argument("name", type=click.Choice(("web", *WORKERS)), default="web")
@reported
def healthcheck(*, name: str) -> None:
    """Exit 0 if the web answers, or if a worker's heart beat within the last minute.

    For compose and other supervisors: `loopkeeper healthcheck`, `loopkeeper healthcheck courier`.
    """
    settings = current()
    well = _answers(settings) if name == "web" else asyncio.run(_beats(settings, name))
    if not well:
        raise click.ClickException(f"{name} is not well.")
    if name != "web" and asyncio.run(_held(settings)):
        click.echo("Sending is held after a restore; see `loopkeeper restore review`.")


def _answers(settings: "Settings") -> bool:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104
    asked = http.client.HTTPConnection(host, settings.port, timeout=4)
    try:
        asked.request("GET", "/livez", headers={"Host": "localhost"})
        return asked.getresponse().status == 200
    except OSError:
        return False
    finally:
        asked.close()


async def _held(settings: "Settings") -> bool:
    from service.commands import opening
    from service.store import restores
    from service.store.pool import Scope

    async with (
        opening.pool(settings, "lk_check") as pool,
        pool.transaction(Scope()) as connection,
    ):
        return await restores.held(connection) is not None


async def _beats(settings: "Settings", name: str) -> bool:
    from service.commands import opening
    from service.store import operations
    from service.store.pool import Scope

    async with (
        opening.pool(settings, "lk_check") as pool,
        pool.transaction(Scope()) as connection,
    ):
        beats = {each.name: each.silent_seconds for each in await operations.beats(connection)}
    return beats.get(name, BEAT_SECONDS) < BEAT_SECONDS


@click.group(invoke_without_command=True)
@click.pass_context
@reported
def doctor(context: click.Context) -> None:
    """Look at everything the service stands on, and say what to do where something is missing.

    Exit 1 when something keeps the service from working.
    """
    if context.invoked_subcommand is not None:
        return
    from service.commands import examination

    tell(asyncio.run(examination.examine(current())))


def tell(findings: "Sequence[Finding]") -> None:
    """Print what was found, and exit 1 where something of it is bad."""
    for each in findings:
        click.echo(f"{_MARKS[each.mark]}  {each.what:<12} {each.says}")
    if any(each.mark == "bad" for each in findings):
        raise SystemExit(1)


doctor.add_command(mail_doctor.mail)
