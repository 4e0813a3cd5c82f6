"""A form that comes after its session ran out: kept, and shown again after the sign-in."""

from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection

from crypto import token
from service import faults
from service.actions import parking
from service.web import cookies, desk
from service.web.pages import speaking

_FORM = "application/x-www-form-urlencoded"


async def at_the_door(connection: ASGIConnection[Any, Any, Any, Any]) -> faults.SignInRequired:
    """Return what to say to somebody who is not signed in, with the way back to their form."""
    if not isinstance(connection, Request) or connection.scope["method"] != "POST":
        return faults.SignInRequired()
    media = connection.headers.get("content-type", "").partition(";")[0].strip().lower()
    by_a_person = "text/html" in connection.headers.get("accept", "")
    path: str = connection.scope["path"]
    if media != _FORM or not by_a_person or path.startswith("/api/"):
        return faults.SignInRequired()
    secret = connection.cookies.get(cookies.name(desk.of(connection)), "")
    kept = await _kept(connection, path, secret) if secret else None
    return faults.SignInRequired(next=f"/parked/{kept}") if kept else faults.SignInRequired()


async def _kept(request: Any, path: str, secret: str) -> Any:
    office, form = desk.of(request).office, await speaking.form(request)
    owner = await parking.owner_of(
        office, token.secret_hash(secret), csrf_hash=token.secret_hash(form.get("csrf", ""))
    )
    if owner is None:
        return None
    return await parking.keep(office, owner, path=path, fields=form)
