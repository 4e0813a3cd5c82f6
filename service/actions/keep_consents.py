"""Record what a patient allows, list it, and take it back when the patient does.

Source: 45 CFR 164.506 and 164.508, 42 CFR 2.31 (the elements of a Part 2 consent).
"""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from crypto.sealed import Place
from service import faults
from service.actions import opening, permission
from service.actions.consent_words import ConsentWords as ConsentWords
from service.actions.consent_words import NewConsent as NewConsent
from service.actions.consent_words import elements_of, faults_of
from service.actions.create_patient import note
from service.actions.office import Office
from service.domain import ids, policy
from service.domain.people import Actor
from service.store import audit, consents, idempotency, patients
from service.store import pool as pools
from service.store.consents import ConsentRow, NewConsentRow
from service.store.pool import Scope
from service.store.rows import OnceRow


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
    office: Office,
    actor: Actor,
    *,
    patient_id: UUID,
    wish: NewConsent,
    once: OnceRow | None = None,
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
        if once is not None:
            await idempotency.spend(connection, once, resource_id=consent_id)
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


async def list_consents(office: Office, actor: Actor, *, patient_id: UUID) -> list[KeptConsent]:
    """Record the look and open a patient's consents; raises Missing, Refused."""
    org_id, owed = _looks(actor)
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        await patients.fetch(connection, org_id, patient_id=patient_id)
        rows = await consents.of_patient(connection, org_id, patient_id=patient_id)
        detail = {"owed": sorted(owed)}
        await audit.insert(
            connection, actor, note("consent.read", org_id, patient_id, detail=detail)
        )
    return [await _kept(office, org_id, row) for row in rows]


def _looks(actor: Actor) -> tuple[UUID, frozenset[policy.Obligation]]:
    """Let whoever treats look, and whoever watches over privacy: they may end a consent."""
    resource = policy.Resource(org_id=actor.org_id)
    owed = opening.obligations(actor, policy.Action.CONSENT_LIST, resource)
    if owed is None or actor.org_id is None:
        raise faults.Refused
    return actor.org_id, owed


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
