"""What a step carries: codes, dates and flags; words travel apart from it, sealed."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec

from service.domain import calendars
from service.domain import outcome as codes
from service.domain.access import PROTECTED
from service.domain.facts import LegFacts, ReferralFacts
from service.domain.rules import Need, Rule

Code = Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9_]*$", max_length=40)]
"""A word of a list: what is stored in the clear has no room for a sentence about anybody."""

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
"""A moment with its offset; without one nobody knows when it is."""

Count = Annotated[int, msgspec.Meta(ge=0, le=10_000)]
"""A number of things somebody counted."""

MODALITIES = ("home", "in_person", "phone", "video")
CANCELLERS = ("patient", "recipient")


class Details(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The coded part of a step; `comment`, `items` and names are only told to be present."""

    reason: Code | None = None
    has_comment: bool = False
    has_items: bool = False
    has_owner_name: bool = False
    has_document: bool = False
    due_on: date | None = None
    expected_by: date | None = None
    owner_member_id: UUID | None = None
    no_capacity_until: date | None = None
    suggested_service_id: UUID | None = None
    recipients: int = 0
    waitlist_position: Count | None = None
    expected_on: date | None = None
    next_check_on: date | None = None
    next_report_on: date | None = None
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    time_zone: str | None = None
    site_id: UUID | None = None
    modality: Code | None = None
    language_help: Code | None = None
    by_whom: Code | None = None
    service_on: date | None = None
    outcome: Code | None = None
    need_met: Code | None = None
    patient_informed: bool = False
    disposition: Code | None = None
    reviewer_is_clinician: bool = False
    phone_handoff_at: Moment | None = None
    attempt_result: Code | None = None
    attempts: Count = 0
    organization_left: bool = False


class Gap(msgspec.Struct, frozen=True):
    """One thing a step should have carried: the field's name and what to put there."""

    field: str
    detail: str


_FIELDS: dict[Need, tuple[str, str, str]] = {
    Need.ITEMS: ("has_items", "items", "Say what is wanted or supplied, an item a line."),
    Need.DUE: ("due_on", "due_on", "Say by which day the answer is needed."),
    Need.OWNER_NAME: ("has_owner_name", "owner", "Name the person who takes this on."),
    Need.EXPECTED_BY: ("expected_by", "expected_by", "Say by which day something happens."),
    Need.REASON: ("reason", "reason", "Say why, as one of the coded reasons or a short word."),
    Need.RECIPIENT: ("recipients", "recipients", "Choose a service of the directory."),
    Need.DATE: ("service_on", "service_on", "Give the day the service began or happened."),
    Need.MISSING_PART: ("has_comment", "comment", "Say what is missing from the report."),
    Need.DOCUMENT: ("has_document", "document", "Add the document or the note."),
    Need.ATTEMPT: ("attempt_result", "attempt_result", "Say how the call went."),
}
"""Needs that one field fills: what is looked at, its name outside, and what to put there."""

Gaps = tuple[Gap, ...]


def gaps(rule: Rule, details: Details, *, referral: ReferralFacts, leg: LegFacts | None) -> Gaps:
    """List what this rule needs and these details lack; empty means the step may go on."""
    wrong = _astray(details)
    if wrong:
        return wrong
    return tuple(
        gap for need in rule.needs for gap in _gaps_of(need, details, referral=referral, leg=leg)
    )


YEARS = range(1900, 2101)
"""Reckoning with days beyond these would leave the calendar."""


def _astray(details: Details) -> Gaps:
    """Name what no step may carry, by whichever way it came: it is kept, and reckoned with."""
    fields = msgspec.structs.asdict(details)
    beyond = tuple(
        Gap(name, f"Give a day from {YEARS.start} to {YEARS.stop - 1}.")
        for name, value in fields.items()
        if isinstance(value, date) and value.year not in YEARS
    )
    zone = details.time_zone
    if zone is not None and not calendars.is_zone(zone):
        # Kept in the clear with whatever step it came: there must be no room for words.
        return (*beyond, Gap("time_zone", "Give a zone by its name, such as America/Los_Angeles."))
    return beyond


def _gaps_of(
    need: Need, details: Details, *, referral: ReferralFacts, leg: LegFacts | None
) -> Gaps:
    if need in _FIELDS:
        attribute, field, advice = _FIELDS[need]
        return () if getattr(details, attribute) else (Gap(field, advice),)
    return _CHECKS[need](details, referral, leg)


def _decline(details: Details, referral: ReferralFacts, leg: LegFacts | None) -> Gaps:
    return _reason(details, codes.DeclineReason, frozenset(codes.DeclineReason))


def _unable(details: Details, referral: ReferralFacts, leg: LegFacts | None) -> Gaps:
    return _reason(details, codes.UnableReason, codes.GIVE_UP_REASONS)


def _close(details: Details, referral: ReferralFacts, leg: LegFacts | None) -> Gaps:
    return _reason(details, codes.CloseReason, frozenset(codes.CloseReason))


def _position(details: Details, referral: ReferralFacts, leg: LegFacts | None) -> Gaps:
    known = details.waitlist_position or details.expected_on
    return () if known else (Gap("expected_on", "Give a position or an expected day."),)


def _start(details: Details, referral: ReferralFacts, leg: LegFacts | None) -> Gaps:
    if details.starts_at is None:
        return (Gap("starts_at", "Give the start with its offset."),)
    if details.ends_at is not None and details.ends_at < details.starts_at:
        return (Gap("ends_at", "Give an end that is not before the start."),)
    return ()


