"""Who asks, and whether that kind of caller may use this route at all.

The guard knows no record: actions ask the policy again about the very record. It stands in front
of every route; a route that names no policy stops the start.
"""

from typing import Any
from urllib.parse import urlsplit

import msgspec
from litestar import Litestar, Request
from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler

from crypto import primitives, token
from service import clock, faults
from service.actions import sessions
from service.domain import policy
from service.domain.people import Actor
from service.domain.policy import Action
from service.web import cookies, desk, limits, page_visits, problems, routing, stopped, visits
from service.web.desk import Asked, Caller

Connection = ASGIConnection[Any, Any, Any, Any]

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class RouteWithoutPolicy(faults.Fault):
    """A route names no policy."""

    slug = "route-without-policy"
    advice = "Declare it with routing.door(..., policy=...)."


def check_routes(app: Litestar) -> None:
    """Raise RouteWithoutPolicy unless every route of the application names what it is for."""
    for route in app.routes:
        handlers = getattr(route, "route_handlers", None) or (
            getattr(route, "route_handler", None),
        )
        for handler in handlers:
            # Litestar answers OPTIONS itself, with the list of methods and nothing else.
            if getattr(handler, "http_methods", None) == {"OPTIONS"}:
                continue
            named = handler.opt.get("policy") if handler is not None else None
            if not named or not all(isinstance(each, Action) for each in named):
                raise RouteWithoutPolicy(f"{route.path} names no policy.")


async def admit(connection: Connection, handler: BaseRouteHandler) -> None:
    """Let a caller in or raise: SignInRequired, Refused, RateLimited."""
    wanted: tuple[Action, ...] = handler.opt.get("policy") or ()
    if Action.PUBLIC in wanted:
        return
    if all(action in visits.ACTIONS for action in wanted):
        await visits.admit(connection)
        return
    if all(action in page_visits.ACTIONS for action in wanted):
        await page_visits.admit(connection)
        return
    found = await caller(connection, quiet=_is_quiet(handler))
    if found is None:
        raise await _stopped(connection)
    asked_in = problems.request_id_of(connection.scope)
    connection.scope["state"]["actor"] = msgspec.structs.replace(found.actor, request_id=asked_in)
    here = desk.of(connection)
    await here.limits.spend(limits.MEMBER, str(found.actor.member_id))
    if found.actor.session_id is not None:
        await _same_site(connection, found, handler)
    _is_for(handler, found)
    if not any(policy.ever(found.actor, action) for action in wanted):
        raise faults.Refused


def _is_quiet(handler: BaseRouteHandler) -> bool:
    said = routing.operation_of(handler)
    return said is not None and said.quiet


def _is_for(handler: BaseRouteHandler, found: Caller) -> None:
    """Turn a program away from what is for people, before anything is read or written for it."""
    said = routing.operation_of(handler)
    if said is not None and said.for_people and found.actor.api_key_id is not None:
        raise faults.Refused("Sign in as a person for this.")


async def _stopped(connection: Connection) -> faults.SignInRequired:
    """Say that a sign-in is needed; what a page of ours had typed into it is kept meanwhile."""
    if not from_here(connection):
        return faults.SignInRequired()
    return await stopped.at_the_door(connection)


def actor(request: Connection) -> Actor:
    """Return who asks, as the guard found it."""
    found: Actor = request.scope["state"]["actor"]
    return found


async def caller(connection: Connection, *, quiet: bool = False) -> Caller | None:
    """Find who asks by API key or session cookie; a wrong proof is nobody, never an error.

    A `quiet` call is no use of a session: it goes idle all the same.
    """
    here = desk.of(connection)
    secret, kind = _proof(connection)
    if not secret:
        return None
    digest = token.secret_hash(secret)
    found = here.callers.get(digest)
    if found is not None and (found.actor.api_key_id is not None) is not (kind is sessions.by_key):
        # Remembered of the other kind of proof: a key in a cookie would be asked for no token.
        return None
    if found is None:
        at_rest = quiet and kind is sessions.by_cookie
        known = await (sessions.at_rest if at_rest else kind)(here.office, digest)
        if known is None:
            return None
        made = Caller(actor=known.actor, secret=digest, csrf_hash=known.csrf_hash)
        found = here.callers.put(digest, made)
    return found


