"""How a handler is declared: method, path, policy, what it takes and gives; nothing is implied.

Bodies and queries are decoded strictly by msgspec, not by the framework, which would take "1" for a
number. What is declared here is also what the OpenAPI document says.
"""

from collections.abc import Awaitable, Callable, Iterator
from datetime import date, datetime
from typing import Any, TypeVar

import msgspec
from litestar import Response
from litestar.handlers import HTTPRouteHandler

from service import faults
from service.domain import file_kinds
from service.domain.policy import Action
from service.web import problems
from service.web.desk import Asked
from service.web.headers import Page

T = TypeVar("T")
Handler = Callable[[Asked], Awaitable[Response[Any]]]

_OPERATION = "operation"

MAX_UPLOAD = file_kinds.MAX_FILE + 64 * 1024
"""Bytes of a body with a file in it: the file, and the form around it."""


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """What a route says of itself, for the guard, the headers and the OpenAPI document."""

    policy: tuple[Action, ...]
    takes: Any = None
    asks: Any = None
    gives: Any = None
    status: int = 200
    page: Page = Page.DATA
    once: bool = False
    demo: bool = False
    hidden: bool = False
    person: bool = False
    upload: str = ""
    quiet: bool = False

    @property
    def for_people(self) -> bool:
        """Whether a program's key has no business here; a key has no session of its own."""
        return self.person or Action.SESSION_OWN in self.policy


def door(
    method: str,
    path: str,
    *,
    policy: Action | tuple[Action, ...],
    **said: Any,
) -> Callable[[Handler], HTTPRouteHandler]:
    """Declare a handler `async def handler(request: Asked) -> Response[Any]`.

    `takes`: Struct of the JSON body; `asks`: Struct of the query; `gives`: Struct of the answer;
    `status`: of success; `once`: needs an Idempotency-Key; `demo`: exists in a demonstration only;
    `page`: kind of page; `hidden`: not in the OpenAPI document; `person`: for people who signed in,
    so that a program's key is turned away at the door; `upload`: the body is a file as it is
    (`file`), or a form with one in it (`form`), and is read as it comes by the handler alone;
    `quiet`: called by a page, not by a person, so that it keeps no session from going idle.
    """
    actions = policy if isinstance(policy, tuple) else (policy,)
    operation = Operation(policy=actions, **said)

    def declare(handler: Handler) -> HTTPRouteHandler:
        made = HTTPRouteHandler(
            path,
            http_method=method,  # type: ignore[arg-type]
            # The answer itself says its status; the framework would forbid a 204 its type.
            status_code=200 if operation.status == 204 else operation.status,
            include_in_schema=False,
            request_max_body_size=MAX_UPLOAD if operation.upload else problems.MAX_BODY,
            opt={"policy": actions, _OPERATION: operation},
        )
        declared: HTTPRouteHandler = made(handler)
        return declared

    return declare


def operation_of(handler: Any) -> Operation | None:
    """Return what a route handler declared, or nothing where it did not come through here."""
    found: Operation | None = handler.opt.get(_OPERATION)
    return found


async def body(request: Asked, kind: type[T]) -> T:
    """Decode the JSON body; raises Invalid naming the field, Malformed, MediaTypeRefused."""
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    raw = await request.body()
    if raw and media != "application/json":
        raise problems.MediaTypeRefused
    try:
        found = msgspec.json.decode(raw or b"{}", type=kind)
    except msgspec.ValidationError as reason:
        raise faults.Invalid(errors=[problems.told(str(reason))]) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise faults.Malformed("The body is not valid JSON.") from None
    return _dated(found)


def _dated(found: T) -> T:
    """Give back what was asked, once each of its days and moments is one."""
    if not _sound(found):
        raise faults.Invalid(errors=list(_misdated(found, "")))
    return found


_YEARS = range(1900, 2101)


def _sound(value: Any) -> bool:
    """Say whether every day and moment is one; fields are named only where one is not."""
    if isinstance(value, date):
        fits = value.year in _YEARS
        return fits and (value.tzinfo is not None if isinstance(value, datetime) else True)
    if isinstance(value, msgspec.Struct):
        return all(map(_sound, msgspec.structs.astuple(value)))
    return not isinstance(value, tuple | list) or all(map(_sound, value))


def _misdated(value: Any, field: str) -> Iterator[dict[str, str]]:
    """Find days nobody can mean, which leave a calendar, and moments that are none.

    The first and the last day there are would be stored as endless, and read as nothing at all.
    """
    if isinstance(value, msgspec.Struct):
        spelled = zip(value.__struct_fields__, value.__struct_encode_fields__, strict=True)
        for name, outside in spelled:
            yield from _misdated(getattr(value, name), f"{field}.{outside}".lstrip("."))
    elif isinstance(value, tuple | list):
        for place, each in enumerate(value):
            yield from _misdated(each, f"{field}[{place}]")
    elif isinstance(value, datetime) and value.tzinfo is None:
        yield {"field": field, "detail": "Give the moment with its offset."}
    elif isinstance(value, date) and value.year not in _YEARS:
        detail = f"Give a day from {_YEARS.start} to {_YEARS.stop - 1}."
        yield {"field": field, "detail": detail}


def query(request: Asked, kind: type[T]) -> T:
    """Read the query string as a Struct; a name given twice or unknown is Invalid."""
    given: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name in given:
            raise faults.Invalid(errors=[{"field": name[:40], "detail": "Give it once."}])
        given[name] = value
    try:
        found = msgspec.convert(given, kind, strict=False)
    except msgspec.ValidationError as reason:
        raise faults.Invalid(errors=[problems.told(str(reason))]) from None
    return _dated(found)


def answer(
    said: Any, *, status: int = 200, version: int | None = None, **headers: str
) -> Response[bytes]:
    """Answer JSON; `version` becomes the ETag, underscores in header names become dashes."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if version is not None:
        named["etag"] = f'"{version}"'
    return Response(
        msgspec.json.encode(said),
        status_code=status,
        media_type="application/json",
        headers=named,
    )


def seen(request: Asked, *, given: int | None) -> int | None:
    """Return the version a caller decided on: If-Match, or the body's own `version`."""
    tag = request.headers.get("if-match")
    if tag is None or tag.strip() == "*":
        return given
    text = tag.strip().removeprefix("W/").strip('"')
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise faults.Malformed("If-Match takes one version, as the ETag of an answer.")
    if given is not None and given != int(text):
        raise faults.Malformed("If-Match and `version` name different versions.")
    return int(text)


def decided_on(request: Asked, *, given: int | None) -> int:
    """Return the version a caller decided on; raises Invalid where none was sent."""
    found = seen(request, given=given)
    if found is None:
        advice = "Send the version you decided on, here or in If-Match."
        raise faults.Invalid(errors=[{"field": "version", "detail": advice}])
    return found
