"""From a fault to an answer: the only table from kinds to statuses, and one shape of problem.

Source: RFC 9457. "Not there" and "not yours" are the same bytes: a 404 names no instance, its
request id is in the header alone. An answer of 500 or more says its title and the request id.
"""

import re
from contextlib import suppress
from typing import Any

import msgspec
from litestar import Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.types import Method

from crypto.faults import CannotOpen, KeyDestroyed, KeyMissing
from service import faults, logs
from service.faults import Fault, Kind
from service.web import headers, leading
from service.web.refusals import HostRefused as HostRefused
from service.web.refusals import MediaTypeRefused as MediaTypeRefused
from service.web.refusals import MethodRefused as MethodRefused
from service.web.refusals import RangeRefused as RangeRefused
from templates import render, surroundings, words

STATUS: dict[Kind, int] = {
    Kind.MISSING: 404,
    Kind.REFUSED: 403,
    Kind.CONFLICT: 409,
    Kind.STALE: 412,
    Kind.GONE: 410,
    Kind.INVALID: 422,
    Kind.TOO_LARGE: 413,
    Kind.BUSY: 503,
    Kind.BROKEN: 500,
}
"""What a kind of fault is to HTTP."""

_OWN_STATUS: dict[type[Fault], int] = {
    faults.SignInRequired: 401,
    faults.SignInFailed: 401,
    faults.CodeNeeded: 401,
    faults.RateLimited: 429,
    faults.IdempotencyMissing: 400,
    faults.Malformed: 400,
}
_SAID = ("errors", "open_steps", "version", "limit", "allowed", "reason", "allowed_bases")
"""The facts of a fault that go into the answer; the rest stays here."""

MEDIA_TYPE = "application/problem+json"


_OWN_STATUS |= {
    MethodRefused: 405,
    MediaTypeRefused: 415,
    RangeRefused: 416,
    HostRefused: 421,
}


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The body of every answer that is a no."""

    type: str
    title: str
    status: int
    detail: str = ""
    instance: str = ""
    errors: list[dict[str, str]] = []
    open_steps: list[Any] = []
    version: int | None = None
    limit: int | None = None
    allowed: list[str] = []
    reason: str = ""
    allowed_bases: list[str] = []


def status_of(fault: Fault) -> int:
    """Return the status of a fault: its own, or that of its kind."""
    return _OWN_STATUS.get(type(fault), STATUS[fault.kind])


def problem_of(fault: Fault, *, request_id: str) -> Problem:
    """Spell a fault as a problem."""
    status = status_of(fault)
    where = f"/problems/{fault.slug}"
    if status >= 500 and fault.kind is not Kind.BUSY:
        return Problem(type=where, title=fault.title(), status=status, instance=request_id)
    said = {name: fault.extra[name] for name in _SAID if fault.extra.get(name) is not None}
    return Problem(
        type=where,
        title=fault.title(),
        status=status,
        detail=fault.detail,
        instance="" if status == 404 else request_id,
        **said,
    )


def answer(request: Any, error: Exception) -> Response[bytes]:
    """Answer any exception: a page for people, a problem for programs."""
    fault = fault_of(error)
    if isinstance(fault, MethodRefused):
        fault.extra["allowed"] = _allowed(request)
    if fault.kind is Kind.BROKEN or isinstance(fault, faults.Unreadable):
        logs.broke("broke", error, request_id=request_id_of(request.scope))
    return spell(request, fault)


_METHODS: tuple[Method, ...] = ("GET", "POST", "PUT", "PATCH", "DELETE")


def _allowed(request: Any) -> list[str]:
    """Ask the router which methods this path has; RFC 9110 wants them named."""
    found: list[str] = []
    for method in _METHODS:
        with suppress(HTTPException):
            request.app.asgi_router.handle_routing(path=request.scope["path"], method=method)
            found.append(method)
    return found


def spell(request: Any, fault: Fault) -> Response[bytes]:
    """Answer a fault."""
    problem = problem_of(fault, request_id=request_id_of(request.scope))
    said = _headers(fault, problem.status)
    accepted = request.headers.get("accept", "")
    if "text/html" in accepted and not request.scope["path"].startswith("/api/"):
        led = leading.on(request, fault)
        if led is not None:
            return led
        said["content-security-policy"] = headers.CSP[headers.Page.FORM]
        return _page(request, problem, said)
    return Response(
        msgspec.json.encode(problem),
        status_code=problem.status,
        media_type=MEDIA_TYPE,
        headers=said,
    )


_FOR_PEOPLE = frozenset(
    {
        *("sign-in-required", "busy", "rate-limited", "malformed", "invalid"),
        *("no-longer-readable", "taken-back", "unreadable", "no-key"),
    }
)


def _page(request: Any, problem: Problem, said: dict[str, str]) -> Response[bytes]:
    language = surroundings.language_of(request.headers.get("accept-language", "en")[:35])
    slug = problem.type.rpartition("/")[2]
    # What a program is told to send differently is no help to somebody with a page before them.
    say = surroundings.translations(language).gettext
    detail = words.word(say, slug, "problem") if slug in _FOR_PEOPLE else problem.detail
    context = {"title": problem.title, "detail": detail, "request_id": problem.instance}
    if not request.scope["path"].startswith(("/r/", "/p/")):
        context["back_href"] = "/"
    name = "link/problem"
    if problem.type.endswith(faults.VisitOver.slug):
        where = "patient" if request.scope["path"].startswith("/p/") else "link"
        name, context = f"{where}/ended", {"why": "session"}
    return Response(
        render.page(name, language=language, context=context).encode(),
        status_code=problem.status,
        media_type="text/html; charset=utf-8",
        headers=said,
    )


def _headers(fault: Fault, status: int) -> dict[str, str]:
    said: dict[str, str] = {}
    if fault.kind is Kind.BUSY:
        said["retry-after"] = str(fault.extra.get("retry_after", 1))
    if status == 401:
        said["www-authenticate"] = 'Bearer realm="loopkeeper"'
    if status == 416:
        said["content-range"] = f"bytes */{fault.extra.get('length', '*')}"
    if status == 405:
        said["allow"] = ", ".join(fault.extra.get("allowed", []))
    return said


def request_id_of(scope: Any) -> str:
    """Return the id of a request, which is also in its answer's X-Request-Id."""
    found: str = scope.get("state", {}).get("request_id", "")
    return found


