"""The cookies of a visit to a patient's page, and the guard of the pages that need one.

Two cookies, both strict: the browser's binding (from the button) and the visit (from the code). A
visit is good in the browser it began in.
"""

from typing import Any

import msgspec
from litestar import Response
from litestar.datastructures import Cookie

from crypto import token
from service import clock, faults
from service.actions import page_visit
from service.actions.page_visit import PageVisit
from service.domain.policy import Action
from service.web import cookies, desk, problems
from service.web.desk import Asked

BROWSER, VISIT = "lk_page_browser", "lk_page_visit"
_BINDING_SECONDS = 15 * 60
_VISIT_SECONDS = 60 * 60

ACTIONS = frozenset({Action.PAGE_READ, Action.PAGE_ANSWER})
"""What only a visit to a patient's page may ask for."""


async def admit(connection: Any) -> None:
    """Let a visit in, read afresh for this very request; raises VisitOver."""
    found = await found_by(connection)
    if found is None:
        raise faults.VisitOver
    connection.scope["state"]["page_visit"] = found
    connection.scope["state"]["actor"] = found.actor


async def found_by(connection: Any) -> PageVisit | None:
    """Find the visit that a browser brings the cookies of."""
    session, browser = _digest(connection, VISIT), _digest(connection, BROWSER)
    if session is None or browser is None:
        return None
    office = desk.of(connection).office
    found = await page_visit.visit(office, session, browser=browser, now=clock.real_now())
    if found is None:
        return None
    request_id = problems.request_id_of(connection.scope)
    return msgspec.structs.replace(found, request_id=request_id)


def of(request: Asked) -> PageVisit:
    """Return the visit that the guard let in."""
    found: PageVisit = request.scope["state"]["page_visit"]
    return found


def browser_of(request: Asked) -> bytes | None:
    """Return the hash of the browser's binding, if it brought one."""
    return _digest(request, BROWSER)


def _digest(connection: Any, plain: str) -> bytes | None:
    given = connection.cookies.get(cookies.name(desk.of(connection), plain))
    return token.secret_hash(given) if given else None


def started(request: Asked, answer: Response[Any], made: str | None) -> Response[Any]:
    """Bind the browser, or let it keep the binding it has a while longer."""
    _set(request, answer, BROWSER, made or _own(request), seconds=_BINDING_SECONDS)
    return answer


def opened(request: Asked, answer: Response[Any], session: str) -> Response[Any]:
    """Begin a visit in this browser; its binding lasts as long."""
    _set(request, answer, VISIT, session, seconds=_VISIT_SECONDS)
    _set(request, answer, BROWSER, _own(request), seconds=_VISIT_SECONDS)
    return answer


def ended(request: Asked, answer: Response[Any]) -> Response[Any]:
    """Leave nothing of a visit in the browser."""
    for plain in (VISIT, BROWSER):
        _set(request, answer, plain, "", seconds=0)
    answer.headers["clear-site-data"] = '"cache", "cookies", "storage"'
    return answer


def _own(request: Asked) -> str:
    return request.cookies.get(cookies.name(desk.of(request), BROWSER), "")


def _set(request: Asked, answer: Response[Any], plain: str, secret: str, *, seconds: int) -> None:
    here = desk.of(request)
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
