"""Record what a patient allows, list it, and take it back when the patient does.

Source: 45 CFR 164.506 and 164.508, 42 CFR 2.31 (the elements of a Part 2 consent).
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec

from crypto.sealed import Place
from service import faults
from service.actions import permission
from service.actions.create_patient import note
from service.actions.office import Office
from service.domain import consent as rules
from service.domain import ids, policy, texts
from service.domain.outcome import ConsentBasis
from service.domain.people import Actor, SensitivityClass
from service.store import audit, consents, patients
from service.store import pool as pools
from service.store.consents import ConsentRow, NewConsentRow
from service.store.pool import Scope


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


class KeptConsent(msgspec.Struct, frozen=True, kw_only=True):
    """A consent as its own organization sees it."""

    id: UUID
    basis: str
    classes: tuple[str, ...]
    to_org_ids: tuple[UUID, ...]
    purpose: str
    signed_on: date
    expires_at: datetime | None
    withdrawn_at: datetime | None
    document_sha256: str | None
    words: ConsentWords
    elements: tuple[str, ...]
    ends_with_event: bool
    ended_why: str | None
    recorded_by_member_id: UUID | None
    recorded_at: datetime

    def __repr__(self) -> str:
        return f"<consent {self.id}>"


async def record_consent(
    office: Office, actor: Actor, *, patient_id: UUID, wish: NewConsent
) -> UUID:
    """Check and store a consent and return its id; raises Invalid, Missing, Refused."""
    org_id, member_id = permission.own(actor, policy.Action.CONSENT_RECORD)
    consent_id = ids.new_id()
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        await patients.readable(connection, org_id, patient_id=patient_id)
        wrong = faults_of(wish, now=await pools.now(connection))
        if wrong:
            raise faults.Invalid(errors=wrong)
        sealed = await office.keys.seal_field(
            org_id,
            msgspec.json.encode(wish.words),
            place=_place(org_id, consent_id),
            patient_id=patient_id,
        )
        row = _row(org_id, patient_id, wish, consent_id=consent_id, sealed=sealed)
        row = msgspec.structs.replace(row, recorded_by_member_id=member_id)
        await consents.insert(connection, row)
        await consents.watch(connection, org_id, consent_id=consent_id)
        detail = {"basis": wish.basis, "classes": row.classes, "consent_id": str(consent_id)}
        await audit.insert(
            connection, actor, note("consent.record", org_id, patient_id, detail=detail)
        )
    return consent_id


def _row(
    org_id: UUID, patient_id: UUID, wish: NewConsent, *, consent_id: UUID, sealed: bytes
) -> NewConsentRow:
    return NewConsentRow(
        org_id=org_id,
        id=consent_id,
        patient_id=patient_id,
        basis=wish.basis,
        classes=sorted(wish.classes),
        to_org_ids=list(wish.to_org_ids),
        purpose=wish.purpose,
        signed_on=wish.signed_on,
        expires_at=wish.expires_at,
        document_hash=bytes.fromhex(wish.document_sha256) if wish.document_sha256 else None,
        # Words on record are what the sending rules look for, so none is none.
        sealed=sealed if wish.words != ConsentWords() else None,
        recorded_by_member_id=None,
        elements=sorted(elements_of(wish)),
        ends_with_event=bool(wish.words.expiry_event.strip()),
    )


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


async def list_consents(office: Office, actor: Actor, *, patient_id: UUID) -> list[KeptConsent]:
    """Record the look and open a patient's consents; raises Missing, Refused."""
    org_id, _ = permission.own(actor, policy.Action.PATIENT_READ)
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        await patients.fetch(connection, org_id, patient_id=patient_id)
        rows = await consents.of_patient(connection, org_id, patient_id=patient_id)
        await audit.insert(connection, actor, note("consent.read", org_id, patient_id))
    return [await _kept(office, org_id, row) for row in rows]


class Ending(StrEnum):
    """Why a consent is over: the patient took it back, or what was to end it has happened."""

    WITHDRAWN = "withdrawn"
    EVENT = "event"


async def withdraw_consent(
    office: Office,
    actor: Actor,
    *,
    patient_id: UUID,
    consent_id: UUID,
    why: Ending = Ending.WITHDRAWN,
) -> tuple[UUID, ...]:
    """End a consent and return the open referrals whose owners now have to decide.

    In the same transaction the epochs that were sealed on it close: what recipients were told stays
    theirs to read (45 CFR 164.508(b)(5), 42 CFR 2.31(a)(6)), and nothing new is sealed to them.
    """
    org_id, _ = permission.own(actor, policy.Action.CONSENT_WITHDRAW)
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        touched = await consents.withdraw(
            connection, org_id, patient_id=patient_id, consent_id=consent_id, why=why
        )
        found = touched.referral_ids
        detail = {
            "consent_id": str(consent_id),
            "referrals": len(found),
            "epochs": touched.epochs,
            "why": why,
        }
        await audit.insert(
            connection, actor, note("consent.withdraw", org_id, patient_id, detail=detail)
        )
    return found


def _place(org_id: UUID, consent_id: UUID) -> Place:
    return Place(table="consent", column="sealed", row_id=consent_id, org_id=org_id)


async def _kept(office: Office, org_id: UUID, row: ConsentRow) -> KeptConsent:
    words = ConsentWords()
    if row.sealed is not None:
        plain = await office.keys.open_field(
            org_id, row.sealed, place=_place(org_id, row.id), patient_id=row.patient_id
        )
        words = msgspec.json.decode(plain, type=ConsentWords)
    return KeptConsent(
        id=row.id,
        basis=row.basis,
        classes=tuple(row.classes),
        to_org_ids=tuple(row.to_org_ids),
        purpose=row.purpose,
        signed_on=row.signed_on,
        expires_at=row.expires_at,
        withdrawn_at=row.revoked_at,
        document_sha256=row.document_hash.hex() if row.document_hash else None,
        words=words,
        elements=tuple(row.elements),
        ends_with_event=row.ends_with_event,
        ended_why=row.ended_why,
        recorded_by_member_id=row.recorded_by_member_id,
        recorded_at=row.created_at,
    )
