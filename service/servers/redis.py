"""An embedded Redis: a bell, so it keeps nothing; reachable by a Unix socket only."""

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from service.servers import binaries, children


def _is_ready(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(1)
        try:
            client.connect(str(path))
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
        except OSError:
            return False


def _command(command: str, sockets: Path) -> list[str]:
    options = {
        "--port": "0",
        "--unixsocket": str(sockets / "redis.sock"),
        "--unixsocketperm": "700",
        "--dir": str(sockets),
        "--save": "",
        "--appendonly": "no",
        "--databases": "64",
        "--maxmemory-policy": "noeviction",
    }
    return [command, *(word for option in options.items() for word in option)]


@contextmanager
def running(sockets: Path, *, log: Path, source: binaries.Source) -> Iterator[str]:
    """Keep Redis running and yield its URL; nothing of it outlives the process."""
    command = _command(binaries.find_redis(source=source), sockets)
    child = children.spawn(command, log, identity=children.Identity(), stop=signal.SIGTERM)
    path = sockets / "redis.sock"
    try:
        children.await_ready(child, lambda: _is_ready(path), log=log, name="Redis")
        yield f"unix://{path}?db=0"
    finally:
        children.stop_child(child, [signal.SIGTERM])
