"""`loopkeeper run`: everything at once, on this machine, until Ctrl-C."""

import asyncio
import http.client
import ipaddress
import json
import os
import secrets
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from service import faults
from service.commands import storing, surroundings
from service.commands.surroundings import reported

if TYPE_CHECKING:
    from service.commands.supervisor import Supervisor
    from service.servers import Running
    from service.settings import Settings

PATIENCE_SECONDS = 60


class PortTaken(faults.Fault):
    """Somebody else listens there."""

    slug = "port-taken"
    advice = "Choose another port: PORT=8081 make run."


class NoRootKey(faults.Fault):
    """This database has data, and its root key is not here."""

    slug = "no-root-key"
    advice = "Put the root key of this database back; a new one would open nothing in it."


@click.command()
@click.option("--host", envvar=["LOOPKEEPER_HOST", "HOST"], default="127.0.0.1", show_default=True)
@click.option(
    "--port", envvar=["LOOPKEEPER_PORT", "PORT"], type=click.IntRange(1, 65535), default=8080
)
@reported
def run(*, host: str, port: int) -> None:
    """Run everything on this machine, with a demo network, until Ctrl-C.

    PostgreSQL and Redis are taken from DATABASE_URL and REDIS_URL, else from this machine, else
    from the wheels; data stays in .loopkeeper/ (LOOPKEEPER_DATA). LOOPKEEPER_DEMO=no runs it
    without demo people and the development outbox, and then wants all other settings.
    """
    host = _address(host)
    _free(host, port)
    _stop_like_ctrl_c()
    data = surroundings.data_folder()
    with ExitStack() as stack:
        running = stack.enter_context(_servers(data))
        environ = _environment(data, running, host=host, port=port)
        settings = _settings(environ)
        _root_key(settings)
        asyncio.run(storing.bring_up(settings, quiet=True))
        stack.enter_context(_known(data, environ))
        supervisor = _supervisor(data, environ, demo=settings.demo)
        stack.callback(supervisor.stop)
        supervisor.start()
        _await_web(supervisor, settings)
        click.echo(_welcome(settings))
        _until_told(supervisor)


def _address(host: str) -> str:
    # Some shells keep the machine's name in HOST; that is no address to listen on.
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return "127.0.0.1"


def _free(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as reason:
            raise PortTaken(f"{host}:{port}: {reason.strerror}. {PortTaken.advice}") from None


def _stop_like_ctrl_c() -> None:
    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, interrupt)


@contextmanager
def _servers(data: Path) -> "Iterator[Running]":
    from service import servers

    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    source = servers.Source(os.environ.get("LOOPKEEPER_SERVERS", "any"))
    with servers.running(data, source=source, given=os.environ) as found:
        for note in found.notes:
            click.echo(note, err=True)
        yield found


def _environment(data: Path, running: "Running", *, host: str, port: int) -> dict[str, str]:
    given = dict(os.environ)
    given |= {"DATABASE_URL": running.database_url, "REDIS_URL": running.redis_url}
    given |= {"LOOPKEEPER_HOST": host, "LOOPKEEPER_PORT": str(port)}
    defaults = {"LOOPKEEPER_DEMO": "yes"}
    if given.get("LOOPKEEPER_DEMO", "yes").lower() in ("yes", "1", "true"):
        defaults["LOOPKEEPER_ROOT_KEY_FILE"] = str(data.absolute() / "root.key")
        defaults["LOOPKEEPER_PUBLIC_URL"] = f"http://127.0.0.1:{port}"
        defaults["LOOPKEEPER_SMTP_URL"] = f"smtp://127.0.0.1:{_any_port()}"
        defaults["LOOPKEEPER_SMS_URL"] = _gateway_url()
    return defaults | given


def _gateway_url() -> str:
    """Say where the development gateway listens; who calls back in its name is told apart."""
    password, hook = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
    where = f"127.0.0.1:{_any_port()}/cgi-bin/sendsms"
    return f"kannel://demo:{password}@{where}?from=+15035550199&hook={hook}"


def _any_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _settings(environ: dict[str, str]) -> "Settings":
    from service.settings import Settings

    return Settings.read(environ)


def _root_key(settings: "Settings") -> None:
    """Make the root key of a demo whose database is new; nowhere else, and never over data."""
    from crypto import root
    from service.commands import keys

    if settings.root_key_file.exists():
        return
    if asyncio.run(keys.holds_a_probe(settings.database_url.reveal())):
        raise NoRootKey
    if settings.demo:
        root.create(settings.root_key_file)


@contextmanager
def _known(data: Path, environ: dict[str, str]) -> Iterator[None]:
    """Let `loopkeeper doctor` and the like find this run, as long as it lasts."""
    kept = {
        name: value
        for name, value in environ.items()
        if name in ("DATABASE_URL", "REDIS_URL") or name.startswith("LOOPKEEPER_")
    }
    file = data / surroundings.RUN_FILE
    file.touch(mode=0o600)
    file.write_text(json.dumps(kept), encoding="utf-8")
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def _supervisor(data: Path, environ: dict[str, str], *, demo: bool) -> "Supervisor":
    from service.commands.serving import MAILROOM, WORKERS
    from service.commands.supervisor import Part, Supervisor

    parts = [Part(name="web", words=("serve", "--grace", "3"))]
    parts += [Part(name=name, words=("work", name)) for name in WORKERS]
    if environ.get("LOOPKEEPER_MAILROOM"):
        parts.append(Part(name=MAILROOM, words=("work", MAILROOM)))
    # Somebody's own mail server or gateway takes what is sent where one is given.
    if demo and not os.environ.get("LOOPKEEPER_SMTP_URL"):
        parts.insert(0, Part(name="outbox", words=("work", "outbox")))
    if demo and not os.environ.get("LOOPKEEPER_SMS_URL"):
        parts.insert(0, Part(name="gateway", words=("work", "gateway")))
    return Supervisor(
        parts, environ, logs=data / "logs", say=lambda line: click.echo(line, err=True)
    )


def _await_web(supervisor: "Supervisor", settings: "Settings") -> None:
    pause = threading.Event()
    for _ in range(PATIENCE_SECONDS * 20):
        ended = supervisor.ended()
        if ended:
            raise click.ClickException(ended)
        if _is_ready(settings):
            return
        pause.wait(0.05)
    raise click.ClickException("The web server does not answer; see the logs.")


def _is_ready(settings: "Settings") -> bool:
    asked = http.client.HTTPConnection("127.0.0.1", settings.port, timeout=2)
    try:
        asked.request("GET", "/livez", headers={"Host": "localhost"})
        return asked.getresponse().status == 200
    except OSError:
        return False
    finally:
        asked.close()


def _welcome(settings: "Settings") -> str:
    if not settings.demo:
        return f"Loopkeeper is on {settings.public_url} (Ctrl-C stops it)."
    from service.demo import people

    signs = ", ".join(people.shown())
    return (
        f"Loopkeeper is on {settings.public_url} - sign in as {signs}, password"
        f" {people.PASSWORD} - mails and texts are at {settings.public_url}/dev/outbox"
        " - Ctrl-C stops it."
    )


def _until_told(supervisor: "Supervisor") -> None:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    supervisor.watch(stop)
