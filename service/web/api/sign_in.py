"""Signing in and out over the API, second factors, invitations: the only doors without a key."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response

from crypto import token
from service import faults
from service.actions import (
    accept_invitation,
    enrol_totp,
    keep_session,
    review_glass,
    sessions,
    sign_in,
)
from service.actions.prove import Proof
from service.actions.sign_in import Attempt, SignedIn
from service.domain import texts
from service.domain.policy import Action
from service.store.members import Choice
from service.web import cookies, desk, devices, guards, limits, outer, routing
from service.web.desk import Asked


class Membership(msgspec.Struct, frozen=True, kw_only=True):
    """One of the members a person may act as."""

    member_id: UUID
    organization_id: UUID
    organization: str
    name: str
    roles: tuple[str, ...]


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A session as its browser knows it; `csrf_token` goes into X-CSRF-Token of every change.

    `choices` lists every member this person may act as; PUT /sessions/current/member switches.
    """

    member: Membership
    choices: tuple[Membership, ...]
    totp: bool
    csrf_token: str
    expires_at: datetime | None = None


class MemberChoice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which of one's members to act as."""

    member_id: UUID


class TotpWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """With `password`: offer a seed. With `code`: confirm the seed that was offered."""

    password: texts.Secret | None = None
    code: texts.Line | None = None


class TotpAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A seed, shown this once, or that it is confirmed and asked for from now on.

    Confirming changes the session's secret, and with it `csrf_token`; `recovery_codes` are shown
    this once, each to be used once in place of a code.
    """

    confirmed: bool
    seed: str = ""
    uri: str = ""
    csrf_token: str = ""
    recovery_codes: tuple[str, ...] = ()


class Acceptance(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A one-time invitation and the password to be."""

    token: texts.Line
    password: texts.Secret


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """The password is set; sign in with it."""

    accepted: bool = True


@routing.door(
    "POST", "/api/v1/sessions", policy=Action.PUBLIC, takes=Attempt, gives=Session, status=201
)
async def begin(request: Asked) -> Response[Any]:
    """Sign in with address and password, and a code where an authenticator is set up."""
    await limited(request)
    attempt = await routing.body(request, Attempt)
    device = devices.hint(request.headers.get("user-agent", ""))
    begun = await sign_in.sign_in(desk.of(request).office, attempt, device=device)
    await leave_former(request)
    return begun_session(request, begun, status=201)


@routing.door("GET", "/api/v1/sessions/current", policy=Action.SESSION_OWN, gives=Session)
async def current(request: Asked) -> Response[Any]:
    """Say who is signed in, as whom, and who else one could be."""
    found = await keep_session.current(desk.of(request).office, guards.actor(request))
    said = Session(
        member=_membership(found.member),
        choices=tuple(_membership(each) for each in found.choices),
        totp=found.totp,
        csrf_token=guards.csrf_token(request),
    )
    return routing.answer(said)


@routing.door("DELETE", "/api/v1/sessions/current", policy=Action.SESSION_OWN, status=204)
async def end(request: Asked) -> Response[Any]:
    """Sign out."""
    keep_session.person_of(guards.actor(request))
    found = await guards.caller(request)
    if found is not None:
        await review_glass.leave(desk.of(request).office, found.actor)
        await sessions.end(desk.of(request).office, found.secret)
    guards.forget(request)
    answer: Response[Any] = Response(None, status_code=204)
    answer.set_cookie(cookies.drop(desk.of(request)))
    return answer


@routing.door(
    "PUT",
    "/api/v1/sessions/current/member",
    policy=Action.SESSION_OWN,
    takes=MemberChoice,
    gives=Session,
)
async def switch(request: Asked) -> Response[Any]:
    """Act as another of one's members; the session before ends."""
    body = await routing.body(request, MemberChoice)
    begun = await keep_session.switch_member(
        desk.of(request).office, guards.actor(request), member_id=body.member_id
    )
    return begun_session(request, begun)


@routing.door(
    "POST",
    "/api/v1/sessions/current/proof",
    policy=Action.SESSION_OWN,
    takes=Proof,
    gives=Session,
)
async def prove(request: Asked) -> Response[Any]:
    """Prove again that it is you, before people, roles and keys are managed."""
    await limited(request)
    body = await routing.body(request, Proof)
    begun = await keep_session.prove_again(desk.of(request).office, guards.actor(request), body)
    return begun_session(request, begun)


@routing.door(
    "POST", "/api/v1/sessions/totp", policy=Action.SESSION_OWN, takes=TotpWish, gives=TotpAnswer
)
async def totp(request: Asked) -> Response[Any]:
    """Set up an authenticator: first `password`, which answers a seed; then its first `code`."""
    await limited(request)
    body = await routing.body(request, TotpWish)
    office, actor = desk.of(request).office, guards.actor(request)
    if body.code is not None:
        done = await enrol_totp.confirm_totp(office, actor, code=body.code)
        confirmed = TotpAnswer(
            confirmed=True, csrf_token=done.signed.session.csrf, recovery_codes=done.codes
        )
        return with_cookie(request, routing.answer(confirmed), done.signed)
    if body.password is None:
        raise faults.Invalid(errors=[{"field": "password", "detail": "Send it, or a `code`."}])
    offered = await enrol_totp.offer_totp(office, actor, password=body.password)
    return routing.answer(TotpAnswer(confirmed=False, seed=offered.seed, uri=offered.uri))


@routing.door(
    "POST",
    "/api/v1/invitations/accept",
    policy=Action.PUBLIC,
    takes=Acceptance,
    gives=Accepted,
)
async def accept(request: Asked) -> Response[Any]:
    """Set a password with a one-time invitation; the token travels in the body only."""
    await limited(request)
    body = await routing.body(request, Acceptance)
    await accept_invitation.accept_invitation(
        desk.of(request).office, secret=body.token, password=body.password
    )
    guards.forget(request)
    return routing.answer(Accepted())


async def leave_former(request: Asked) -> None:
    """End the session this browser had before: two people at one desk have one each, in turn."""
    here = desk.of(request)
    former = request.cookies.get(cookies.name(here), "")
    if former:
        await sessions.end(here.office, token.secret_hash(former))


async def limited(request: Asked) -> None:
    """Stand in front of the hash, and refuse a form that another site sent."""
    here = desk.of(request)
    await here.limits.spend(
        limits.ADDRESS_SIGN_IN, limits.place_of(outer.address_of(request, here))
    )
    if not guards.from_here(request):
        raise faults.Refused("Send this from a page of this service.")


def begun_session(request: Asked, begun: SignedIn, *, status: int = 200) -> Response[Any]:
    """Answer a session that began or changed its secret."""
    said = Session(
        member=_membership(begun.member),
        choices=tuple(_membership(each) for each in begun.choices),
        totp=begun.totp,
        csrf_token=begun.session.csrf,
        expires_at=begun.session.expires_at,
    )
    return with_cookie(request, routing.answer(said, status=status), begun)


def with_cookie(request: Asked, answer: Response[Any], begun: SignedIn) -> Response[Any]:
    """Send the session's secret along, and forget here who called with the one before."""
    guards.forget(request)
    seconds = int(sessions.LIFE.total_seconds())
    answer.set_cookie(cookies.keep(desk.of(request), begun.session.secret, seconds=seconds))
    return answer


def _membership(choice: Choice) -> Membership:
    return Membership(
        member_id=choice.member_id,
        organization_id=choice.org_id,
        organization=choice.public_name,
        name=choice.name,
        roles=tuple(choice.roles),
    )


HANDLERS = (begin, current, end, switch, prove, totp, accept)
