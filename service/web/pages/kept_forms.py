"""A form kept over a sign-in, shown on the page it was typed on."""

import re
from uuid import UUID

from litestar import Response

from service import faults
from service.actions import parking
from service.actions.parking import Parked
from service.web import desk, guards
from service.web.desk import Asked
from service.web.pages import speaking

_ID = r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
_OF_THREAD = re.compile(rf"/threads/{_ID}/(messages|notes|participants)")
_OF_REFERRAL = re.compile(rf"/referrals/{_ID}/steps")
_OF_LEG = re.compile(rf"/legs/{_ID}/steps")


def page_of(parked: Parked) -> str:
    """Return the page that a form was typed on, or nothing for one that has none of its own."""
    if found := _OF_THREAD.fullmatch(parked.path):
        return f"/threads/{found[1]}"
    about = parked.fields.get("referral_id", "")
    if _OF_LEG.fullmatch(parked.path) and re.fullmatch(_ID, about):
        return f"/referrals/{about}"
    found = _OF_REFERRAL.fullmatch(parked.path)
    return f"/referrals/{found[1]}" if found else ""


async def here(request: Asked) -> Parked | None:
    """Return the form that this page is asked to show, while it is kept and was typed here."""
    try:
        parked_id = UUID(request.query_params.get("kept", ""))
        found = await parking.read(
            desk.of(request).office, guards.actor(request), parked_id=parked_id
        )
    except (ValueError, faults.Missing):
        return None
    return found if page_of(found) == request.scope["path"] else None


def plainly(request: Asked) -> Response[bytes]:
    """Lead to the words alone, where the page they were typed on is not open to them any more."""
    return speaking.see_other(f"/parked/{request.query_params['kept']}?alone=yes")
