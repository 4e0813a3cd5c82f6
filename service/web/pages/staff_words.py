"""What the page of a referral says, out of the sheet its reader may see."""

from datetime import timedelta
from typing import Any

import msgspec

from service.actions import form_drafts, open_now
from service.actions.open_now import OpenStep
from service.actions.read_referral import Sheet
from service.domain import notices, policy
from service.domain.access import PROTECTED
from service.domain.outcome import Closure
from service.domain.people import Actor
from service.domain.rules import Step
from service.store.reading import HistoryRow, LegCard
from service.web.pages import patient_words, staff, step_fields
from service.web.pages.step_fields import Field
from templates import words

Options = list[tuple[str, str]]

_FIRST = (Step.UNDO, Step.RECALL)
"""What can only be done for a while comes before what can wait."""

_LAST = (Step.VOID,)
"""What is hardly ever meant comes after all else."""

_LATER = {"expected_by": 2, "due_on": 3, "service_on": 0, "written_on": 0}
"""Days from today that a date field begins with."""

_REASONS = ("reason", "decline", "unable", "close")


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a step's form stands: what it is about and whose part it is."""

    key: str
    href: str
    seen: int
    leg: str = ""
    on_behalf: bool = False

    def draft(self, step: str) -> str:
        """Name the place under which what is typed here is kept."""
        said = {"act": step, "on_behalf": "yes" if self.on_behalf else ""}
        return form_drafts.place_of(self.href, said)


