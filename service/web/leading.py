"""Where a page leads somebody who must sign in, or prove again, before it: and back to it."""

from typing import Any
from urllib.parse import urlencode

from litestar import Response

from service import faults
from service.faults import Fault


def on(request: Any, fault: Fault) -> Response[bytes] | None:
    """Lead a person to what a fault asks for; None where it is not theirs to mend."""
    if isinstance(fault, faults.FreshSignInNeeded):
        return _led("/prove", {"next": _wanted(request)})
    if not isinstance(fault, faults.SignInRequired):
        return None
    if request.scope["method"] == "GET":
        wanted = _wanted(request)
        return _led("/sign-in", {"next": wanted} if wanted != "/" else {})
    if "next" in fault.extra:
        return _led("/sign-in", {"next": fault.extra["next"], "kept": "yes"})
    return None


def _wanted(request: Any) -> str:
    """Return the page somebody asked for; what a form was sent to is no page to come back to."""
    if request.scope["method"] != "GET":
        return "/"
    query = request.scope.get("query_string", b"").decode("latin-1")
    return request.scope["path"] + (f"?{query}" if query else "")


def _led(where: str, said: dict[str, str]) -> Response[bytes]:
    query = f"?{urlencode(said)}" if said else ""
    return Response(b"", status_code=303, headers={"location": where + query})
