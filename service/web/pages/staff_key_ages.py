"""The keys of one's organization, by version and age; and the network's, for who looks after it."""

from typing import Any

from litestar import Response

from service.actions import key_ages
from service.domain.policy import Action
from service.store.keys import AgeRow
from service.web import desk, guards, routing
from service.web.desk import Asked
from service.web.pages import staff


@routing.door("GET", "/keys", policy=Action.ORGANIZATION_EDIT, **staff.DOOR)
async def look(request: Asked) -> Response[Any]:
    """Show which versions there are, and whether each still opens what it sealed."""
    found = await key_ages.key_ages(desk.of(request).office, guards.actor(request))
    context = {
        "own": [_row(each) for each in found.own],
        "network": [_row(each) for each in found.network],
    }
    return await staff.show(request, "staff/keys", context)


def _row(each: AgeRow) -> dict[str, Any]:
    refused = not each.openable and each.state != "destroyed"
    purpose, _, field = each.purpose.partition(":")
    return {
        "purpose": purpose,
        "field": field,
        "version": each.version,
        "state": "refused" if refused else each.state,
        "made": each.created_at,
        "days": each.days,
    }


HANDLERS = (look,)
