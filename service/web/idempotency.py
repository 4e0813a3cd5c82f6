"""Idempotency-Key: the same key and body is the same act, however often it is sent.

The key is spent by the act's own statement; a look-up follows only where that fails. What is kept
is a digest of the body and the id of what was made, never the answer: it is rendered afresh.
"""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from litestar import Response

from crypto import primitives, token
from service import faults
from service.actions import replay
from service.domain.people import Actor
from service.store import referrals
from service.store.rows import OnceRow
from service.web import desk, guards
from service.web.desk import Asked
from service.web.outer import template_of

T = TypeVar("T")
Spent = replay.Spent
KeyUsed = referrals.KeyUsed

_LONGEST = 255


def key_of(request: Asked, *, needed: bool = True) -> str | None:
    """Read the header: 1 to 255 visible ASCII; raises IdempotencyMissing, Malformed."""
    given = request.headers.getall("idempotency-key", [])
    if not given:
        if needed:
            raise faults.IdempotencyMissing
        return None
    key = given[0]
    if len(given) != 1 or not _fits(key):
        raise faults.Malformed("Idempotency-Key takes 1 to 255 visible ASCII characters, once.")
    return key


def _fits(key: str) -> bool:
    return 1 <= len(key) <= _LONGEST and all("!" <= c <= "~" for c in key)


async def once_of(request: Asked, *, status: int, needed: bool = True) -> OnceRow | None:
    """Make the row that the act's statement will spend, or nothing where no key was sent."""
    key = key_of(request, needed=needed)
    return await _row(request, key, status=status) if key is not None else None


async def once_of_form(request: Asked, nonce: str) -> OnceRow:
    """Make the row of a page's form: the nonce of its showing is its key."""
    once = await _row(request, nonce, status=303) if _fits(nonce) else None
    if once is None:
        raise faults.Malformed("Send the form as the page has it.")
    return once


async def once_of_file(request: Asked, said: bytes, *, status: int) -> OnceRow | None:
    """Make the row of an upload: what came is told by its digest, for it was not kept."""
    key = key_of(request)
    return await _row(request, key, status=status, body=said) if key is not None else None


async def once_of_upload(request: Asked, nonce: str, said: bytes) -> OnceRow:
    """Make the row of a page's form with a file in it."""
    once = await _row(request, nonce, status=303, body=said) if _fits(nonce) else None
    if once is None:
        raise faults.Malformed("Send the form as the page has it.")
    return once


async def _row(
    request: Asked, key: str, *, status: int, body: bytes | None = None
) -> OnceRow | None:
    actor = guards.actor(request)
    if actor.org_id is None:
        return None
    office = desk.of(request).office
    # The path is part of it: the same body on another record is another act.
    route = f"{request.scope['method']} {template_of(request.scope)}"
    where = f"{request.scope['method']} {request.scope['path']}"
    mac_key = await office.keys.network_key("idempotency")
    return OnceRow(
        principal=_principal(actor),
        key=key,
        body_mac=token.idempotency_digest(
            mac_key, route=where, body=await request.body() if body is None else body
        ),
        route=route,
        status=status,
        org_id=actor.org_id,
    )


def _principal(actor: Actor) -> Any:
    return actor.api_key_id or actor.member_id


async def run(
    request: Asked,
    once: OnceRow | None,
    *,
    act: Callable[[], Awaitable[Response[Any]]],
    again: Callable[[Spent], Awaitable[Response[Any]]],
) -> Response[Any]:
    """Act; where the key turns out to be spent, render what it made. Else the act's own fault."""
    try:
        return await act()
    except (faults.Fault, referrals.KeyUsed) as reason:
        if once is None:
            raise
        spent = await replay.spent(desk.of(request).office, once)
        if spent is None:
            raise _still(reason) from None
        if not primitives.same(spent.body_mac, once.body_mac):
            raise faults.IdempotencyMismatch from None
    answer = await again(spent)
    answer.headers["idempotency-replayed"] = "true"
    return answer


def _still(reason: Exception) -> faults.Fault:
    """Say why the act failed where its key is not in the table."""
    if isinstance(reason, referrals.KeyUsed):
        return faults.IdempotencyInFlight()
    if isinstance(reason, faults.Busy) and reason.extra.get("waited"):
        return faults.IdempotencyInFlight()
    assert isinstance(reason, faults.Fault)
    return reason
