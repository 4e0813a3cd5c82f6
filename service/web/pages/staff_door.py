"""In and out by hand: the sign-in page with the API's limits and answers, and the way out."""

from typing import Any

import msgspec
from litestar import Response

from service import faults
from service.actions import parking, prove, review_glass, sessions, sign_in
from service.actions.office import Office
from service.actions.sign_in import Attempt
from service.domain.people import Actor
from service.domain.policy import Action
from service.web import cookies, desk, devices, guards, problems, routing
from service.web.api import sign_in as api_sign_in
from service.web.desk import Asked
from service.web.pages import speaking, staff


@routing.door("GET", "/sign-in", policy=Action.PUBLIC, **staff.PASSKEY_DOOR)
async def ask(request: Asked) -> Response[Any]:
    """Ask who is there; whoever is signed in is led on."""
    asked = request.query_params
    wanted = staff.local_path(asked.get("next", "/"))
    found = await guards.caller(request)
    if found is not None:
        return speaking.see_other(await _onward(request, found.actor, wanted))
    notice = next((code for code in _NOTICES if asked.get(code)), "")
    return await _page(request, {"next": wanted, "notice": notice})


_NOTICES = ("locked", "kept")
"""Why somebody stands at the door: the desk was locked, or a form waits for its sign-in."""


async def _onward(request: Asked, actor: Actor, wanted: str) -> str:
    """Return the page asked for, else where this person was when they locked a desk."""
    if wanted != "/" or actor.session_id is None:
        return wanted
    place = await parking.take_place(desk.of(request).office, actor)
    return staff.local_path(place) if place is not None else wanted


@routing.door("POST", "/sign-in", policy=Action.PUBLIC, **staff.PASSKEY_DOOR)
async def begin(request: Asked) -> Response[Any]:
    """Check what was typed and begin a session; every wrong answer looks the same."""
    await api_sign_in.limited(request)
    form = await speaking.form(request)
    wanted = staff.local_path(form.get("next", "/"))
    try:
        device = devices.hint(request.headers.get("user-agent", ""))
        begun = await sign_in.sign_in(desk.of(request).office, _attempt(form), device=device)
    except (faults.SignInFailed, msgspec.ValidationError):
        return await _again(request, form, {"sign_in": "wrong"})
    except faults.CodeNeeded:
        return await _again(request, form, {"totp": "missing"})
    except sign_in.NoMembership as fault:
        return await _again(request, form, {"": f"{fault.title()} {fault.detail}"})
    await api_sign_in.leave_former(request)
    # Without a page to go to by way of this one, which knows where each person left off.
    where = wanted if wanted != "/" else "/sign-in"
    return api_sign_in.with_cookie(request, speaking.see_other(where), begun)


def _attempt(form: dict[str, str]) -> Attempt:
    """Read the form as strictly as the API reads its body."""
    given = {"address": form.get("address", "").strip(), "password": form.get("password", "")}
    code = form.get("totp", "").strip()
    return msgspec.convert(given | ({"totp_code": code} if code else {}), Attempt)


async def _again(request: Asked, form: dict[str, str], errors: dict[str, str]) -> Response[Any]:
    said = {
        "errors": errors,
        "values": {"address": form.get("address", "")},
        "next": staff.local_path(form.get("next", "/")),
    }
    return await _page(request, said, status=problems.status_of(faults.SignInFailed()))


async def _page(request: Asked, said: dict[str, Any], *, status: int = 200) -> Response[Any]:
    context = {**await staff.demo(request), **said}
    return staff.plain(request, "staff/sign_in", context, status=status)


@routing.door("POST", "/sign-out", policy=Action.SESSION_OWN, **staff.DOOR)
async def end(request: Asked) -> Response[Any]:
    """End the session at once."""
    found = await guards.caller(request)
    if found is not None:
        await review_glass.leave(desk.of(request).office, found.actor)
        await sessions.end(desk.of(request).office, found.secret)
    guards.forget(request)
    answer = speaking.see_other("/sign-in")
    answer.set_cookie(cookies.drop(desk.of(request)))
    return answer


@routing.door("POST", "/lock", policy=Action.SESSION_OWN, **staff.DOOR)
async def lock(request: Asked) -> Response[Any]:
    """Sign out and in one act, for the next person at a shared desk.

    Where this person was, and what they had typed, is kept for them alone.
    """
    office, actor, form = (
        desk.of(request).office,
        guards.actor(request),
        await speaking.form(request),
    )
    found = await guards.caller(request)
    if found is not None and actor.org_id and actor.member_id:
        owner = parking.Owner(
            person_id=prove.person_of(actor), org_id=actor.org_id, member_id=actor.member_id
        )
        await _leave_place(office, owner, form)
        await sessions.end(office, found.secret)
    guards.forget(request)
    answer = speaking.see_other("/sign-in?locked=yes")
    answer.set_cookie(cookies.drop(desk.of(request)))
    return answer


async def _leave_place(office: Office, owner: parking.Owner, form: dict[str, str]) -> None:
    typed = form.pop("typed", "")
    where = staff.local_path(form.pop("where", "/"))
    if typed:
        kept = await parking.keep(office, owner, path=staff.local_path(typed), fields=form)
        where = f"/parked/{kept}" if kept is not None else where
    if where != "/":
        await parking.keep(office, owner, path=where, fields={}, kind="place")


HANDLERS = (ask, begin, end, lock)