class Typed(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody typed into one form that was not taken, and why."""

    key: str
    form: dict[str, str]
    errors: dict[str, str]


class Reader(msgspec.Struct, frozen=True, kw_only=True):
    """Who reads: how to say a text, their name, the services they may send to."""

    say: words.Say
    language: str
    actor: Actor
    name: str
    services: Options = []
    colleagues: tuple[str, ...] = ()
    sites: Options = []


def open_of(actor: Actor, sheet: Sheet) -> list[tuple[OpenStep, Place]]:
    """List every step that is open to this reader, with the place of its form."""
    picture = sheet.picture
    if picture is None:
        return []
    card = sheet.card
    where = Place(key="r", href=f"/referrals/{card.id}/steps", seen=picture.facts.version)
    found = [(step, where) for step in open_now.on_referral(actor, picture)]
    named = {leg.id: leg.recipient for leg in card.legs}
    for leg in picture.facts.legs:
        if leg.id not in named:
            continue
        place = Place(
            key=str(leg.id), href=f"/legs/{leg.id}/steps", seen=leg.version, leg=named[leg.id]
        )
        found += [(step, place) for step in open_now.on_leg(actor, picture, leg)]
        behalf = msgspec.structs.replace(place, on_behalf=True)
        found += [(step, behalf) for step in open_now.for_recipient(actor, picture, leg)]
    return sorted(
        found,
        key=lambda each: (
            each[0].step not in _FIRST,
            each[0].step in _LAST,
            each[1].on_behalf,
        ),
    )


def key_of(place: Place, step: str) -> str:
    """Name one form of the page, so that what was typed finds it again."""
    return f"{place.key}/{step}" + ("/on_behalf" if place.on_behalf else "")


def step_of(
    step: OpenStep, place: Place, sheet: Sheet, reader: Reader, *, typed: Typed | None
) -> dict[str, Any]:
    """Spell the form of one step, with what was typed where it is the one that failed."""
    key = key_of(place, step.step)
    failed = typed is not None and typed.key == key
    fields = step_fields.fields_of(Step(step.step), on_behalf=place.on_behalf)
    values = typed.form if typed is not None and failed else _start(fields, sheet, reader, place)
    return {
        "key": key,
        "step": step.step,
        "href": place.href,
        "seen": place.seen,
        "leg": place.leg,
        "on_behalf": place.on_behalf,
        "failed": failed,
        "nonce": staff.nonce(),
        "until": _until(step, sheet),
        "fields": [
            _field(each, values, reader, sheet) for each in fields if _asked(each, sheet, reader)
        ],
    }


def _until(step: OpenStep, sheet: Sheet) -> Any:
    held = sheet.order.hold_until if sheet.order is not None else None
    return staff.local(held, sheet.card.zone) if step.step == Step.RECALL else None


def _asked(field: Field, sheet: Sheet, reader: Reader) -> bool:
    if field.kind == "site":
        return bool(reader.sites)
    if field.name == "called":
        return sheet.card.priority == "emergent"
    if field.name == "override_reason":
        return sheet.card.capacity == "sender"
    if field.name in ("note", "author", "written_on"):
        return sheet.order is None or sheet.order.evidence != "none"
    return True


def _start(fields: tuple[Field, ...], sheet: Sheet, reader: Reader, place: Place) -> dict[str, str]:
    """Fill in what is most likely, for dates and for oneself."""
    card = sheet.card
    today = card.now.astimezone(staff.zone(card.zone)).date()
    values = {
        field.name: (today + timedelta(days=_LATER[field.name])).isoformat()
        for field in fields
        if field.name in _LATER
    }
    if not place.on_behalf:
        values |= {"owner_name": reader.name, "author": reader.name}
    return values


def _field(field: Field, values: dict[str, str], reader: Reader, sheet: Sheet) -> dict[str, Any]:
    kind = {"service": "select", "site": "select", "number": "text"}.get(field.kind, field.kind)
    options = reader.services if field.kind == "service" else []
    if field.kind == "site":
        options = reader.sites
    if field.kind == "colleague":
        options = [(name, name) for name in reader.colleagues]
    if field.options:
        options = [(code, words.word(reader.say, code, field.group)) for code in field.options]
    if field.name == "outcome" and sheet.card.sensitivity in PROTECTED:
        options += [(code, words.word(reader.say, code, "closure")) for code in Closure]
    return {
        "name": field.name,
        "label": words.word(reader.say, field.name, "field"),
        "kind": kind,
        "options": options,
        "value": values.get(field.name, ""),
        "numeric": field.kind == "number",
    }


def kept(typed: Typed, reader: Reader) -> list[tuple[str, str]]:
    """List what was typed into a form that is not there any more, so that nothing is lost."""
    step = Step(typed.form["act"])
    fields = step_fields.fields_of(step, on_behalf=typed.form.get("on_behalf") == "yes")
    return [
        (words.word(reader.say, field.name, "field"), typed.form[field.name])
        for field in fields
        if typed.form.get(field.name, "").strip() and field.kind in ("text", "textarea", "tel")
    ]


def since(typed: Typed, sheet: Sheet, reader: Reader) -> list[dict[str, Any]]:
    """Spell what happened after the page was opened whose form came too late."""
    last = typed.form.get("last", "")
    if not (last.isascii() and last.isdigit() and len(last) < 8):
        return []
    return [event_of(row, sheet, reader) for row in sheet.history if row.seq > int(last)]


def referral_of(sheet: Sheet, reader: Reader) -> dict[str, Any]:
    """Spell the head of the page."""
    card, package, who = sheet.card, sheet.package or {}, sheet.identity
    head: dict[str, Any] = {
        "reference": card.reference,
        "id": str(card.id),
        "state": card.state,
        "created_at": staff.local(card.created_at, card.zone),
        "patient_name": " ".join((*who.name.given, who.name.family)) if who else "",
        "urgency": "routine",
    }
    if sheet.stage_only:
        return head | {"stage_only": True}
    return head | {
        "urgency": card.priority,
        "sender": card.sender,
        "birth_date": who.birth_date if who else None,
        "phones": list(who.phones) if who else [],
        "language": who.language if who else "",
        "service": ", ".join(sorted({leg.service or "" for leg in card.legs} - {""})),
        "question": package.get("question", ""),
        "narrative": package.get("narrative", ""),
        "reasons": ", ".join(package.get("reason_codes", ())),
        "consent": sheet.order.consent_basis if sheet.order else None,
        "owner": card.owner,
        "notice": notices.NOTICE if sheet.notice else "",
        "scope": patient_words.scope_of(sheet, reader.say) if sheet.notice else "",
        "broken": sheet.broken_glass is not None,
        "patient_href": patient_words.page_of(
            sheet, reader.actor, "disclosures", policy.Action.DISCLOSURE_LIST
        ),
        "contacts_href": patient_words.page_of(
            sheet, reader.actor, "contacts", policy.Action.PATIENT_READ
        ),
        "consents_href": patient_words.page_of(
            sheet, reader.actor, "consents", policy.Action.CONSENT_LIST
        ),
        "gone": bool(sheet.gone),
        "disposition": card.disposition or "",
    }


def leg_of(leg: LegCard, sheet: Sheet, reader: Reader) -> dict[str, Any]:
    """Spell one recipient's part."""
    met = words.word(reader.say, leg.need_met, "need_met") if leg.need_met else ""
    due = leg.answer_due_at if leg.state in ("sent", "received") else None
    return {
        "recipient": leg.recipient,
        "service": leg.service or "",
        "state": leg.state,
        "owner": leg.owner or "",
        "due": staff.local(due, sheet.card.zone),
        "appointment": staff.local(leg.appointment_at, sheet.card.zone),
        "expected_by": leg.expected_by,
        "reason": reason(leg.reason, reader.say),
        "outcome": _outcome(leg.outcome, reader),
        "need_met": met,
        "people_href": _people_of(leg, sheet, reader),
    }


def _outcome(code: str | None, reader: Reader) -> str:
    if not code:
        return ""
    return words.word(reader.say, code, "closure" if code in set(Closure) else "outcome")


def _people_of(leg: LegCard, sheet: Sheet, reader: Reader) -> str:
    """Lead to the people a recipient without accounts named, who call when a PIN is forgotten."""
    if leg.channel != "link" or sheet.card.capacity not in ("sender", "cco"):
        return ""
    may = policy.ever(reader.actor, policy.Action.LINK_CONFIRM)
    return f"/organizations/{leg.org_id}/people" if may else ""


def reason(code: str | None, say: words.Say) -> str:
    """Give the words for a coded reason, from whichever list it is of."""
    if not code:
        return ""
    group = next((each for each in _REASONS if code in words.WORDS[each]), "reason")
    return words.word(say, code, group)


def event_of(row: HistoryRow, sheet: Sheet, reader: Reader) -> dict[str, Any]:
    """Spell one line of history with its words."""
    named = {leg.id: leg.recipient for leg in sheet.card.legs}
    said = sheet.words.get(row.content_id) or {} if row.content_id else {}
    lines = [reason(row.reason, reader.say), said.get("comment"), *said.get("items", ())]
    lines += [said.get("owner_name"), said.get("owner_phone")]
    return {
        "at": staff.local(row.happened_at, sheet.card.zone),
        "what": words.word(
            reader.say, row.step, "event" if row.step in words.WORDS["event"] else "step"
        ),
        "leg": named.get(row.leg_id, "") if row.leg_id else "",
        "who": ", ".join(part for part in (row.actor, row.actor_org) if part),
        "source": words.word(reader.say, row.source, "source") if row.on_behalf else "",
        "spoke_to": said.get("spoke_to", ""),
        "on_behalf": row.on_behalf,
        "comment": "\n".join(line for line in lines if line),
    }
