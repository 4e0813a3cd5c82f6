"""The development gateway: takes texts as Kannel's sendsms does, for demo mode, and sends nothing.

What it takes is kept beside the caught mails, which the pages under /dev/outbox show. It reports
what became of a text, and carries back what somebody types there as an answer. Numbers that end in
0101 cannot be reached, and whoever has one that ends in 0102 answers STOP.
"""

import asyncio
import contextlib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import uvicorn

from service import faults
from service.domain import ids
from service.settings import Settings, Sms
from service.store import caught
from workers import pace
from workers.desk import Desk

FAILS, STOPS = "0101", "0102"
TAKEN, DELIVERED, NOT_DELIVERED = 8, 1, 2
"""How Kannel counts what it reports."""

_LOOK_S = 0.3
_TRIES = 40
_TRY_S = 0.5


class NotADemo(faults.Fault):
    """The development gateway is for demo mode only, and needs to know where it listens."""

    kind, slug = faults.Kind.INVALID, "gateway-outside-demo"
    advice = "Set LOOPKEEPER_SMS_URL to your provider of texts."


class Gateway:
    """An ASGI application that answers as a Kannel's smsbox, and calls back as one."""

    def __init__(self, way: Sms, folder: Path, *, public_url: str) -> None:
        self._way = way
        self._folder = folder
        self._hooks = f"{public_url}/hooks/sms/kannel"
        self._client = httpx2.AsyncClient(trust_env=False, timeout=5.0)
        self._under_way: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Take one request."""
        if scope["type"] != "http":
            return
        status, said = self._answer(scope, await _body(receive))
        headers = [(b"content-type", b"text/html")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": said.encode()})

    def _answer(self, scope: Any, body: bytes) -> tuple[int, str]:
        told = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        proof = (told.get("x-kannel-username"), told.get("x-kannel-password"))
        if scope["path"] != urlsplit(self._way.url).path:
            return 404, "Unknown request."
        if proof != (self._way.user, self._way.password.reveal()):
            return 403, "Authorization failed for sendsms"
        number, text = told.get("x-kannel-to", ""), _decoded(told, body)
        if not number or text is None:
            return 400, "Missing receiver number or malformed text, rejected"
        caught.keep_text(self._folder, to=number, sender=told.get("x-kannel-from", ""), text=text)
        self._later(self._call_back(number, told))
        return 202, "0: Accepted for delivery"

    def _later(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _call_back(self, number: str, told: dict[str, str]) -> None:
        url, mask = told.get("x-kannel-dlr-url", ""), told.get("x-kannel-dlr-mask", "0")
        wanted = int(mask) if mask.isdigit() else 0
        for kind in (TAKEN, NOT_DELIVERED if number.endswith(FAILS) else DELIVERED):
            if url and wanted & kind:
                await self._call("GET", _filled(url, kind))
        if number.endswith(STOPS):
            await self.text_in(number, told.get("x-kannel-from", ""), "STOP")

    async def text_in(self, number: str, to: str, text: str) -> None:
        """Carry a text from a phone to the service, as `post-url` of a Kannel does."""
        await self._call(
            "POST",
            f"{self._hooks}/texts?event={ids.new_id()}",
            content=text.encode(),
            headers={
                "x-kannel-from": number,
                "x-kannel-to": to,
                "content-type": "text/plain; charset=UTF-8",
            },
            auth=("kannel", self._way.hook.reveal()),
        )

    async def _call(self, method: str, url: str, **said: Any) -> None:
        """Call the service until it listens: it may be starting, or starting again."""
        for _ in range(_TRIES):
            with contextlib.suppress(httpx2.HTTPError):
                answer = await self._client.request(method, url, **said)
                if answer.status_code < 500:
                    return
            await asyncio.sleep(_TRY_S)

    async def answers(self, stop: asyncio.Event) -> None:
        """Carry in what was typed as an answer on the pages of the outbox."""
        while not stop.is_set():
            for each in caught.typed_answers(self._folder):
                self._later(self.text_in(each.number, each.to, each.text))
            await pace.rest(stop, _LOOK_S)

    async def close(self) -> None:
        """Stop calling back."""
        for task in list(self._under_way):
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        await self._client.aclose()


class _Server(uvicorn.Server):
    """A server inside a worker, whose signals are the worker's own."""

    @contextlib.contextmanager
    def capture_signals(self) -> Any:
        """Leave signals to the worker."""
        yield


def way_of(settings: Settings) -> Sms:
    """Say where the gateway listens: the Kannel of the settings; raises NotADemo."""
    found = next((way for way in settings.sms if way.name == "kannel"), None)
    if not settings.demo or found is None or not found.url.startswith("http:"):
        raise NotADemo
    return found


async def run(desk: Desk, *, stop: asyncio.Event, folder: Path | None = None) -> None:
    """Take texts until told to stop; raises NotADemo anywhere else."""
    way = way_of(desk.settings)
    kept_in = folder or caught.folder_of(desk.settings.root_key_file)
    gateway = Gateway(way, kept_in, public_url=desk.settings.public_url)
    where = urlsplit(way.url)
    config = uvicorn.Config(
        gateway,
        host=where.hostname or "127.0.0.1",
        port=where.port or 80,
        lifespan="off",
        ws="none",
        access_log=False,
        log_config=None,
        server_header=False,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve())
    try:
        await gateway.answers(stop)
    finally:
        server.should_exit = True
        await serving
        await gateway.close()


def _filled(url: str, kind: int) -> str:
    return url.replace("%d", str(kind)).replace("%I", str(ids.new_id()))


def _decoded(told: dict[str, str], body: bytes) -> str | None:
    charset = "utf-16-be" if told.get("x-kannel-coding") == "2" else "utf-8"
    try:
        return body.decode(charset)
    except UnicodeDecodeError:
        return None


async def _body(receive: Any) -> bytes:
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return body