def _proof(connection: Connection) -> tuple[str, Any]:
    header = connection.headers.get("authorization")
    if header is not None:
        scheme, _, given = header.partition(" ")
        fits = scheme.lower() == "bearer" and given.startswith(sessions.KEY_PREFIX)
        return (given if fits else "", sessions.by_key)
    return connection.cookies.get(cookies.name(desk.of(connection)), ""), sessions.by_cookie


def forget(request: Connection) -> None:
    """Drop what is remembered of callers here: after a sign-out, a revoked key, a changed role."""
    desk.of(request).callers.clear()


def csrf_token(request: Connection) -> str:
    """Return the token for a page's forms, as X-CSRF-Token or as the hidden field `csrf`."""
    return sessions.csrf_of(request.cookies.get(cookies.name(desk.of(request)), ""))


def from_here(connection: Connection) -> bool:
    """Say whether a browser says that a page of our own sent this; silence is no objection."""
    site = connection.headers.get("sec-fetch-site")
    if site is not None and site != "same-origin":
        return False
    origin = connection.headers.get("origin")
    # Our pages send no referrer, and so "null" is what browsers send for the origin of their forms.
    if origin in (None, "null"):
        return True
    ours = desk.of(connection).office.public_url
    there = urlsplit(origin)
    mine = f"{connection.scope.get('scheme', 'http')}://{connection.headers.get('host', '')}"
    return origin in (f"{urlsplit(ours).scheme}://{urlsplit(ours).netloc}", mine) and bool(
        there.netloc
    )


async def _same_site(connection: Connection, found: Caller, handler: BaseRouteHandler) -> None:
    if connection.scope.get("method") in SAFE:
        return
    given = connection.headers.get("x-csrf-token", "")
    media = connection.headers.get("content-type", "").partition(";")[0].strip().lower()
    good = from_here(connection)
    said = routing.operation_of(handler)
    if good and not given and media in _FORMS and isinstance(connection, Request):
        # A form with a file in it is read as it comes: its handler asks `proven` before the file.
        streamed = said is not None and said.upload == "form"
        good = streamed or await _form_is_ours(connection, found)
    elif good:
        good = primitives.same(token.secret_hash(given), found.csrf_hash or b"")
    if not good:
        raise faults.Refused("Send the X-CSRF-Token of this session from a page of this service.")


async def _form_is_ours(request: Asked, found: Caller) -> bool:
    form = await request.form()
    field, nonce = form.get("csrf"), form.get("nonce")
    if isinstance(field, str):
        return primitives.same(token.secret_hash(field), found.csrf_hash or b"")
    if not isinstance(nonce, str):
        return False
    key = await desk.of(request).office.keys.network_key("form")
    act = form.get("act")
    return token.check_form_nonce(
        key,
        nonce,
        session=found.secret,
        form=act if isinstance(act, str) else "",
        at=clock.unix_seconds(),
    )


async def proven(request: Asked, csrf: str) -> None:
    """Require the session's own token, read from the beginning of a form with a file in it."""
    found = await caller(request)
    given = request.headers.get("x-csrf-token") or csrf
    if found is None or found.actor.session_id is None:
        return
    if not primitives.same(token.secret_hash(given), found.csrf_hash or b""):
        raise faults.Refused("Send the form as the page has it.")


async def form_nonce(request: Connection, *, act: str) -> str:
    """Make the nonce of one showing of a form for the caller's session."""
    found = await caller(request)
    key = await desk.of(request).office.keys.network_key("form")
    session = found.secret if found is not None else b""
    return token.form_nonce(key, session=session, form=act, at=clock.unix_seconds())
