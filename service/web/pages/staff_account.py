"""Your sign-ins: where you are signed in, your passkeys, your authenticator and its codes."""

from typing import Any

import msgspec
from litestar import Response

from service import faults
from service.actions import (
    enrol_totp,
    keep_passkeys,
    keep_session,
    mail_wishes,
    own_sign_ins,
    reminders,
    renew_recovery,
)
from service.domain.mail_pace import RoutineMail
from service.domain.policy import Action
from service.web import cookies, desk, guards, routing
from service.web.api import sign_in as api_sign_in
from service.web.desk import Asked
from service.web.pages import picture, speaking, staff, staff_prove

_PATH = "/account"
_AS_ORGANIZATION = "organization"


@routing.door("GET", "/account", policy=Action.SESSION_OWN, **staff.PASSKEY_DOOR)
async def look(request: Asked) -> Response[Any]:
    """Show how and where this person signs in."""
    return await _page(request, {})


async def _page(request: Asked, said: dict[str, Any], *, status: int = 200) -> Response[Any]:
    office, actor = desk.of(request).office, guards.actor(request)
    current = await keep_session.current(office, actor)
    zone = current.member.time_zone
    sign_ins = [
        {
            "id": str(each.id),
            "current": each.id == actor.session_id,
            "organization": each.organization,
            "device": each.device or "",
            "method": each.method,
            "created": staff.local(each.created_at, zone),
            "seen": staff.local(each.seen_at, zone),
        }
        for each in await own_sign_ins.list_sign_ins(office, actor)
    ]
    passkeys = [
        {
            "id": str(each.id),
            "name": each.name,
            "created": staff.local(each.created_at, zone),
            "used": staff.local(each.last_used_at, zone),
        }
        for each in await keep_passkeys.listed(office, actor)
    ]
    context = {
        "sign_ins": sign_ins,
        "passkeys": passkeys,
        "reminders_off": staff.local(await reminders.own_off_since(office, actor), zone),
        "mail": await _mail(request),
        "totp": current.totp,
        "keys_on": current.shortcuts,
        "codes_left": await renew_recovery.left(office, actor),
    }
    return await staff.show(request, "staff/account", context | said, status=status)


async def _mail(request: Asked) -> dict[str, str]:
    wish = await mail_wishes.own(desk.of(request).office, guards.actor(request))
    return {"routine": wish.routine or _AS_ORGANIZATION, "organization": wish.organization}


@routing.door("POST", "/account/sign-ins/end", policy=Action.SESSION_OWN, **staff.DOOR)
async def end_others(request: Asked) -> Response[Any]:
    """End every sign-in but this one."""
    await own_sign_ins.end_others(desk.of(request).office, guards.actor(request))
    guards.forget(request)
    return speaking.see_other(_PATH)


@routing.door(
    "POST", "/account/sign-ins/{session_id:uuid}/end", policy=Action.SESSION_OWN, **staff.DOOR
)
async def end_one(request: Asked) -> Response[Any]:
    """End one sign-in; this one leads out."""
    actor, session_id = guards.actor(request), request.path_params["session_id"]
    await own_sign_ins.end_sign_in(desk.of(request).office, actor, session_id=session_id)
    guards.forget(request)
    if session_id != actor.session_id:
        return speaking.see_other(_PATH)
    answer = speaking.see_other("/sign-in")
    answer.set_cookie(cookies.drop(desk.of(request)))
    return answer


@routing.door(
    "POST", "/account/passkeys/{passkey_id:uuid}/end", policy=Action.SESSION_OWN, **staff.DOOR
)
async def end_passkey(request: Asked) -> Response[Any]:
    """Take a passkey away."""
    office, actor = desk.of(request).office, guards.actor(request)
    try:
        await keep_passkeys.end(office, actor, passkey_id=request.path_params["passkey_id"])
    except faults.FreshSignInNeeded:
        return staff_prove.first(_PATH)
    return speaking.see_other(_PATH)


@routing.door("POST", "/account/authenticator", policy=Action.SESSION_OWN, **staff.PASSKEY_DOOR)
async def offer(request: Asked) -> Response[Any]:
    """Offer a key for an authenticator app, or confirm it by its first code."""
    await api_sign_in.limited(request)
    form = await speaking.form(request)
    office, actor = desk.of(request).office, guards.actor(request)
    try:
        wish = msgspec.convert(form, _Enrolment)
        if wish.code is not None:
            done = await enrol_totp.confirm_totp(office, actor, code=wish.code)
            shown = await staff.show(request, "staff/codes", {"codes": done.codes})
            return api_sign_in.with_cookie(request, shown, done.signed)
        offered = await enrol_totp.offer_totp(office, actor, password=wish.password)
    except (faults.SignInFailed, msgspec.ValidationError):
        return await _page(request, {"errors": {"sign_in": "wrong"}}, status=422)
    except enrol_totp.TotpInUse as fault:
        return await _page(request, {"errors": {"": fault.title()}}, status=409)
    shown = {"seed": offered.seed, "picture": picture.of(offered.uri)}
    return await _page(request, {"offered": shown})


class _Enrolment(msgspec.Struct, frozen=True, kw_only=True):
    password: api_sign_in.texts.Secret = ""
    code: api_sign_in.texts.Line | None = None


@routing.door("POST", "/account/recovery-codes", policy=Action.SESSION_OWN, **staff.DOOR)
async def renew(request: Asked) -> Response[Any]:
    """Make new recovery codes and show them, this once."""
    try:
        codes = await renew_recovery.renew(desk.of(request).office, guards.actor(request))
    except faults.FreshSignInNeeded:
        return staff_prove.first(_PATH)
    return await staff.show(request, "staff/codes", {"codes": codes})


@routing.door("POST", "/account/reminders", policy=Action.SESSION_OWN, **staff.DOOR)
async def remind(request: Asked) -> Response[Any]:
    """Let reminders come by mail again; twice is once."""
    await reminders.resume_own(desk.of(request).office, guards.actor(request))
    return speaking.see_other(_PATH)


@routing.door("POST", "/account/mail", policy=Action.SESSION_OWN, **staff.DOOR)
async def mail(request: Asked) -> Response[Any]:
    """Let routine mail come otherwise; twice is once."""
    said = (await speaking.form(request)).get("routine", "")
    if said not in {*RoutineMail, _AS_ORGANIZATION}:
        return await _page(request, {"errors": {"routine": "missing"}}, status=422)
    routine = None if said == _AS_ORGANIZATION else RoutineMail(said)
    await mail_wishes.wish(desk.of(request).office, guards.actor(request), routine=routine)
    return speaking.see_other(_PATH)


HANDLERS = (look, end_others, end_one, end_passkey, offer, renew, remind, mail)
