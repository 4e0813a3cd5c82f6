"""Commands that stay: the web server, and one worker."""

import asyncio
import contextlib
from typing import TYPE_CHECKING

import click

from service.commands.surroundings import current, reported

if TYPE_CHECKING:
    from service.settings import Settings

WORKERS = ("relay", "courier", "receipts", "clockwork", "sealer", "scanner")
MAILROOM = "mailroom"
OUTBOX = "outbox"
GATEWAY = "gateway"

_DID_NOT_START = 3


@click.command()
@click.option(
    "--grace",
    type=click.IntRange(1, 300),
    default=20,
    show_default=True,
    help="Seconds that SIGTERM leaves to what is under way.",
)
@reported
def serve(*, grace: int) -> None:
    """Serve the API, the pages and the e-mail links, on LOOPKEEPER_HOST and LOOPKEEPER_PORT.

    Start as many as you like behind one proxy. SIGTERM finishes what is under way. On
    an empty network outside demo mode it prints a one-time administrator link.
    """
    settings = _told()
    asyncio.run(_before(settings))
    _listen(settings, grace=grace)


def _told() -> "Settings":
    """Read the settings and let every line of this process go through the one formatter."""
    from service import logs

    settings = current()
    logs.set_up(settings.log_level)
    return settings


def _listen(settings: "Settings", *, grace: int) -> None:
    import uvicorn

    from service import app

    built = app.build(settings)
    server = uvicorn.Server(
        uvicorn.Config(
            built,
            host=settings.host,
            port=settings.port,
            loop="uvloop",
            http="httptools",
            ws="none",
            access_log=False,
            log_config=None,
            server_header=False,
            proxy_headers=bool(settings.trusted_proxies),
            forwarded_allow_ips=list(settings.trusted_proxies),
            timeout_graceful_shutdown=grace,
        )
    )
    # A page that listens for live updates would hold up the end of everything else.
    built.state.stopping = lambda: server.should_exit
    with contextlib.suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        raise SystemExit(_DID_NOT_START)


async def _before(settings: "Settings") -> None:
    from service.commands import founding, opening

    await opening.ready(settings)
    if not settings.demo:
        await founding.announce(settings)


# click keeps the lines of a paragraph that begins with this character as they are.
_WORK_EPILOG = """\b
relay      rings the bell for effects that are due
courier    carries them: opens, renders, hands to the mail server
receipts   takes in what providers say became of them
clockwork  fires timers and does the chores
sealer     numbers the record's lines and signs checkpoints of it
scanner    looks at uploaded files before anybody gets them
mailroom   takes what comes back of mails, on LOOPKEEPER_MAILROOM
outbox     in demo mode only: a mail server that keeps what it gets
gateway    in demo mode only: a gateway for texts that keeps what it gets
"""


@click.command(epilog=_WORK_EPILOG)
@click.argument("name", type=click.Choice((*WORKERS, MAILROOM, OUTBOX, GATEWAY)))
@reported
def work(*, name: str) -> None:
    """Run one worker until it is told to stop; each may run more than once."""
    settings = _told()
    asyncio.run(_ready(settings))
    from workers import start

    start.run(name, settings)


async def _ready(settings: "Settings") -> None:
    from service.commands import opening

    await opening.ready(settings)
