"""Prove again that it is you, before people, keys and ways in change; then back to the page."""

from typing import Any

import msgspec
from litestar import Response

from service import faults
from service.actions import keep_session
from service.actions.prove import Proof
from service.domain.policy import Action
from service.web import desk, guards, routing
from service.web.api import sign_in as api_sign_in
from service.web.desk import Asked
from service.web.pages import speaking, staff


@routing.door("GET", "/prove", policy=Action.SESSION_OWN, **staff.PASSKEY_DOOR)
async def ask(request: Asked) -> Response[Any]:
    """Ask for the password, a code, or a passkey."""
    return await _page(request, staff.local_path(request.query_params.get("next", "/")))


@routing.door("POST", "/prove", policy=Action.SESSION_OWN, **staff.PASSKEY_DOOR)
async def proven(request: Asked) -> Response[Any]:
    """Check it, give the session a new secret, and lead back."""
    await api_sign_in.limited(request)
    form = await speaking.form(request)
    wanted = staff.local_path(form.get("next", "/"))
    try:
        proof = proof_of(form)
        begun = await keep_session.prove_again(
            desk.of(request).office, guards.actor(request), proof
        )
    except (faults.SignInFailed, msgspec.ValidationError):
        return await _page(request, wanted, errors={"sign_in": "wrong"})
    except faults.CodeNeeded:
        return await _page(request, wanted, errors={"totp": "missing"})
    except faults.Invalid:
        return await _page(request, wanted, errors={"password": "missing"}, status=422)
    return api_sign_in.with_cookie(request, speaking.see_other(wanted), begun)


def proof_of(form: dict[str, str]) -> Proof:
    """Read password and code from a form as strictly as the API reads them."""
    given = {"password": form.get("password", ""), "totp_code": form.get("totp", "").strip()}
    return msgspec.convert({name: value for name, value in given.items() if value}, Proof)


def first(wanted: str) -> Response[Any]:
    """Lead to the proof that an act needs, and from there back to a page."""
    return speaking.see_other(f"/prove?next={staff.local_path(wanted)}")


async def _page(
    request: Asked, wanted: str, *, errors: dict[str, str] | None = None, status: int = 401
) -> Response[Any]:
    context = {"next": wanted, "errors": errors or {}}
    return await staff.show(request, "staff/prove", context, status=status if errors else 200)


HANDLERS = (ask, proven)
