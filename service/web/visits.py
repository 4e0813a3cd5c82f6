"""The cookies of a visit through a link, and the guard of the pages that need one.

Three cookies, all strict: the browser's binding (from the button), the visit (from the code), and
where somebody wished it the remembered browser. A visit is good in the browser it began in.
"""

from typing import Any

import msgspec
from litestar import Response
from litestar.datastructures import Cookie

from crypto import token
from service import clock, faults
from service.actions import link_visit
from service.actions.link_visit import Visit
from service.actions.start_link import Started
from service.actions.verify_link import Opened
from service.domain.policy import Action
from service.web import cookies, desk, problems
from service.web.desk import Asked, Desk

BROWSER, VISIT, KNOWN = "lk_link_browser", "lk_link_visit", "lk_link_known"
_BINDING_SECONDS = 15 * 60
_VISIT_SECONDS = 60 * 60
_KNOWN_SECONDS = 30 * 24 * 60 * 60

ACTIONS = frozenset(
    {Action.LINK_READ_CARD, Action.LINK_READ_IDENTITY, Action.LINK_ACT, Action.LINK_TALK}
)
"""What only a visit through a link may ask for."""


async def admit(connection: Any) -> None:
    """Let a visit in, read afresh for this very request; raises VisitOver."""
    session, browser = _digest(connection, VISIT), _digest(connection, BROWSER)
    found = None
    if session is not None and browser is not None:
        office = desk.of(connection).office
        found = await link_visit.visit(office, session, browser=browser, now=clock.real_now())
    if found is None:
        raise faults.VisitOver
    found = msgspec.structs.replace(found, request_id=problems.request_id_of(connection.scope))
    connection.scope["state"]["visit"] = found
    connection.scope["state"]["actor"] = found.actor


def of(request: Asked) -> Visit:
    """Return the visit that the guard let in."""
    found: Visit = request.scope["state"]["visit"]
    return found


def browser_of(request: Asked) -> bytes | None:
    """Return the hash of the browser's binding, if it brought one."""
    return _digest(request, BROWSER)


def visit_of(request: Asked) -> bytes | None:
    """Return the hash of the cookie of a visit, if the browser brought one."""
    return _digest(request, VISIT)


def known_of(request: Asked) -> bytes | None:
    """Return the hash of a remembered browser's secret, if it brought one."""
    return _digest(request, KNOWN)


def _digest(connection: Any, plain: str) -> bytes | None:
    given = connection.cookies.get(cookies.name(desk.of(connection), plain))
    return token.secret_hash(given) if given else None


def started(request: Asked, answer: Response[Any], begun: Started) -> Response[Any]:
    """Bind the browser, and where it is remembered begin the visit."""
    here = desk.of(request)
    if begun.inside:
        return answer
    if begun.session is not None:
        _set(here, answer, VISIT, begun.session, seconds=_VISIT_SECONDS)
    binding = begun.browser or request.cookies.get(cookies.name(here, BROWSER), "")
    seconds = _BINDING_SECONDS if begun.session is None else _VISIT_SECONDS
    _set(here, answer, BROWSER, binding, seconds=seconds)
    return answer


def opened(request: Asked, answer: Response[Any], visit: Opened) -> Response[Any]:
    """Begin a visit in this browser; its binding lasts as long."""
    here = desk.of(request)
    binding = request.cookies.get(cookies.name(here, BROWSER), "")
    _set(here, answer, VISIT, visit.session, seconds=_VISIT_SECONDS)
    _set(here, answer, BROWSER, binding, seconds=_VISIT_SECONDS)
    if visit.known is not None:
        _set(here, answer, KNOWN, visit.known, seconds=_KNOWN_SECONDS)
    return answer


def ended(request: Asked, answer: Response[Any]) -> Response[Any]:
    """Leave nothing of a visit in the browser."""
    here = desk.of(request)
    for plain in (VISIT, BROWSER, KNOWN):
        _set(here, answer, plain, "", seconds=0)
    answer.headers["clear-site-data"] = '"cache", "cookies", "storage"'
    return answer


def _set(here: Desk, answer: Response[Any], plain: str, secret: str, *, seconds: int) -> None:
    answer.set_cookie(
        Cookie(
            key=cookies.name(here, plain),
            value=secret,
            max_age=seconds,
            path="/",
            secure=here.secure,
            httponly=True,
            samesite="strict",
        )
    )
