"""Who could help next: on the page of a referral that needs somebody, with one button each."""

from typing import Any

from service.actions import offer_service
from service.actions.read_referral import Sheet
from service.domain import behaviour
from service.domain.behaviour import Behaviour, Need, Offer, Ranked, Reason
from service.domain.leg import UNANSWERED
from service.domain.patient import Identity
from service.domain.rules import Step
from service.store.directory import Found, Wanted
from service.web import desk, guards
from service.web.desk import Asked
from service.web.pages import staff, staff_recipients
from templates import words

_LOOKED_AT, _SHOWN = 100, 5
_STEPS = (Step.ADD_LEG, Step.REDIRECT)
"""What sends it to somebody else; the first of them that is open."""


async def best(request: Asked, sheet: Sheet, steps: list[dict[str, Any]]) -> dict[str, Any]:
    """Spell the likeliest services that were not asked yet, and the step that asks one."""
    found = {each["step"]: each for each in reversed(steps) if not each["on_behalf"]}
    step = next((found[each] for each in _STEPS if each in found), None)
    if step is None or sheet.stage_only or not _needed(step, sheet):
        return {}
    offered = await offer_service.search_directory(
        desk.of(request).office,
        guards.actor(request),
        Wanted(category=sheet.card.category),
        limit=_LOOKED_AT,
    )
    asked = {leg.org_id for leg in sheet.card.legs} | {sheet.card.sender_org_id}
    new = {each.id: each for each in offered if each.org_id not in asked}
    order = behaviour.ranked([_offer(each) for each in new.values()], _need(sheet))
    say = staff.saying(request)
    rows = [_row(each, new[each.offer.service_id], say) for each in order[:_SHOWN]]
    return {"next_best": rows, "next_step": step} if rows else {}


def _needed(step: dict[str, Any], sheet: Sheet) -> bool:
    """Say whether somebody else is looked for: nobody has it, or who was asked is late."""
    late = any(
        leg.answer_due_at is not None and leg.answer_due_at < sheet.card.now
        for leg in sheet.card.legs
        if leg.state in UNANSWERED
    )
    return step["step"] == Step.ADD_LEG or late


def _offer(each: Found) -> Offer:
    did = None
    if each.lately_sent:
        did = Behaviour(
            sent=each.lately_sent,
            answered=each.lately_answered or 0,
            accepted=each.lately_accepted or 0,
            answer_hours=each.answer_hours,
        )
    return Offer(
        service_id=each.id,
        capacity=each.capacity,
        capacity_age_days=each.capacity_age_days,
        no_capacity_until=each.no_capacity_until,
        languages=each.languages,
        area=each.area,
        behaviour=did,
    )


def _need(sheet: Sheet) -> Need:
    today = sheet.card.now.astimezone(staff.zone(sheet.card.zone)).date()
    who = sheet.identity
    return Need(
        language=who.language if who else "",
        places=frozenset(_places(who)) if who else frozenset(),
        today=today,
    )


def _places(who: Identity) -> list[str]:
    home = who.address
    given = (home.city, home.region, home.postal_code)
    return [place.strip().casefold() for place in given if place and place.strip()]


def _row(each: Ranked, found: Found, say: words.Say) -> dict[str, Any]:
    reasons = [
        words.word(say, reason, "next_reason")
        for reason in each.reasons
        if reason is not Reason.ANSWERS
    ]
    return {
        "service_id": str(found.id),
        "name": f"{found.organization}: {found.name}",
        "eligibility": found.eligibility,
        "room": staff_recipients.room(found, say),
        "reasons": [*reasons, *staff_recipients.did(found, say)],
    }
