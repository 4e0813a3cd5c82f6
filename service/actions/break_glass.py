"""Break the glass: a clinician looks at one patient in an emergency, for an hour, read-only.

Who looks proves in this very act that it is them and says why. What their organization holds no key
for is sealed to it here and nowhere else, each key with its disclosure; privacy officers hear of it
at once and one of them says within three days whether it was justified. Nothing is read before all
of that is committed. Source: 45 CFR 164.312(a)(2)(ii), 42 CFR 2.51.
"""

from collections.abc import Sequence
from enum import StrEnum
from uuid import UUID

import msgspec

from crypto.faults import CannotOpen, KeyMissing, KeyRefused
from crypto.sealed import Place
from service import faults
from service.actions import permission, prove
from service.actions.office import Office
from service.actions.prove import Proof
from service.domain import ids, policy, texts
from service.domain.effects import EffectKind
from service.domain.grants.emergency import OPENED
from service.domain.people import Actor, Capacity, SensitivityClass
from service.store import audit, patients, personal_mails
from service.store import break_glass as glasses
from service.store.break_glass import NewGlass, ReferralRow
from service.store.pool import Connection, Scope
from service.store.rows import AuditRow


class Emergency(StrEnum):
    """What kind of emergency it is."""

    UNCONSCIOUS = "unconscious"
    OVERDOSE = "overdose"
    SUICIDE_RISK = "suicide_risk"
    ACUTE_ILLNESS = "acute_illness"
    OTHER = "other"


