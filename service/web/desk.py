"""What every handler works with: the office, the limits, and how we are reached."""

from pathlib import Path
from typing import Any

import msgspec
from litestar import Litestar, Request

from crypto.cache import Lru
from service.actions.office import Office
from service.domain.people import Actor
from service.settings import Sms
from service.web.denials import Denials
from service.web.limits import Limits
from service.web.listening import Listening
from service.web.metrics import Metrics
from service.web.wake import Waker

Asked = Request[Any, Any, Any]
"""A request as Litestar hands it to a handler."""

CALLER_SECONDS = 1.0
"""How long a caller is remembered without asking the store; a revoked one is out after it."""


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks and by what proof; `secret` is the hash of the session or key."""

    actor: Actor
    secret: bytes
    csrf_hash: bytes | None = None


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """Joined once, when the service starts; nothing here changes but caches and counts."""

    office: Office
    limits: Limits
    metrics: Metrics
    waker: Waker
    callers: Lru[bytes, Caller]
    denials: Denials
    listening: Listening
    secure: bool
    hosts: frozenset[str]
    proxies: tuple[Any, ...] = ()
    metrics_token: str = ""
    outbox: Path | None = None
    mail_hook: str = ""
    return_domain: str = ""
    sms: tuple[Sms, ...] = ()

    @property
    def demo(self) -> bool:
        """Whether this is a demonstration, in which the clock may be moved."""
        return self.office.demo


def new_callers() -> Lru[bytes, Caller]:
    """Make the short memory of who calls."""
    return Lru(size=4096, ttl=CALLER_SECONDS)


def of(request: Any) -> Desk:
    """Return the desk of the application that a request came to."""
    app: Litestar = request.app
    found: Desk = app.state.desk
    return found
