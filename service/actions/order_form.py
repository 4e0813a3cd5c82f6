"""The order as a sender writes it: what it may say, what is wrong with it, its clear columns."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from service.actions import admission
from service.domain import people
from service.domain.facts import ReferralFacts
from service.domain.outcome import ConsentBasis
from service.domain.people import SensitivityClass, Source
from service.store import rows

Newcomers = tuple[admission.Newcomer, ...]
Wrong = tuple[str, str]
"""A field, and what to put there."""


class ExternalId(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An id that another system gave: the system's name or address, and the value."""

    system: str
    value: str


class NewReferral(msgspec.Struct, frozen=True, kw_only=True):
    """An order as a sender writes it; words are sealed, codes and dates stay clear.

    `sent_at`: when it had been sent by other ways, before it was kept here; clocks run from now.
    """

    patient_id: UUID
    service_ids: tuple[UUID, ...]
    question: str
    narrative: str = ""
    reason_codes: tuple[str, ...] = ()
    code_system: str | None = None
    code: str | None = None
    request: people.Request = people.Request.CONSULT
    priority: people.Priority = people.Priority.ROUTINE
    mode: people.Mode = people.Mode.FIRST_ACCEPTS
    sensitivity: SensitivityClass = SensitivityClass.GENERAL
    consent_basis: str | None = None
    consent_id: UUID | None = None
    override_reason: str | None = None
    phone_handoff_at: datetime | None = None
    ordering_npi: str | None = None
    ordering_name: str | None = None
    authorization_number: str | None = None
    authorization_state: str | None = None
    authorization_expires_on: date | None = None
    requested_by: date | None = None
    external_ids: tuple[ExternalId, ...] = ()
    send: bool = False
    sent_at: datetime | None = None
    thread_id: UUID | None = None
    source: Source = Source.API
    once: rows.OnceRow | None = None
    request_id: str | None = None


def check(wish: NewReferral, fresh: Newcomers) -> list[dict[str, str]]:
    """List what is wrong with an order: required fields are data of the service asked for."""
    found = [*_recipients(fresh), *_words(wish), *_required(wish, fresh), *_call(wish, fresh)]
    return [{"field": field, "detail": detail} for field, detail in found]


def changed(change: Any) -> list[dict[str, str]]:
    """List what is wrong with a change to a draft; a field that is None is not changed."""
    found: list[Wrong] = []
    if change.question is not None and not change.question.strip():
        found.append(("question", "Ask the question that is to be answered."))
    if change.consent_basis is not None and change.consent_basis not in set(ConsentBasis):
        found.append(("consent_basis", "Use one of: " + ", ".join(sorted(ConsentBasis)) + "."))
    if not all(_is_reason(code) for code in change.reason_codes or ()):
        found.append(("reason_codes", "Use billable ICD-10-CM codes, such as Z59.41."))
    return [{"field": field, "detail": detail} for field, detail in found]


def _recipients(fresh: Newcomers) -> Iterator[Wrong]:
    if not fresh:
        yield "recipients", "Choose at least one service of the directory."
    if len({newcomer.row.category for newcomer in fresh}) > 1:
        yield "recipients", "One referral asks for one kind of service; write another for others."


def _words(wish: NewReferral) -> Iterator[Wrong]:
    if not wish.question.strip():
        yield "question", "Ask the question that is to be answered."
    if wish.ordering_npi is not None and not people.is_npi(wish.ordering_npi):
        yield "ordering_npi", "Check the ten digits; the last one does not fit the others."
    if wish.consent_basis is not None and wish.consent_basis not in set(ConsentBasis):
        yield "consent_basis", "Use one of: " + ", ".join(sorted(ConsentBasis)) + "."
    if not all(_is_reason(code) for code in wish.reason_codes):
        yield "reason_codes", "Use billable ICD-10-CM codes, such as Z59.41."


def _is_reason(code: str) -> bool:
    spelled = people.icd10cm(code)
    return spelled is not None and people.is_billable(spelled)


def _required(wish: NewReferral, fresh: Newcomers) -> Iterator[Wrong]:
    wanted = {field for newcomer in fresh for field in newcomer.row.required}
    for field in sorted(wanted):
        if not getattr(wish, field, None):
            yield field, "This kind of service asks for it."


def _call(wish: NewReferral, fresh: Newcomers) -> Iterator[Wrong]:
    told = [newcomer.row for newcomer in fresh]
    if wish.send and wish.phone_handoff_at is None and admission.needs_call(wish.priority, told):
        yield "phone_handoff_at", admission.CALL_FIRST


def package(wish: NewReferral) -> dict[str, Any]:
    """Gather the words of the order; everything here is sealed."""
    codes = [people.icd10cm(code) for code in wish.reason_codes]
    return {
        "question": wish.question,
        "narrative": wish.narrative,
        "reason_codes": [code for code in codes if code is not None],
        "authorization_number": wish.authorization_number,
    }


def columns(
    wish: NewReferral, facts: ReferralFacts, *, typed_by: UUID, category: str
) -> dict[str, Any]:
    """Spell the referral's clear columns."""
    return {
        "id": facts.id,
        "reference": facts.reference,
        "sender_org_id": facts.sender_org_id,
        "patient_id": wish.patient_id,
        "cco_org_id": facts.cco_org_id,
        "typed_by_member_id": typed_by,
        "ordering_npi": wish.ordering_npi,
        "ordering_name": wish.ordering_name,
        "category": category,
        "code_system": wish.code_system,
        "code": wish.code,
        "request": wish.request,
        "priority": wish.priority,
        "mode": wish.mode,
        "class": wish.sensitivity,
        "pattern": facts.pattern,
        "reviewer": facts.reviewer,
        "evidence": facts.evidence,
        "consent_basis": facts.consent_basis,
        "consent_id": wish.consent_id,
        "phone_handoff_at": wish.phone_handoff_at,
        "authorization_state": wish.authorization_state,
        "authorization_expires_on": wish.authorization_expires_on,
        "requested_by": wish.requested_by,
        "owner_org_id": facts.owner_org_id,
        "owner_member_id": facts.owner_member_id,
    }
