"""The ledger of witnesses on the page of a referral: each side's words in its own column."""

from typing import Any
from zoneinfo import ZoneInfo

from service.actions import read_witnesses
from service.store.reading import Card
from service.web import desk, guards, problems
from service.web.desk import Asked


async def of_referral(request: Asked, card: Card) -> dict[str, Any] | None:
    """Read the ledger for this page; None where nobody said anything or it is not theirs to see."""
    if not read_witnesses.may_read(guards.actor(request), card):
        return None
    found = await read_witnesses.read_witnesses(
        desk.of(request).office,
        guards.actor(request),
        card.id,
        request_id=problems.request_id_of(request.scope),
    )
    if not found.patients:
        return None
    zone = ZoneInfo(card.zone)
    return {
        "recipients": [
            {
                "who": each.organization,
                "step": each.step,
                "outcome": each.outcome,
                "need_met": each.need_met,
                "source": each.source,
                "on_behalf": each.on_behalf,
                "at": each.at.astimezone(zone),
            }
            for each in found.agencies
        ],
        "patient": [
            {
                "said": f"{each.claim.kind}-{each.claim.value}",
                "source": each.claim.source,
                "at": each.claim.at.astimezone(zone),
                "contradicts": each.contradicts,
                "tasks": [task.kind for task in each.tasks if task.state == "open"],
            }
            for each in found.patients
        ],
    }
