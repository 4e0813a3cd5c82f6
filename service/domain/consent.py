"""Whether a sender may tell a recipient something of a class, and on which basis.

Every check answers a refusal or None. Source: 45 CFR 164.506, 42 CFR 2.31 to 2.33 and 2.51, and
the design's rule that link-only organizations never receive part2 or psychotherapy content.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

import msgspec

from service.domain.outcome import ConsentBasis
from service.domain.people import Channel, SensitivityClass

EXPIRY_NOTICE = timedelta(days=30)
"""How long before a consent expires somebody is asked to renew it."""


class Refusal(StrEnum):
    """Why content of this class may not go to this recipient."""

    NO_CONSENT = "no_consent"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    BASIS_TOO_WEAK = "basis_too_weak"
    CLASS_NOT_COVERED = "class_not_covered"
    RECIPIENT_NOT_NAMED = "recipient_not_named"
    RECIPIENT_NOT_COVERED = "recipient_not_covered"
    WITNESS_MISSING = "witness_missing"
    ELEMENTS_MISSING = "elements_missing"
    OVERRIDE_NOT_RECORDED = "override_not_recorded"
    LINK_NEVER_PROTECTED = "link_never_protected"
    PUBLIC_NAME_MISSING = "public_name_missing"


class Element(StrEnum):
    """What must be on a written consent under Part 2. Source: 42 CFR 2.31(a)(1) to (9)."""

    PATIENT = "patient"
    DISCLOSER = "discloser"
    INFORMATION = "information"
    RECIPIENTS = "recipients"
    PURPOSE = "purpose"
    RIGHT_TO_REVOKE = "right_to_revoke"
    EXPIRATION = "expiration"
    SIGNATURE = "signature"
    DATE = "date"


ELEMENTS = frozenset(Element)
"""All nine; a Part 2 consent that lacks one carries nothing."""


class Discloser(msgspec.Struct, frozen=True, kw_only=True):
    """The sender, as far as disclosing goes."""

    part2_program: bool = False
    public_name: str = ""


class Receiver(msgspec.Struct, frozen=True, kw_only=True):
    """The recipient: how it is reached; `covered` by HIPAA as an entity or business associate."""

    channel: Channel
    covered: bool


class Consent(msgspec.Struct, frozen=True, kw_only=True):
    """What allows it, as recorded.

    `elements` says that all that 42 CFR 2.31 asks for is on the form, `witness` who heard a verbal
    one, `override_reason` why an emergency was declared.
    """

    basis: ConsentBasis
    classes: frozenset[SensitivityClass] = frozenset({SensitivityClass.GENERAL})
    names_recipient: bool = False
    witness: bool = False
    elements: bool = False
    override_reason: bool = False
    expires_at: datetime | None = None
    withdrawn_at: datetime | None = None


_C, _B = SensitivityClass, ConsentBasis

BASES: dict[SensitivityClass, frozenset[ConsentBasis]] = {
    _C.GENERAL: frozenset(_B),
    _C.BEHAVIORAL: frozenset(_B),
    _C.SOCIAL_SENSITIVE: frozenset(_B),
    _C.PSYCHOTHERAPY: frozenset({_B.SIGNED_FORM, _B.EMERGENCY}),
    _C.PART2: frozenset({_B.PART2_CONSENT, _B.EMERGENCY}),
}
"""Which bases can carry a class at all; a word of mouth never carries part2."""

_BY_LINK_OR_PAPER = frozenset({Channel.LINK, Channel.OFFLINE})
_PROTECTED = frozenset({_C.PART2, _C.PSYCHOTHERAPY})

HEALED_BY_NOTHING = frozenset({Refusal.LINK_NEVER_PROTECTED, Refusal.PUBLIC_NAME_MISSING})
"""Refusals that no consent and no emergency heals."""


def bases_for(sensitivity: SensitivityClass, *, covered: bool) -> frozenset[ConsentBasis]:
    """List the bases a form may offer; treatment is one between covered entities only."""
    return BASES[sensitivity] - (frozenset() if covered else frozenset({_B.TREATMENT}))


def refusal(
    sender: Discloser,
    recipient: Receiver,
    *,
    sensitivity: SensitivityClass,
    consent: Consent | None,
    now: datetime,
) -> Refusal | None:
    """Say why this may not be sent, or None if it may."""
    found = _never(sender, recipient, sensitivity=sensitivity)
    if found is not None:
        return found
    if consent is None:
        return Refusal.NO_CONSENT
    if consent.basis not in BASES[sensitivity]:
        return Refusal.BASIS_TOO_WEAK
    return _ended(consent, now) or _unfit(consent, recipient, sensitivity=sensitivity)


def _never(
    sender: Discloser, recipient: Receiver, *, sensitivity: SensitivityClass
) -> Refusal | None:
    """Refuse what no consent can heal."""
    if sensitivity in _PROTECTED and recipient.channel in _BY_LINK_OR_PAPER:
        return Refusal.LINK_NEVER_PROTECTED
    # The name of a treatment program is itself a disclosure.
    if sender.part2_program and not sender.public_name and not recipient.covered:
        return Refusal.PUBLIC_NAME_MISSING
    return None


def _ended(consent: Consent, now: datetime) -> Refusal | None:
    if consent.withdrawn_at is not None and consent.withdrawn_at <= now:
        return Refusal.WITHDRAWN
    if consent.expires_at is not None and consent.expires_at <= now:
        return Refusal.EXPIRED
    return None


def _unfit(
    consent: Consent, recipient: Receiver, *, sensitivity: SensitivityClass
) -> Refusal | None:
    """Refuse a basis that lacks what makes it one."""
    match consent.basis:
        case ConsentBasis.TREATMENT if not recipient.covered:
            return Refusal.RECIPIENT_NOT_COVERED
        case ConsentBasis.VERBAL_WITNESSED if not consent.witness:
            return Refusal.WITNESS_MISSING
        case ConsentBasis.PART2_CONSENT if not consent.elements:
            return Refusal.ELEMENTS_MISSING
        case ConsentBasis.EMERGENCY if not consent.override_reason:
            return Refusal.OVERRIDE_NOT_RECORDED
        # Medical personnel, and nobody else (42 CFR 2.51, 45 CFR 164.512(j)).
        case ConsentBasis.EMERGENCY if sensitivity in _PROTECTED and not recipient.covered:
            return Refusal.RECIPIENT_NOT_COVERED
        case _:
            return _outside(consent, sensitivity)


def _outside(consent: Consent, sensitivity: SensitivityClass) -> Refusal | None:
    if consent.basis is ConsentBasis.TREATMENT:
        return None
    if sensitivity not in consent.classes:
        return Refusal.CLASS_NOT_COVERED
    if sensitivity in _PROTECTED and not consent.names_recipient:
        return Refusal.RECIPIENT_NOT_NAMED
    return None


def renewal_due(consent: Consent) -> datetime | None:
    """Say when somebody should ask for a renewal, or None where nothing expires."""
    return None if consent.expires_at is None else consent.expires_at - EXPIRY_NOTICE


def carries_notice(sensitivity: SensitivityClass, consent: Consent) -> bool:
    """Say whether the redisclosure notice goes with it: part2 content disclosed by consent."""
    return sensitivity is SensitivityClass.PART2 and consent.basis is ConsentBasis.PART2_CONSENT


AGES_OF_CONSENT = (14, 15, 18)
"""From which birthdays on patients consent for themselves: to outpatient mental health and
substance use treatment, to medical care, to all. Source: ORS 109.675, 109.640, 109.510."""


def consent_reviews(birth_date: date, *, day: date) -> tuple[tuple[int, datetime], ...]:
    """List the ages of consent still to come, each with when somebody should look at the consents.

    It is the first of the month after the birthday: what is stored in the clear must not tell the
    day of birth, and says nothing at all of grown-ups.
    """
    found: list[tuple[int, datetime]] = []
    for age in AGES_OF_CONSENT:
        months = (birth_date.year + age) * 12 + birth_date.month
        due = datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC)
        if due.date() > day:
            found.append((age, due))
    return tuple(found)


def may_tell(classes: Iterable[str], sensitivity: SensitivityClass) -> bool:
    """Say whether a contact who may be told of these classes may hear of this one.

    No class stands in for another, general included: a guardian who hears of a bus ticket does not
    hear of a clinic, and the other way round.
    """
    return sensitivity in {SensitivityClass(value) for value in classes}
