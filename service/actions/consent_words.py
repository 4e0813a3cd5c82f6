"""A consent as it is written down: its words, its elements, and what it lacks.

Source: 42 CFR 2.31 (the elements of a Part 2 consent).
"""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec

from service.domain import consent as rules
from service.domain import policy, texts
from service.domain.outcome import ConsentBasis
from service.domain.people import SensitivityClass


class ConsentWords(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a consent says in words; sealed.

    `witness`: who heard a verbal one. `reason`: why an emergency was declared. As 42 CFR 2.31 asks
    of a Part 2 consent: `patient_name` as on the form, `discloser` who may tell, `description` what
    may be told, `told` who may be told, `how_to_revoke`, `expiry_event` where no date ends it, and
    `signed_by`.
    """

    witness: texts.Text = ""
    reason: texts.Text = ""
    patient_name: texts.Text = ""
    discloser: texts.Text = ""
    description: texts.Text = ""
    told: texts.Text = ""
    how_to_revoke: texts.Text = ""
    expiry_event: texts.Text = ""
    signed_by: texts.Text = ""

    def __repr__(self) -> str:
        return "<words of a consent>"


class NewConsent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A consent to be recorded; `document_sha256` is of the signed form, in hex."""

    basis: ConsentBasis
    classes: frozenset[SensitivityClass] = frozenset({SensitivityClass.GENERAL})
    to_org_ids: Annotated[tuple[UUID, ...], msgspec.Meta(max_length=50)] = ()
    purpose: policy.Purpose = policy.Purpose.TREATMENT
    signed_on: date
    expires_at: datetime | None = None
    document_sha256: texts.Line | None = None
    words: ConsentWords = ConsentWords()


_E = rules.Element


def elements_of(wish: NewConsent) -> frozenset[rules.Element]:
    """List which of the nine elements of a written consent this one has on record."""
    words = wish.words
    found = {
        _E.PATIENT: words.patient_name.strip(),
        _E.DISCLOSER: words.discloser.strip(),
        _E.INFORMATION: words.description.strip(),
        _E.RECIPIENTS: wish.to_org_ids,
        _E.PURPOSE: wish.purpose,
        _E.RIGHT_TO_REVOKE: words.how_to_revoke.strip(),
        _E.EXPIRATION: wish.expires_at or words.expiry_event.strip(),
        _E.SIGNATURE: words.signed_by.strip(),
        _E.DATE: wish.signed_on,
    }
    return frozenset(element for element, said in found.items() if said)


_ASKED: dict[rules.Element, tuple[str, str]] = {
    _E.PATIENT: ("words.patient_name", "Give the patient's name as it is on the form."),
    _E.DISCLOSER: ("words.discloser", "Say who may tell it, as the form names them."),
    _E.INFORMATION: (
        "words.description",
        "Describe what may be told, in the words of the form.",
    ),
    _E.RECIPIENTS: ("to_org_ids", "Name who may be told."),
    _E.PURPOSE: ("purpose", "Say what for."),
    _E.RIGHT_TO_REVOKE: ("words.how_to_revoke", "Say how the form lets the patient take it back."),
    _E.EXPIRATION: ("expires_at", "Give the day it ends, or words.expiry_event."),
    _E.SIGNATURE: ("words.signed_by", "Say who signed it."),
    _E.DATE: ("signed_on", "Give the day it was signed."),
}
"""What to put where, for each element that is missing."""


def faults_of(wish: NewConsent, *, now: datetime) -> list[dict[str, str]]:
    """List what a consent of this basis lacks."""
    return [
        {"field": field, "detail": detail}
        for lacks, field, detail in (*_of_shape(wish, now), *_of_basis(wish))
        if lacks
    ]


Check = tuple[bool, str, str]


def _of_shape(wish: NewConsent, now: datetime) -> tuple[Check, ...]:
    ended = wish.expires_at is not None and wish.expires_at <= now
    return (
        (not wish.classes, "classes", "Say which classes it covers."),
        (wish.signed_on > now.date(), "signed_on", "It cannot be signed in the future."),
        (ended, "expires_at", "Give a time to come."),
        (not _is_digest(wish.document_sha256), "document_sha256", "Give 64 hex digits."),
    )


def _of_basis(wish: NewConsent) -> tuple[Check, ...]:
    basis, words, has = wish.basis, wish.words, elements_of(wish)
    weak = [each for each in wish.classes if basis not in rules.BASES[each]]
    part2 = basis is ConsentBasis.PART2_CONSENT
    verbal = basis is ConsentBasis.VERBAL_WITNESSED
    emergency = basis is ConsentBasis.EMERGENCY
    return (
        (bool(weak), "basis", "Content of one of these classes needs a stronger basis."),
        (verbal and not words.witness.strip(), "words.witness", "Name who heard it."),
        (emergency and not words.reason.strip(), "words.reason", "Say why it is an emergency."),
        *((part2 and each not in has, *_ASKED[each]) for each in rules.Element),
    )


def _is_digest(text: str | None) -> bool:
    if text is None:
        return True
    return len(text) == 64 and all(letter in "0123456789abcdefABCDEF" for letter in text)
