"""The gate on sending: whether these recipients may be told, and the override of an emergency.

A refusal says why and what to do. In an emergency a clinician of the sender goes on all the same:
the reason, who and when are a consent of that basis, and a privacy officer is asked to look at it.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from crypto.sealed import Place
from service import faults
from service.actions import permission
from service.actions.office import Office
from service.domain import consent as rules
from service.domain import ids, policy
from service.domain.consent import Consent, Discloser, Receiver, Refusal
from service.domain.facts import ReferralFacts
from service.domain.outcome import ConsentBasis
from service.domain.people import Actor, Capacity, Channel, SensitivityClass
from service.store import audit, consents, referrals
from service.store.consents import NewConsentRow
from service.store.pool import Connection
from service.store.referrals import ConsentRow, Picture, RecipientRow, SenderRow
from service.store.rows import AuditRow

NOT_THEIRS = "Name a consent that this patient gave to your organization."


class ConsentRefused(faults.Invalid):
    """What is on record does not allow this recipient to be told."""

    slug = "consent-refused"


class Override(msgspec.Struct, frozen=True, kw_only=True):
    """An emergency in which the gate is passed: who says so, and why."""

    office: Office
    actor: Actor
    reason: str
    request_id: str | None = None

    def __repr__(self) -> str:
        return "<override>"


def override_of(
    office: Office, actor: Actor, *, reason: str | None, request_id: str | None
) -> Override | None:
    """Spell the emergency that somebody declares, if they give a reason."""
    if not reason or not reason.strip():
        return None
    return Override(office=office, actor=actor, reason=reason, request_id=request_id)


class _Case(msgspec.Struct, frozen=True, kw_only=True):
    """Who sends what, and how it stands."""

    connection: Connection
    picture: Picture
    facts: ReferralFacts
    sender: SenderRow

    @property
    def sensitivity(self) -> SensitivityClass:
        return SensitivityClass(self.facts.sensitivity)


async def check(
    connection: Connection,
    picture: Picture,
    facts: ReferralFacts,
    *,
    told: Sequence[RecipientRow],
    sender: SenderRow | None = None,
    override: Override | None = None,
) -> dict[UUID, UUID]:
    """Let these recipients through or raise ConsentRefused; nothing is stored then.

    Returns, for whoever came through by an override, the consent that it is.
    """
    sender = sender or await referrals.sender(connection, facts.sender_org_id)
    case = _Case(connection=connection, picture=picture, facts=facts, sender=sender)
    record = await _record(case)
    refused = []
    for row in told:
        own = await _overridden(case, row)
        found = _refusal(
            case, row, consent_of(facts.consent_basis, own or record, org_id=row.org_id)
        )
        if found is not None:
            refused.append((row, found))
    if not refused:
        return {}
    if override is None:
        raise _no(case, *refused[0])
    return await _pass(case, override, refused=refused)


def grounded(facts: ReferralFacts, *, override: bool) -> ReferralFacts:
    """Return an order that is to be sent with its basis; an emergency is one where none is named.

    Raises ConsentRefused where there is none at all.
    """
    if facts.consent_basis is not None:
        return facts
    if override:
        return msgspec.structs.replace(facts, consent_basis=ConsentBasis.EMERGENCY)
    bases = rules.bases_for(SensitivityClass(facts.sensitivity), covered=True)
    raise ConsentRefused(
        errors=[{"field": "consent_basis", "detail": ADVICE[Refusal.NO_CONSENT]}],
        reason=Refusal.NO_CONSENT,
        allowed_bases=sorted(bases),
    )


async def _record(case: _Case) -> ConsentRow | None:
    if case.picture.consent_id is None:
        return None
    record = await referrals.consent(
        case.connection, case.facts.sender_org_id, consent_id=case.picture.consent_id
    )
    if record is None or record.patient_id != case.picture.patient_id:
        raise faults.Invalid(errors=[{"field": "consent_id", "detail": NOT_THEIRS}])
    return record


async def _overridden(case: _Case, row: RecipientRow) -> ConsentRow | None:
    """Find the emergency by which this one was let in before; it comes back on the same."""
    consent_id = case.picture.overrides.get(row.org_id)
    if consent_id is None:
        return None
    return await referrals.consent(case.connection, case.facts.sender_org_id, consent_id=consent_id)


def _refusal(case: _Case, row: RecipientRow, consent: Consent | None) -> Refusal | None:
    return rules.refusal(
        Discloser(part2_program=case.sender.part2_program, public_name=public_of(case.sender)),
        Receiver(channel=Channel(row.channel), covered=row.covered_entity),
        sensitivity=case.sensitivity,
        consent=consent,
        now=case.picture.now,
    )


def public_of(sender: SenderRow) -> str:
    """Return the name that says nothing; a program called by its real one has none."""
    return "" if sender.public_name == sender.name else sender.public_name


def consent_of(basis: str | None, record: ConsentRow | None, *, org_id: UUID) -> Consent | None:
    """Spell what is on record, or a basis that needs no record, as what the rules ask about."""
    if record is not None:
        return Consent(
            basis=ConsentBasis(record.basis),
            classes=frozenset(SensitivityClass(value) for value in record.classes),
            names_recipient=org_id in record.to_org_ids,
            witness=record.told,
            elements=set(record.elements) >= rules.ELEMENTS,
            override_reason=record.told,
            expires_at=record.expires_at,
            withdrawn_at=record.revoked_at,
        )
    if basis is None:
        return None
    return Consent(basis=ConsentBasis(basis), classes=frozenset(SensitivityClass))


def is_over(record: ConsentRow, *, now: datetime) -> bool:
    """Say whether a consent was taken back or has run out."""
    ends = (record.revoked_at, record.expires_at)
    return any(each is not None and each <= now for each in ends)


def names(record: ConsentRow, org_id: UUID, *, sensitivity: str, now: datetime) -> bool:
    """Say whether a consent in force names an organization for a class."""
    return (
        not is_over(record, now=now)
        and org_id in record.to_org_ids
        and sensitivity in record.classes
    )


def _no(case: _Case, row: RecipientRow, refusal: Refusal) -> ConsentRefused:
    healed = refusal not in rules.HEALED_BY_NOTHING
    bases = rules.bases_for(case.sensitivity, covered=row.covered_entity) if healed else ()
    return ConsentRefused(
        errors=[{"field": "consent_basis", "detail": ADVICE[refusal]}],
        reason=refusal,
        allowed_bases=sorted(bases),
    )


async def _pass(
    case: _Case, override: Override, *, refused: Sequence[tuple[RecipientRow, Refusal]]
) -> dict[UUID, UUID]:
    """Record the emergency for those who were refused; what it does not heal stays refused."""
    facts, org_id = case.facts, case.facts.sender_org_id
    if override.actor.org_id != org_id:
        raise faults.Refused("Only the sender declares an emergency for its order.")
    resource = policy.Resource(org_id=org_id, capacity=Capacity.SENDER)
    permission.require(override.actor, policy.Action.CONSENT_OVERRIDE, resource=resource)
    for row, _ in refused:
        still = _refusal(case, row, _declared(case.sensitivity))
        if still is not None:
            raise _no(case, row, still)
    told = sorted({row.org_id for row, _ in refused})
    consent_id = await _declare(case, override, told=told)
    line = AuditRow(
        org_id=org_id,
        action="consent.override",
        resource_kind="referral",
        resource_id=facts.id,
        sensitivity=facts.sensitivity,
        detail={
            "consent_id": str(consent_id),
            "refused": sorted({refusal.value for _, refusal in refused}),
            "to_org_ids": [str(each) for each in told],
        },
    )
    await audit.insert(case.connection, override.actor, line, request_id=override.request_id)
    return dict.fromkeys(told, consent_id)


def _declared(sensitivity: SensitivityClass) -> Consent:
    return Consent(
        basis=ConsentBasis.EMERGENCY,
        classes=frozenset({sensitivity}),
        names_recipient=True,
        override_reason=True,
    )


async def _declare(case: _Case, override: Override, *, told: Sequence[UUID]) -> UUID:
    org_id, patient_id, consent_id = case.facts.sender_org_id, case.picture.patient_id, ids.new_id()
    sealed = await override.office.keys.seal_field(
        org_id,
        msgspec.json.encode({"reason": override.reason}),
        place=Place(table="consent", column="sealed", row_id=consent_id, org_id=org_id),
        patient_id=patient_id,
    )
    row = NewConsentRow(
        org_id=org_id,
        id=consent_id,
        patient_id=patient_id,
        basis=ConsentBasis.EMERGENCY,
        classes=[case.facts.sensitivity],
        to_org_ids=list(told),
        purpose=policy.Purpose.EMERGENCY,
        signed_on=case.picture.now.date(),
        expires_at=None,
        document_hash=None,
        sealed=sealed,
        recorded_by_member_id=override.actor.member_id,
    )
    await consents.insert(case.connection, row)
    # No referral is named: an order that is written and sent in this act is not stored yet.
    await consents.ask_to_look(
        case.connection, org_id, patient_id=patient_id, consent_id=consent_id
    )
    return consent_id


_R = Refusal
ADVICE: dict[Refusal, str] = {
    _R.NO_CONSENT: "Say on what basis the recipient may be told, or name a consent on record.",
    _R.WITHDRAWN: "That consent was withdrawn; ask the patient again and record a new one.",
    _R.EXPIRED: "That consent has expired; ask the patient to renew it and record the new one.",
    _R.BASIS_TOO_WEAK: "Content of this class needs a stronger basis: record the patient's written"
    " consent, then name it here.",
    _R.CLASS_NOT_COVERED: "That consent does not cover content of this class; record one that does"
    " and name it here.",
    _R.RECIPIENT_NOT_NAMED: "That consent does not name this recipient; record one that does and"
    " name it here.",
    _R.RECIPIENT_NOT_COVERED: "This recipient is no covered entity; record the patient's consent.",
    _R.WITNESS_MISSING: "Record the consent with its witness first, then name it here.",
    _R.ELEMENTS_MISSING: "Record the consent with all its required elements first.",
    _R.OVERRIDE_NOT_RECORDED: "Record the emergency with its reason first, then name it here.",
    _R.LINK_NEVER_PROTECTED: "A recipient without accounts never receives content of this class.",
    _R.PUBLIC_NAME_MISSING: "Give your organization a public name before sending there.",
}
"""What to do about each refusal."""
