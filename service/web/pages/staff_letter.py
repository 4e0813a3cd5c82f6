"""A letter to the patient, for print: what was asked, where it stands, whom to call.

In the patient's own language, in plain words. Of protected care it names neither the kind of help
nor who gives it: a letter is opened by whoever finds it (42 CFR 2.12; DESIGN, neutral texts).
"""

from typing import Any

from litestar import Response

from service import faults
from service.actions import open_now, permission, read_organizations, read_referral
from service.actions.read_referral import Sheet
from service.domain import patient_page
from service.domain.access import PROTECTED
from service.domain.leg import LIVE
from service.domain.patient_page import PageFacts
from service.domain.policy import Action
from service.store.reading import Card, LegCard
from service.web import desk, guards, problems, routing
from service.web.desk import Asked
from service.web.pages import staff
from templates import surroundings


@routing.door("GET", "/referrals/{referral_id:uuid}/letter", policy=Action.LEG_BOOK, **staff.DOOR)
async def letter(request: Asked) -> Response[Any]:
    """Show the letter as it goes on paper; raises Missing for whoever may not know the patient."""
    office, actor = desk.of(request).office, guards.actor(request)
    sheet = await read_referral.read_referral(
        office,
        actor,
        request.path_params["referral_id"],
        printed=True,
        request_id=problems.request_id_of(request.scope),
    )
    if sheet.picture is None or actor.org_id is None:
        raise faults.Missing
    resource = open_now.resource_of(actor, sheet.picture)
    permission.require(actor, Action.LEG_BOOK, resource=resource)
    if sheet.identity is None:
        raise faults.Missing
    ours, _ = await read_organizations.read_organization(office, actor, org_id=actor.org_id)
    language = surroundings.language_of(sheet.identity.language)
    context = _context(sheet) | {
        "from_name": ours.public_name,
        "from_phone": ours.phone or "",
        "letter_language": language,
    }
    return await staff.show(
        request, "staff/letter", context, where=sheet.card.zone, language=language
    )


def _context(sheet: Sheet) -> dict[str, Any]:
    card, who = sheet.card, sheet.identity
    assert who is not None
    leg, told = _leg(card), card.sensitivity not in PROTECTED
    home = who.address
    town = " ".join(part for part in (home.city, home.region, home.postal_code) if part)
    return {
        "back": f"/referrals/{card.id}",
        "reference": card.reference,
        "name": who.call_as or " ".join((*who.name.given, who.name.family)),
        "address": [line for line in (home.street, town) if line],
        "written": staff.local(card.now, card.zone),
        "stage": str(
            patient_page.stage(
                PageFacts(
                    referral_state=card.state,
                    leg_state=leg.state if leg else None,
                    appointment_at=leg.appointment_at if leg else None,
                    now=card.now,
                )
            )
        ),
        "recipient": leg.recipient if leg and told else "",
        "service": (leg.service or "") if leg and told else "",
        "appointment": staff.local(leg.appointment_at, card.zone)
        if leg and leg.state == "scheduled"
        else None,
    }


def _leg(card: Card) -> LegCard | None:
    """Return the attempt the letter is about: the one that goes on, else the last."""
    going = [leg for leg in card.legs if leg.state in LIVE]
    return (going or list(card.legs) or [None])[-1]


HANDLERS = (letter,)
