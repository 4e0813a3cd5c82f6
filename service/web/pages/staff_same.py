"""A second referral for the same help: shown before it is written, with *Track* instead."""

from typing import Any
from uuid import UUID

from litestar import Response

from service.actions import open_already, worklists
from service.domain import policy
from service.domain.policy import Action
from service.store.reading import Card
from service.web import desk, guards, problems, routing
from service.web.api import shapes
from service.web.desk import Asked
from service.web.pages import speaking, staff


async def open_for(
    request: Asked, patient_id: UUID | None, service_ids: tuple[UUID, ...] = ()
) -> list[dict[str, Any]]:
    """Spell what is open for a patient: of the services' kind, or of any where none is named."""
    actor = guards.actor(request)
    if patient_id is None or not policy.ever(actor, Action.REFERRAL_LIST):
        return []
    found = await open_already.open_already(
        desk.of(request).office,
        actor,
        patient_id=patient_id,
        service_ids=service_ids,
        request_id=problems.request_id_of(request.scope),
    )
    return [_row(request, card) for card in found]


def _row(request: Asked, card: Card) -> dict[str, Any]:
    told = not worklists.stage_only(guards.actor(request), card)
    return {
        "id": str(card.id),
        "reference": card.reference,
        "state": card.state,
        "since": staff.local(card.since, card.zone),
        "service": ", ".join(sorted({leg.service or "" for leg in card.legs} - {""}))
        if told
        else "",
        "recipient": ", ".join(leg.recipient for leg in card.legs) if told else "",
        "why": shapes.why_open(card, language=staff.language_of(request)) if told else "",
    }


@routing.door(
    "POST", "/referrals/{referral_id:uuid}/track", policy=Action.REFERRAL_STEP, **staff.DOOR
)
async def track(request: Asked) -> Response[Any]:
    """Follow the one that is open instead of writing another; the choice is kept."""
    referral_id: UUID = request.path_params["referral_id"]
    await open_already.track(
        desk.of(request).office,
        guards.actor(request),
        referral_id,
        request_id=problems.request_id_of(request.scope),
    )
    return speaking.see_other(f"/referrals/{referral_id}?done=track")


HANDLERS = (track,)
