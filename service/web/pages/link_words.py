"""What the pages of a visit say, out of what the actions read."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from crypto import token
from service import clock
from service.actions.link_visit import Visit
from service.actions.read_card import Card
from service.actions.read_details import Details
from service.domain import leg as legs
from service.domain.rules import Step
from service.web import desk, visits
from service.web.desk import Asked

FORM = "visit"
"""What a nonce of these pages is good for: any form of the same visit, once."""

_IN_TOUCH_DAYS = 2
_FILLED = "filled"


async def nonce(request: Asked) -> str:
    """Make the nonce of one showing of a page; it also names the act, so a form is sent once."""
    key = await desk.of(request).office.keys.network_key("form")
    secret = visits.of(request).secret
    return token.form_nonce(key, session=secret, form=FORM, at=clock.unix_seconds())


async def is_fresh(request: Asked, given: str) -> bool:
    """Say whether a nonce is of this visit and at most an hour old."""
    key = await desk.of(request).office.keys.network_key("form")
    secret = visits.of(request).secret
    return token.check_form_nonce(key, given, session=secret, form=FORM, at=clock.unix_seconds())


def local(visit: Visit, moment: datetime | None) -> datetime | None:
    """Give a moment in the office's own time."""
    return moment.astimezone(ZoneInfo(visit.time_zone)) if moment is not None else None


def today(visit: Visit) -> datetime:
    """Give the office's own day and time, in real time."""
    return clock.real_now().astimezone(ZoneInfo(visit.time_zone))


def is_over(card: Card) -> bool:
    """Say whether nothing is left to do or to undo."""
    return card.row.state in legs.TERMINAL and not card.acts


def contact(card: Card) -> dict[str, Any]:
    """Whom to call, by the name the public knows."""
    return {"sender_name": card.row.sender_name, "sender_phone": card.row.sender_phone or ""}


def ended(card: Card | None) -> dict[str, Any]:
    """Why there is nothing to do."""
    if card is None:
        return {"why": "closed"}
    why = "cancelled" if card.row.state == legs.LegState.CANCELLED else "closed"
    if card.last_step == _FILLED:
        why = "filled"
    return {"why": why, "reference": card.row.reference, **contact(card)}


def card(found: Card, visit: Visit, *, nonce: str) -> dict[str, Any]:
    """Spell the neutral card."""
    row = found.row
    unanswered = row.state in legs.UNANSWERED
    return {
        "reference": row.reference,
        "help": row.help.replace("_", " "),
        "area": ", ".join(row.area),
        "spoken": row.spoken,
        "urgency": row.priority,
        "due": local(visit, row.answer_due_at) if unanswered else None,
        "state": row.state,
        "acts": [str(step) for step in found.acts],
        "open_items": row.open_items,
        "counter": not unanswered,
        "asked": row.state == legs.LegState.NEEDS_INFO or row.ask_open,
        "nonce": nonce,
        "wrong_mailbox": visit.public_name,
        **contact(found),
    }


def form(found: Card, visit: Visit, step: Step) -> dict[str, Any]:
    """Spell what the form of a step says before anybody typed."""
    said: dict[str, Any] = {"reference": found.row.reference, **contact(found)}
    if step in {Step.ACCEPT, Step.ASK}:
        day = today(visit).date() + timedelta(days=_IN_TOUCH_DAYS)
        said["values"] = {"expected_by" if step is Step.ACCEPT else "due": day.isoformat()}
    return said


def details(found: Card, visit: Visit, opened: Details) -> dict[str, Any]:
    """Spell whom it is about and what is told, for one person's screen."""
    booked = opened.booked
    appointment = None
    if booked is not None:
        appointment = {"starts_at": local(visit, booked.starts_at), "place": ""}
    return {
        "reference": found.row.reference,
        "state": found.row.state,
        "acts": [str(step) for step in found.acts],
        "viewer": opened.viewer,
        "patient": _patient(opened),
        "question": opened.question,
        "narrative": opened.narrative,
        "answers": [{"asked": each.asked, "given": each.given} for each in opened.answers],
        "appointment": appointment,
        **contact(found),
    }


def _patient(opened: Details) -> dict[str, Any]:
    who = opened.identity
    home = who.address
    town = " ".join(part for part in (home.region, home.postal_code) if part)
    return {
        "name": " ".join((*who.name.given, who.name.family)),
        "call_as": who.call_as or "",
        "birth_date": who.birth_date,
        "phones": list(who.phones),
        "email": who.email or "",
        "address": ", ".join(part for part in (home.street, home.city, town) if part),
        "language": who.language,
        "interpreter": who.interpreter,
    }


def done(found: Card, visit: Visit, *, act: str, nonce: str) -> dict[str, Any]:
    """Spell the confirmation of what was done."""
    return {
        "reference": found.row.reference,
        "act": act,
        "nonce": nonce,
        "undo_until": local(visit, found.undo_until),
    }
