"""The outermost layer, around every answer: host, request id, headers, one line of log, counts.

Lines and counts carry the route's template; a path may hold a secret (`/r/...`) and is never kept.
"""

import time
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

import msgspec

from service import logs
from service.domain import ids
from service.web import headers, problems, routing
from service.web.desk import Desk

Scope = Any
Receive = Callable[..., Any]
Send = Callable[..., Any]

_ANY_HOST = frozenset({"/livez", "/readyz"})
"""Asked by machines that know an address only."""


class Outer:
    """An ASGI application round the service's own."""

    def __init__(self, inner: Callable[..., Any], desk: Callable[[], Desk]) -> None:
        self._inner = inner
        self._desk = desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request in and its answer out."""
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
            return
        request_id = ids.new_id().hex
        scope.setdefault("state", {})["request_id"] = request_id
        desk, started, status = self._desk(), time.monotonic(), 500

        async def out(message: dict[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = _dressed(message, scope, desk, request_id)
            await send(message)

        try:
            if _known_host(scope, desk):
                await self._inner(scope, receive, out)
            else:
                await _refuse_host(out, request_id)
        finally:
            _tell(scope, desk, status=status, seconds=time.monotonic() - started)
            desk.waker.after(scope["method"], status)


def template_of(scope: Scope) -> str:
    """Return the template of the route that answers, the same for every secret and id."""
    return str(scope.get("path_template") or "unmatched")


def address_of(request: Any, desk: Desk) -> str:
    """Return who is at the other end; a forwarded address counts only from a trusted proxy."""
    client = request.scope.get("client")
    found = client[0] if client else ""
    if not desk.proxies or not _trusted(found, desk):
        return found
    chain = [part.strip() for part in request.headers.get("x-forwarded-for", "").split(",")]
    for hop in reversed([part for part in chain if part]):
        if not _is_address(hop):
            return found
        found = hop
        if not _trusted(hop, desk):
            break
    return found


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _trusted(address: str, desk: Desk) -> bool:
    return _is_address(address) and any(ip_address(address) in net for net in desk.proxies)


def _known_host(scope: Scope, desk: Desk) -> bool:
    if not desk.hosts or scope["path"] in _ANY_HOST:
        return True
    host = next((value for name, value in scope["headers"] if name == b"host"), b"")
    name = host.decode("latin-1").lower()
    bare = name if name.endswith("]") else name.rpartition(":")[0] or name
    return bare in desk.hosts or name in desk.hosts


async def _refuse_host(send: Send, request_id: str) -> None:
    problem = problems.problem_of(problems.HostRefused(), request_id=request_id)
    said = [(b"content-type", problems.MEDIA_TYPE.encode())]
    await send({"type": "http.response.start", "status": problem.status, "headers": said})
    await send({"type": "http.response.body", "body": msgspec.json.encode(problem)})


def _dressed(message: Any, scope: Scope, desk: Desk, request_id: str) -> list[headers.Pair]:
    handler = scope.get("route_handler")
    operation = routing.operation_of(handler) if handler is not None else None
    page = operation.page if operation is not None else headers.Page.DATA
    given = [*message.get("headers", []), (b"x-request-id", request_id.encode())]
    return headers.with_fixed(given, page, secure=desk.secure)


def _tell(scope: Scope, desk: Desk, *, status: int, seconds: float) -> None:
    route = template_of(scope)
    method = scope["method"] if scope["method"] in _METHODS else "OTHER"
    desk.metrics.took(route, method, status=status, seconds=seconds)
    actor = scope["state"].get("actor")
    logs.say(
        "request",
        request_id=scope["state"]["request_id"],
        method=method,
        route=route,
        status=status,
        ms=round(seconds * 1000, 1),
        org_id=getattr(actor, "org_id", None),
        actor_id=getattr(actor, "member_id", None),
    )


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""Anybody may invent a method; a count must not have a label of it."""