def _place(details: Details, referral: ReferralFacts, leg: LegFacts | None) -> Gaps:
    if details.modality in MODALITIES or (details.modality is None and details.site_id):
        return ()
    words = ", ".join(MODALITIES)
    return (Gap("modality", f"Say where: a site, or one of: {words}."),)


def _canceller(details: Details, referral: ReferralFacts, leg: LegFacts | None) -> Gaps:
    known = details.by_whom in CANCELLERS
    return () if known else (Gap("by_whom", "Say who cancelled: patient or recipient."),)


def _reason(details: Details, kind: type[codes.Coded], allowed: frozenset[codes.Coded]) -> Gaps:
    if details.reason not in {reason.value for reason in allowed}:
        words = ", ".join(sorted(reason.value for reason in allowed))
        return (Gap("reason", f"Choose one of: {words}."),)
    reason = kind(details.reason)
    return (*_comment(reason, details), *_attempts(reason, details))


def _comment(code: codes.Coded, details: Details) -> Gaps:
    if codes.needs_comment(code) and not details.has_comment:
        return (Gap("comment", "This reason says nothing without a sentence beside it."),)
    return ()


def _attempts(reason: codes.Coded, details: Details) -> Gaps:
    wanted = codes.attempts_needed(reason)
    if details.attempts < wanted:
        return (Gap("attempts", f"Record at least {wanted} contact attempts first."),)
    return ()


def _end_reason(details: Details, referral: ReferralFacts, leg: LegFacts | None) -> Gaps:
    if details.reason == codes.UnableReason.ORGANIZATION_LEFT:
        left = details.organization_left
        return () if left else (Gap("reason", "That organization has not left the network."),)
    if details.reason != codes.UnableReason.UNRESPONSIVE:
        return (Gap("reason", "Choose one of: organization_left, unresponsive."),)
    logged = leg.attempts if leg is not None else 0
    wanted = codes.attempts_needed(codes.UnableReason.UNRESPONSIVE)
    if logged < wanted:
        return (Gap("attempts", f"Log {wanted} attempts to reach them first; {logged} so far."),)
    return ()


def _outcome(details: Details, referral: ReferralFacts, leg: LegFacts | None) -> Gaps:
    if details.outcome in set(codes.Closure):
        return _closure(details, referral)
    if details.outcome not in {code.value for code in codes.Outcome}:
        words = ", ".join(code.value for code in codes.Outcome)
        return (Gap("outcome", f"Choose one of: {words}."),)
    if details.need_met not in {code.value for code in codes.NeedMet}:
        return (Gap("need_met", "Say whether the need was met: yes, partly, no or unknown."),)
    return _comment(codes.Outcome(details.outcome), details)


def _closure(details: Details, referral: ReferralFacts) -> Gaps:
    """Let protected care close its loop without a word: the note stays with who wrote it."""
    if referral.sensitivity not in PROTECTED:
        return (Gap("outcome", "Say what came of it; this answer is for protected care only."),)
    said = {
        "comment": details.has_comment,
        "document": details.has_document,
        "need_met": details.need_met not in (None, codes.NeedMet.UNKNOWN),
    }
    return tuple(
        Gap(name, "Leave it out with this answer.") for name, given in said.items() if given
    )


def _evidence(details: Details, referral: ReferralFacts, leg: LegFacts | None) -> Gaps:
    if details.outcome in set(codes.Closure):
        return ()
    if referral.evidence == "consult_note" and not details.has_document:
        return (Gap("document", "This service asks for a consult note with the outcome."),)
    return ()


def _consent(details: Details, referral: ReferralFacts, leg: LegFacts | None) -> Gaps:
    if referral.consent_basis is None:
        return (Gap("consent_basis", "Say on what basis the recipient may be told."),)
    return ()


def _reviewer(details: Details, referral: ReferralFacts, leg: LegFacts | None) -> Gaps:
    if referral.reviewer == "clinician" and not details.reviewer_is_clinician:
        return (Gap("reviewer", "A clinician of the sender reviews this kind of service."),)
    known = {each.value for each in codes.Disposition}
    if details.disposition is not None and details.disposition not in known:
        words = ", ".join(each.value for each in codes.Disposition)
        return (Gap("disposition", f"Leave it out, or choose one of: {words}."),)
    return ()


def _informed(details: Details, referral: ReferralFacts, leg: LegFacts | None) -> Gaps:
    told_elsewhere = {reason.value for reason in codes.PATIENT_NOT_TOLD}
    if details.patient_informed or details.reason in told_elsewhere:
        return ()
    return (Gap("patient_informed", "Tell the patient first, then say that you did."),)


_CHECKS: dict[Need, Callable[[Details, ReferralFacts, LegFacts | None], Gaps]] = {
    Need.CONSENT: _consent,
    Need.DECLINE_REASON: _decline,
    Need.UNABLE_REASON: _unable,
    Need.CLOSE_REASON: _close,
    Need.END_REASON: _end_reason,
    Need.OUTCOME: _outcome,
    Need.EVIDENCE: _evidence,
    Need.POSITION_OR_DATE: _position,
    Need.STARTS_AT: _start,
    Need.PLACE_OR_MODALITY: _place,
    Need.BY_WHOM: _canceller,
    Need.PATIENT_INFORMED: _informed,
    Need.REVIEWER: _reviewer,
}
"""Needs that take more than one field to fill."""
