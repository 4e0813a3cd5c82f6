"""What a step carries: codes, dates and flags; words travel apart from it, sealed."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from service.domain import outcome as codes
from service.domain.facts import LegFacts, ReferralFacts
from service.domain.rules import Need, Rule


class Details(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The coded part of a step; `comment`, `items` and names are only told to be present."""

    reason: str | None = None
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
    waitlist_position: int | None = None
    expected_on: date | None = None
    next_check_on: date | None = None
    next_report_on: date | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    time_zone: str | None = None
    site_id: UUID | None = None
    modality: str | None = None
    language_help: str | None = None
    by_whom: str | None = None
    service_on: date | None = None
    outcome: str | None = None
    need_met: str | None = None
    patient_informed: bool = False
    disposition: str | None = None
    reviewer_is_clinician: bool = False
    attempt_result: str | None = None
    attempts: int = 0
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
    Need.STARTS_AT: ("starts_at", "starts_at", "Give the start with its offset."),
    Need.BY_WHOM: ("by_whom", "by_whom", "Say who cancelled: patient or recipient."),
    Need.DATE: ("service_on", "service_on", "Give the day the service began or happened."),
    Need.MISSING_PART: ("has_comment", "comment", "Say what is missing from the report."),
    Need.DOCUMENT: ("has_document", "document", "Add the document or the note."),
    Need.ATTEMPT: ("attempt_result", "attempt_result", "Say how the call went."),
}


def gaps(
    rule: Rule, details: Details, *, referral: ReferralFacts, leg: LegFacts | None
) -> tuple[Gap, ...]:
    """List what this rule needs and these details lack; empty means the step may go on."""
    return tuple(
        gap for need in rule.needs for gap in _gaps_of(need, details, referral=referral, leg=leg)
    )


def _gaps_of(
    need: Need, details: Details, *, referral: ReferralFacts, leg: LegFacts | None
) -> tuple[Gap, ...]:
    if need in _FIELDS:
        attribute, field, advice = _FIELDS[need]
        return () if getattr(details, attribute) else (Gap(field, advice),)
    match need:
        case Need.DECLINE_REASON:
            return _reason(details, codes.DeclineReason, frozenset(codes.DeclineReason))
        case Need.UNABLE_REASON:
            return _reason(details, codes.UnableReason, codes.GIVE_UP_REASONS)
        case Need.CLOSE_REASON:
            return _reason(details, codes.CloseReason, frozenset(codes.CloseReason))
        case Need.END_REASON:
            return _end_reason(details, leg=leg)
        case Need.OUTCOME:
            return _outcome(details)
        case Need.EVIDENCE:
            return _evidence(details, referral=referral)
        case Need.CONSENT:
            return _consent(referral)
        case Need.REVIEWER:
            return _reviewer(details, referral=referral)
        case Need.PATIENT_INFORMED:
            return _informed(details)
        case Need.POSITION_OR_DATE:
            known = details.waitlist_position or details.expected_on
            return () if known else (Gap("expected_on", "Give a position or an expected day."),)
        case _:
            known = details.site_id or details.modality
            return () if known else (Gap("modality", "Say where: a site, or by phone or video."),)


def _reason(
    details: Details, kind: type[codes.Coded], allowed: frozenset[codes.Coded]
) -> tuple[Gap, ...]:
    if details.reason not in {reason.value for reason in allowed}:
        words = ", ".join(sorted(reason.value for reason in allowed))
        return (Gap("reason", f"Choose one of: {words}."),)
    reason = kind(details.reason)
    return (*_comment(reason, details), *_attempts(reason, details))


def _comment(code: codes.Coded, details: Details) -> tuple[Gap, ...]:
    if codes.needs_comment(code) and not details.has_comment:
        return (Gap("comment", "This reason says nothing without a sentence beside it."),)
    return ()


def _attempts(reason: codes.Coded, details: Details) -> tuple[Gap, ...]:
    wanted = codes.attempts_needed(reason)
    if details.attempts < wanted:
        return (Gap("attempts", f"Record at least {wanted} contact attempts first."),)
    return ()


def _end_reason(details: Details, *, leg: LegFacts | None) -> tuple[Gap, ...]:
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


def _outcome(details: Details) -> tuple[Gap, ...]:
    if details.outcome not in {code.value for code in codes.Outcome}:
        words = ", ".join(code.value for code in codes.Outcome)
        return (Gap("outcome", f"Choose one of: {words}."),)
    if details.need_met not in {code.value for code in codes.NeedMet}:
        return (Gap("need_met", "Say whether the need was met: yes, partly, no or unknown."),)
    return _comment(codes.Outcome(details.outcome), details)


def _evidence(details: Details, *, referral: ReferralFacts) -> tuple[Gap, ...]:
    if referral.evidence == "consult_note" and not details.has_document:
        return (Gap("document", "This service asks for a consult note with the outcome."),)
    return ()


def _consent(referral: ReferralFacts) -> tuple[Gap, ...]:
    if referral.consent_basis is None:
        return (Gap("consent_basis", "Say on what basis the recipient may be told."),)
    return ()


def _reviewer(details: Details, *, referral: ReferralFacts) -> tuple[Gap, ...]:
    if referral.reviewer == "clinician" and not details.reviewer_is_clinician:
        return (Gap("reviewer", "A clinician of the sender reviews this kind of service."),)
    return ()


def _informed(details: Details) -> tuple[Gap, ...]:
    told_elsewhere = {reason.value for reason in codes.PATIENT_NOT_TOLD}
    if details.patient_informed or details.reason in told_elsewhere:
        return ()
    return (Gap("patient_informed", "Tell the patient first, then say that you did."),)
