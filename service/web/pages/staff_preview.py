"""What each recipient will see of a referral, and when: shown to the sender before it leaves.

The stages are those of the product: nothing but who asks by e-mail, a neutral card behind the link
and its code, whom it is about only for people who say who they are. Source: links.md 5 to 8.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from service import faults
from service.actions import keep_session
from service.domain.access import PROTECTED
from service.domain.patient import Identity
from service.domain.people import Channel, Priority, SensitivityClass
from service.store.directory import Found
from service.web import desk, guards
from service.web.desk import Asked
from service.web.pages import staff_order

Row = tuple[str, Any]
"""A field's code and what stands there; a bool is a yes, a tuple several."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What leaves: as somebody has typed it by now; nothing of it is stored."""

    sender: str
    urgency: str
    question: str
    narrative: str
    sensitivity: SensitivityClass
    requested_by: date | None
    identity: Identity | None

    def __repr__(self) -> str:
        return "<what is told>"


async def of_form(
    request: Asked, form: dict[str, str], services: Sequence[Found]
) -> dict[str, Any]:
    """Spell it for a page out of what is typed by now; with an error where nobody is chosen."""
    errors: dict[str, str] = {}
    chosen = [staff_order.uuid(form, name, errors) for name in ("service_id", "second_service_id")]
    named = [each for each in chosen if each is not None]
    if not named:
        return {"errors": {"service_id": "missing"}} if form.get("preview") else {}
    office, actor = desk.of(request).office, guards.actor(request)
    current = await keep_session.current(office, actor)
    sensitivity = form.get("sensitivity", "")
    told = Told(
        sender=current.member.public_name,
        urgency=staff_order.one(form, "urgency", errors, allowed=Priority, default="routine"),
        question=form.get("question", "").strip(),
        narrative=form.get("narrative", "").strip(),
        sensitivity=SensitivityClass(sensitivity)
        if sensitivity in set(SensitivityClass)
        else SensitivityClass.GENERAL,
        requested_by=staff_order.day(form, "requested_by", errors),
        identity=await _identity(request, form),
    )
    return {"seen": of_each(told, services, named)}


async def _identity(request: Asked, form: dict[str, str]) -> Identity | None:
    patient_id = staff_order.uuid(form, "patient_id", {})
    if patient_id is None:
        return staff_order.identity_of(form, {})
    try:
        found = await staff_order.patient(
            desk.of(request).office, guards.actor(request), patient_id
        )
    except faults.Missing:
        return None
    return found.identity


def of_each(told: Told, services: Sequence[Found], chosen: Sequence[UUID]) -> list[dict[str, Any]]:
    """Spell for each recipient that was chosen what it sees, stage by stage."""
    known = {each.id: each for each in services}
    return [
        {"recipient": found.organization, "stages": _stages(told, found)}
        for each in dict.fromkeys(chosen)
        if (found := known.get(each)) is not None
    ]


def _stages(told: Told, found: Found) -> list[dict[str, Any]]:
    protected = told.sensitivity in PROTECTED
    if found.channel == Channel.OFFLINE:
        return [_stage("by_phone", _neutral(told, found))]
    by_link = found.channel == Channel.LINK
    first = _stage(
        "by_mail", [("sender", told.sender if by_link else ""), ("urgency", told.urgency)]
    )
    if by_link:
        last = _stage("never" if protected else "with_pin", [] if protected else _whole(told))
        return [first, _stage("with_code", _neutral(told, found)), last]
    return [first, _stage("clinicians" if protected else "signed_in", _whole(told))]


def _stage(when: str, rows: list[Row]) -> dict[str, Any]:
    return {"when": when, "rows": [(name, value) for name, value in rows if value]}


def _neutral(told: Told, found: Found) -> list[Row]:
    who = told.identity
    return [
        ("sender", told.sender),
        ("help", found.name),
        ("area", ", ".join(found.area)),
        ("language", who.language if who else ""),
        ("urgency", told.urgency),
    ]


def _whole(told: Told) -> list[Row]:
    who = told.identity
    about: list[Row] = []
    if who is not None:
        about = [
            ("patient", " ".join((*who.name.given, who.name.family))),
            ("born", who.birth_date),
            ("phone", ", ".join(who.phones)),
            ("language", who.language),
        ]
    return [
        *about,
        ("question", told.question),
        ("story", told.narrative),
        ("requested_by", told.requested_by),
    ]
