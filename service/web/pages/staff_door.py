"""In and out by hand: the sign-in page with the API's limits and answers, and the way out."""

from typing import Any

import msgspec
from litestar import Response

from service import faults
from service.actions import sessions, sign_in
from service.actions.sign_in import Attempt
from service.domain.policy import Action
from service.web import cookies, desk, devices, guards, problems, routing
from service.web.api import sign_in as api_sign_in
from service.web.desk import Asked
from service.web.pages import speaking, staff


@routing.door("GET", "/sign-in", policy=Action.PUBLIC, **staff.DOOR)
async def ask(request: Asked) -> Response[Any]:
    """Ask who is there; whoever is signed in is led on."""
    wanted = staff.local_path(request.query_params.get("next", "/"))
    if await guards.caller(request) is not None:
        return speaking.see_other(wanted)
    return await _page(request, {"next": wanted})


@routing.door("POST", "/sign-in", policy=Action.PUBLIC, **staff.DOOR)
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
    return api_sign_in.with_cookie(request, speaking.see_other(wanted), begun)


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
        await sessions.end(desk.of(request).office, found.secret)
    guards.forget(request)
    answer = speaking.see_other("/sign-in")
    answer.set_cookie(cookies.drop(desk.of(request)))
    return answer


HANDLERS = (ask, begin, end)
