"""Where mails end: a mail server that takes everything and writes down when.

A few lines instead of aiosmtpd: at 200 mails a second a general server would take a fifth of one of
the two cores that are being measured. It speaks what the mail channel asks for (EHLO, MAIL, RCPT,
DATA, RSET, NOOP, QUIT, in the clear on loopback), and answers "250" to the end of the data only
after it has noted the moment: that is when a real server would have taken responsibility.
"""

import asyncio
import sys
import time
from pathlib import Path
from typing import Any

import uvloop

_ID = b"\r\nmessage-id:"
_END = b"\r\n.\r\n"


class Letterbox(asyncio.Protocol):
    """One connection of a courier."""

    def __init__(self, log: Path) -> None:
        self._log = log.open("ab", buffering=0)
        self._buffer = bytearray()
        self._in_data = False
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        transport.write(b"220 sink\r\n")

    def connection_lost(self, exc: Exception | None) -> None:
        self._log.close()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while self._in_data or b"\r\n" in self._buffer:
            end = _END if self._in_data else b"\r\n"
            head, found, rest = self._buffer.partition(end)
            if not found:
                return
            self._buffer = rest
            self._say(self._taken(bytes(head)) if self._in_data else self._answer(bytes(head)))

    def _taken(self, mail: bytes) -> bytes:
        self._in_data = False
        start = (b"\r\n" + mail).lower().find(_ID)
        name = mail[start - 2 + len(_ID) :].split(b"\r\n", 1)[0].strip()
        self._log.write(b"%s %.6f\n" % (name, time.time()))
        return b"250 2.0.0 taken\r\n"

    def _answer(self, line: bytes) -> bytes:
        verb = line[:4].upper()
        if verb == b"DATA":
            self._in_data = True
            return b"354 go on\r\n"
        if verb == b"EHLO":
            return b"250-sink\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n250 SIZE 10000000\r\n"
        if verb == b"QUIT":
            return b"221 2.0.0 bye\r\n"
        known = verb in (b"HELO", b"MAIL", b"RCPT", b"RSET", b"NOOP")
        return b"250 2.0.0 ok\r\n" if known else b"502 5.5.2 not here\r\n"

    def _say(self, line: bytes) -> None:
        if self._transport is not None:
            self._transport.write(line)


async def serve(port: int, log: Path) -> None:
    """Take mail until the process is ended."""
    server = await asyncio.get_running_loop().create_server(
        lambda: Letterbox(log), "127.0.0.1", port
    )
    async with server:
        await server.serve_forever()


def taken(log: Path) -> dict[str, float]:
    """Read when each mail was taken first, in seconds of real time, by its Message-ID."""
    found: dict[str, float] = {}
    for line in log.read_text().splitlines():
        name, _, moment = line.rpartition(" ")
        found.setdefault(name, float(moment))
    return found


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1]), Path(sys.argv[2])))
