"""Texts, for the network's administration: what each says and costs, and who carries how many."""

from typing import Any

from litestar import Response

from service.actions import mend_effects, text_templates
from service.domain.policy import Action
from service.web import desk, guards, routing
from service.web.desk import Asked
from service.web.pages import staff


@routing.door("GET", "/texts", policy=Action.OUTBOX_MEND, **staff.DOOR)
async def look(request: Asked) -> Response[Any]:
    """Show every text with its segments, and how the providers stand."""
    here, actor = desk.of(request), guards.actor(request)
    names = [way.name for way in here.sms]
    found = await mend_effects.providers(here.office, actor, names)
    context = {
        "providers": [
            {
                "name": each.name,
                "points": each.points,
                "resting": each.resting,
                "errors": each.errors,
            }
            for each in found
        ],
        "texts": [
            {
                "kind": each.kind,
                "language": each.language,
                "text": each.text,
                "segments": each.size.segments,
                "left": each.size.left,
            }
            for each in text_templates.listed(here.office.public_url)
        ],
    }
    return await staff.show(request, "staff/texts", context)


HANDLERS = (look,)
"""Points are chosen on the command line, by whoever holds the settings that name providers."""