class Breaking(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why, in a code and in words, and the proof of who it is.

    `medical_emergency`: the patient cannot consent in time and treatment needs what Part 2
    protects; without it nothing of that class opens.
    """

    reason: Emergency
    words: texts.Text
    medical_emergency: bool = False
    proof: Proof

    def __repr__(self) -> str:
        return "<breaking>"


class Broken(msgspec.Struct, frozen=True, kw_only=True):
    """What is open now, until when, and how many referrals it reaches."""

    id: UUID
    classes: tuple[str, ...]
    referral_ids: tuple[UUID, ...]


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """Whose patient, and the referral by which they were named."""

    org_id: UUID
    patient_id: UUID
    referral_id: UUID | None = None


async def for_patient(
    office: Office,
    actor: Actor,
    *,
    patient_id: UUID,
    wish: Breaking,
    request_id: str | None = None,
) -> Broken:
    """Open a patient of one's own organization; raises Missing, Refused, SignInFailed, Invalid."""
    org_id, _ = permission.own(actor, policy.Action.GLASS_BREAK)
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        await patients.fetch(connection, org_id, patient_id=patient_id)
    subject = Subject(org_id=org_id, patient_id=patient_id)
    return await _break(office, actor, subject, wish, request_id=request_id)


async def for_referral(
    office: Office,
    actor: Actor,
    *,
    referral_id: UUID,
    wish: Breaking,
    request_id: str | None = None,
) -> Broken:
    """Open the patient of a referral that one's organization is party of; raises as above."""
    if actor.org_id is None:
        raise faults.Missing
    async with office.db.transaction(Scope(org_id=actor.org_id)) as connection:
        row = await glasses.about(connection, actor.org_id, referral_id=referral_id)
    resource = policy.Resource(capacity=Capacity(row.capacity))
    permission.require(actor, policy.Action.GLASS_BREAK, resource=resource)
    subject = Subject(org_id=row.sender_org_id, patient_id=row.patient_id, referral_id=referral_id)
    return await _break(office, actor, subject, wish, request_id=request_id)


async def _break(
    office: Office, actor: Actor, subject: Subject, wish: Breaking, *, request_id: str | None
) -> Broken:
    if not wish.words.strip():
        raise faults.Invalid(errors=[{"field": "words", "detail": "Say what has happened."}])
    await prove.prove(office, actor, wish.proof)
    if actor.org_id is None:
        raise faults.Missing
    async with office.db.transaction(Scope(org_id=actor.org_id)) as connection:
        row = await _row(office, connection, actor, subject=subject, wish=wish)
        await glasses.insert(connection, row)
        reached = await glasses.referrals(
            connection, row.org_id, subject_org_id=row.subject_org_id, patient_id=row.patient_id
        )
        others = await _unseal(office, connection, row, reached)
        await _tell(connection, row, others)
        await glasses.arm(connection, row.id, org_id=row.org_id)
        line = _line(row, reached=len(reached), told=len(others))
        await audit.insert(connection, actor, line, request_id=request_id)
    return Broken(
        id=row.id,
        classes=tuple(row.classes),
        referral_ids=tuple(each.id for each in reached),
    )


async def _row(
    office: Office, connection: Connection, actor: Actor, *, subject: Subject, wish: Breaking
) -> NewGlass:
    org_id, member_id = actor.org_id, actor.member_id
    if org_id is None or member_id is None or actor.person_id is None or actor.session_id is None:
        raise faults.Refused("Sign in as a person for this.")
    covered = await glasses.is_covered(connection, org_id)
    shut = frozenset[SensitivityClass]()
    if not (wish.medical_emergency and covered):
        # To medical personnel, in a medical emergency, and to nobody else: 42 CFR 2.51(a).
        shut = frozenset({SensitivityClass.PART2})
    glass_id = ids.new_id()
    place = Place(table="break_glass", column="sealed", row_id=glass_id, org_id=org_id)
    return NewGlass(
        org_id=org_id,
        id=glass_id,
        subject_org_id=subject.org_id,
        patient_id=subject.patient_id,
        referral_id=subject.referral_id,
        member_id=member_id,
        person_id=actor.person_id,
        session_id=actor.session_id,
        reason=wish.reason,
        medical_emergency=wish.medical_emergency,
        classes=sorted(OPENED - shut),
        sealed=await office.keys.seal_field(org_id, wish.words.encode(), place=place),
    )


async def _unseal(
    office: Office, connection: Connection, row: NewGlass, reached: Sequence[ReferralRow]
) -> list[UUID]:
    """Seal what is missing to this organization, and list the others who are to be told."""
    others = {row.subject_org_id}
    for each in reached:
        await glasses.open_referral(connection, each.id)
        if row.org_id == row.subject_org_id:
            # Who else was asked is known to the sender; a recipient learns nothing of its siblings.
            others.update(await glasses.recipients(connection, each.id, but=row.org_id))
            continue
        missing = await glasses.not_held(
            connection,
            each.id,
            sender_org_id=row.subject_org_id,
            classes=row.classes,
            org_id=row.org_id,
        )
        for held in missing:
            try:
                made = await office.keys.extend(held, [row.org_id])
            except (CannotOpen, KeyMissing, KeyRefused):
                # Its key was destroyed since: there is nothing left that could be read.
                continue
            await glasses.unseal(connection, made[0], row, referral_id=each.id)
    return sorted(others - {row.org_id})


async def _tell(connection: Connection, row: NewGlass, others: Sequence[UUID]) -> None:
    """Let privacy officers know at once, here and there: a mail each, and work for one of them."""
    for org_id in (row.org_id, *others):
        mine = org_id == row.org_id
        kept_by = await glasses.officers(connection, org_id)
        # Nobody looks over their own shoulder.
        asked = [member_id for member_id in kept_by if member_id != row.member_id]
        await glasses.open_task(
            connection,
            row.id,
            kind="break_glass_review" if mine else "break_glass_told",
            org_id=org_id,
            member_id=asked[0] if asked else None,
            about_org_id=row.org_id,
        )
        if not mine:
            await glasses.tell(connection, row.id, org_id=org_id, by_org_id=row.org_id)
        for member_id in asked:
            await personal_mails.queue(
                connection,
                EffectKind.BREAK_GLASS,
                org_id=org_id,
                member_id=member_id,
                code="broken",
            )


def _line(row: NewGlass, *, reached: int, told: int) -> AuditRow:
    return AuditRow(
        org_id=row.org_id,
        action="break_glass.break",
        resource_kind="break_glass",
        resource_id=row.id,
        detail={
            "reason": row.reason,
            "medical_emergency": row.medical_emergency,
            "patient_id": str(row.patient_id),
            "subject_org_id": str(row.subject_org_id),
            "referrals": reached,
            "told": told,
        },
    )


async def open_to(
    connection: Connection, actor: Actor, *, subject_org_id: UUID, patient_id: UUID
) -> glasses.OpenGlass | None:
    """Find the broken glass through which this caller may look now; a program never has one."""
    if actor.session_id is None or actor.member_id is None or actor.org_id is None:
        return None
    return await glasses.open_here(
        connection,
        actor.org_id,
        member_id=actor.member_id,
        session_id=actor.session_id,
        subject_org_id=subject_org_id,
        patient_id=patient_id,
    )
