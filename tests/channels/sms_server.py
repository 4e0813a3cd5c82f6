"""Providers of texts on loopback: Twilio's API and Kannel's sendsms, as strict as they are.

Each takes what the real one takes and refuses what it refuses; `fault` makes the next answers bad.
Some faults come before anything is taken, some after: then it was taken, and nobody hears of it.
"""

from __future__ import annotations

import base64
import contextlib
import json
import random
import re
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

ACCOUNT = "AC" + "0" * 32
TOKEN = "twilio-token"
USER, PASSWORD = "tester", "foobar"
OPTED_OUT, NO_PHONE, NO_MOBILE = "+15035550102", "+15005550001", "+15005550009"
SLOW_S = (0.1, 0.7)


class Desk:
    """What a server was given and how it is to answer."""

    def __init__(self) -> None:
        self.texts: list[dict[str, str]] = []
        self.fault = ""
        self.hang_s = 3.0
        self.asked = 0

    def took(self, text: dict[str, str]) -> str:
        """Keep a text and return the id it goes by here."""
        self.texts.append(text)
        return f"SM{len(self.texts):032x}"


class _Handler(BaseHTTPRequestHandler):
    desk: Desk
    taken = False

    def do_POST(self) -> None:
        self.desk.asked += 1
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        if self._broken(body):
            return
        if self.path.startswith("/2010-04-01/"):
            self._twilio(body)
        elif self.path == "/cgi-bin/sendsms":
            self._kannel(body)
        else:
            self._say(404, b"")

    def _broken(self, body: bytes) -> bool:
        """Answer badly before anything is taken."""
        match self.desk.fault:
            case "" | "hang" | "close" | "slow":
                return False
            case "nonsense":
                self._say(200, b"<html>" + b"\xff" * 200_000)
            case "busy":
                self._say(429, b"", ("Retry-After", "7"))
            case "400" | "503":
                # It repeats whatever it was told.
                told = f"{body!r} {self.headers} is not valid"
                said = {"code": 21211, "message": told}
                self._say(int(self.desk.fault), json.dumps(said).encode())
            case "redirect":
                self._say(302, b"", ("Location", "http://127.0.0.1:9/"))
            case status:
                self._say(int(status), b"")
        return True

    def _silent(self) -> bool:
        """Wait with the answer to what was taken, or never give one."""
        match self.desk.fault if self.taken else "":
            case "hang":
                time.sleep(self.desk.hang_s)
            case "slow":
                time.sleep(random.uniform(*SLOW_S))
                return False
            case "close":
                pass
            case _:
                return False
        self.close_connection = True
        return True

    def _twilio(self, body: bytes) -> None:
        proof = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
        if self.headers.get("authorization") != f"Basic {proof}":
            self._error(401, 20003)
            return
        if self.path != f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json":
            self._error(404, 20404)
            return
        if self.headers.get("content-type") != "application/x-www-form-urlencoded":
            self._error(400, 21602)
            return
        fields = {
            name: values[0] for name, values in parse_qs(body.decode(), strict_parsing=True).items()
        }
        code = _wrong(fields)
        if code is not None:
            self._error(400, code)
            return
        self.taken = True
        sid = self.desk.took({"to": fields["To"], "body": fields["Body"], **fields})
        made = {"sid": sid, "status": "queued", "error_code": None, "to": fields["To"]}
        self._say(201, json.dumps(made).encode())

    def _error(self, status: int, code: int) -> None:
        said = {"code": code, "message": "no", "more_info": "", "status": status}
        self._say(status, json.dumps(said).encode())

    def _kannel(self, body: bytes) -> None:
        given = (self.headers.get("x-kannel-username"), self.headers.get("x-kannel-password"))
        if given != (USER, PASSWORD):
            self._say(403, b"Authorization failed for sendsms")
            return
        to = self.headers.get("x-kannel-to", "")
        if not re.fullmatch(r"[+0-9 -]+", to):
            self._say(400, b"Garbage 'to' field, rejected.")
            return
        charset = "utf-16-be" if self.headers.get("x-kannel-coding") == "2" else "utf-8"
        told = {name.lower(): value for name, value in self.headers.items()}
        self.taken = True
        self.desk.took({"to": to, "body": body.decode(charset), **told})
        self._say(202, b"0: Accepted for delivery")

    def _say(self, status: int, body: bytes, *more: tuple[str, str]) -> None:
        if self._silent():
            return
        self.send_response(status)
        for name, value in more:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def _wrong(fields: dict[str, str]) -> int | None:
    """Return Twilio's code for a request it refuses."""
    if "To" not in fields:
        return 21604
    if not re.fullmatch(r"\+[1-9][0-9]{6,14}", fields["To"]) or fields["To"] == NO_PHONE:
        return 21211
    if ("From" in fields) is ("MessagingServiceSid" in fields):
        return 21603
    if not fields.get("Body"):
        return 21602
    if len(fields["Body"]) > 1600:
        return 21617
    if urlsplit(fields.get("StatusCallback", "http://x/")).scheme not in ("http", "https"):
        return 21609
    return {OPTED_OUT: 21610, NO_MOBILE: 21614}.get(fields["To"])


@contextlib.contextmanager
def running(desk: Desk, *, port: int = 0) -> Iterator[str]:
    """Run one; its URL is given."""
    server = ThreadingHTTPServer(("127.0.0.1", port), type("Handler", (_Handler,), {"desk": desk}))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