def fault_of(error: Exception) -> Fault:
    """Say in our words what was raised; what nobody thought of is Broken."""
    if isinstance(error, Fault):
        return error
    if isinstance(error, msgspec.ValidationError):
        return faults.Invalid(errors=[told(str(error))])
    if isinstance(error, msgspec.DecodeError):
        return faults.Malformed("The body is not valid JSON.")
    if isinstance(error, ValidationException):
        return faults.Invalid()
    if isinstance(error, HTTPException):
        return _of_litestar(error)
    return _of_keys(error)


def _of_keys(error: Exception) -> Fault:
    match error:
        case KeyDestroyed():
            return faults.NoLongerReadable()
        case CannotOpen():
            return faults.Unreadable()
        case KeyMissing():
            return faults.NoKey()
        case _:
            return faults.Broken()


def _of_litestar(error: HTTPException) -> Fault:
    match error.status_code:
        case 404:
            return faults.Missing()
        case 405:
            return MethodRefused()
        case 413:
            return faults.TooLarge(limit=MAX_BODY)
        case 401:
            return faults.SignInRequired()
        case 403:
            return faults.Refused()
        case status if status < 500:
            return faults.Malformed()
        case _ if error.detail == _HUNG_UP:
            # Nobody reads this answer, and nothing of ours broke.
            return faults.Malformed("The body ended before all of it had come.")
        case _:
            return faults.Broken()


_HUNG_UP = "client disconnected prematurely"
"""How the framework says that a caller left in the middle of its body; a test holds it to that."""

MAX_BODY = 1_048_576
"""Bytes of a body; more is a 413."""

_AT = re.compile(r" - at `(\$[^`]*)`$")
_EXPECTED = re.compile(r"^Expected `([a-z0-9_| ]+)`(?: matching regex .*| of length .*)?, got `")
_NAMED = re.compile(r"^Object (contains unknown|missing required) field `([A-Za-z0-9_]{1,40})`")
_BOUND = re.compile(r"^Expected `([a-z]+)` ([<>]=? ?-?[\d.]+|of length [<>]?=? ?\d+)$")
_KINDS = {"str": "text", "object": "an object", "array": "a list", "int": "a whole number"}


def told(message: str) -> dict[str, str]:
    """Turn msgspec's words into a field and an advice that repeat no value."""
    at = _AT.search(message)
    field = (at.group(1) if at else "$").removeprefix("$").lstrip(".")
    words = message[: at.start()] if at else message
    named = _NAMED.match(words)
    if named:
        inner = f"{field}.{named.group(2)}".lstrip(".")
        unknown = named.group(1).startswith("contains")
        return {
            "field": inner,
            "detail": "There is no such field." if unknown else "This field is needed.",
        }
    bound = _BOUND.match(words)
    if bound:
        return {"field": field, "detail": f"Send {bound.group(1)} {bound.group(2)}."}
    expected = _EXPECTED.match(words)
    if expected:
        kinds = [_KINDS.get(kind.strip(), kind.strip()) for kind in expected.group(1).split("|")]
        return {"field": field, "detail": f"Send {' or '.join(kinds)}."}
    if words.startswith("Invalid enum value"):
        return {"field": field, "detail": "Choose one of the documented values."}
    return {"field": field, "detail": "Send this in its documented form."}
