"""Letting a recipient in: which services, on what basis, and what each is then party to."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from service import faults
from service.actions.sealing import GENERAL, Circle
from service.domain import consent as consents
from service.domain import ids, people
from service.domain.consent import Consent, Discloser, Receiver
from service.domain.facts import LegFacts
from service.domain.outcome import ConsentBasis
from service.domain.people import CapacityStatus, Channel, Priority, SensitivityClass
from service.domain.plan import Plan
from service.store import referrals
from service.store.pool import Connection
from service.store.referrals import ConsentRow, RecipientRow


class Newcomer(msgspec.Struct, frozen=True, kw_only=True):
    """A recipient to be: its row of the directory, and the leg it would have."""

    row: RecipientRow
    leg: LegFacts


async def newcomers(connection: Connection, service_ids: Sequence[UUID]) -> tuple[Newcomer, ...]:
    """Look services up as recipients; an unknown or closed one is an Invalid fault."""
    if not service_ids:
        return ()
    if len(set(service_ids)) != len(service_ids):
        raise _wrong("Name each service once.")
    found = await referrals.recipients(connection, service_ids)
    if len(found) != len(service_ids) or not all(row.active for row in found):
        raise _wrong("One of these services is not in the directory or is closed.")
    return tuple(Newcomer(row=row, leg=_leg(row)) for row in found)


def _leg(row: RecipientRow) -> LegFacts:
    return LegFacts(
        id=ids.new_id(),
        number=0,
        org_id=row.org_id,
        service_id=row.service_id,
        channel=row.channel,
        central_intake=row.central_intake,
    )


def _wrong(detail: str) -> faults.Invalid:
    return faults.Invalid(errors=[{"field": "recipients", "detail": detail}])


async def check(
    connection: Connection,
    picture: referrals.Picture,
    plan: Plan,
    *,
    sender: referrals.SenderRow | None = None,
    told: Sequence[RecipientRow] | None = None,
    handed_off: bool = False,
) -> None:
    """Refuse to tell a recipient who may not be told, or who must be phoned first.

    Nothing is stored then. `sender` and `told` are read unless the caller has them already.
    """
    told = told if told is not None else await _told(connection, plan)
    if not handed_off and not picture.handed_off and needs_call(plan.referral.priority, told):
        raise faults.Invalid(errors=[{"field": "phone_handoff_at", "detail": CALL_FIRST}])
    await _check_consent(connection, picture, plan, sender=sender, told=told)


NOT_THEIRS = "Name a consent that this patient gave to your organization."
CALL_FIRST = "Emergent: phone this recipient first and record when."


def needs_call(priority: Priority, told: Sequence[RecipientRow]) -> bool:
    """Say whether one of these recipients may not be looking. Source: the clock table."""
    return any(
        people.needs_handoff(
            priority, channel=Channel(row.channel), status=CapacityStatus(row.capacity)
        )
        for row in told
    )


async def _check_consent(
    connection: Connection,
    picture: referrals.Picture,
    plan: Plan,
    *,
    sender: referrals.SenderRow | None,
    told: Sequence[RecipientRow],
) -> None:
    facts = plan.referral
    sender = sender or await referrals.sender(connection, facts.sender_org_id)
    record = None
    if picture.consent_id is not None:
        record = await referrals.consent(
            connection, facts.sender_org_id, consent_id=picture.consent_id
        )
        if record is None or record.patient_id != picture.patient_id:
            raise faults.Invalid(errors=[{"field": "consent_id", "detail": NOT_THEIRS}])
    for row in told:
        refusal = consents.refusal(
            Discloser(part2_program=sender.part2_program, public_name=_public(sender)),
            Receiver(channel=Channel(row.channel), covered=row.covered_entity),
            sensitivity=SensitivityClass(facts.sensitivity),
            consent=_consent(facts.consent_basis, record, row),
            now=picture.now,
        )
        if refusal is not None:
            raise faults.Invalid(errors=[{"field": "consent_basis", "detail": _ADVICE[refusal]}])


async def _told(connection: Connection, plan: Plan) -> list[RecipientRow]:
    joining = [leg.service_id for leg in plan.referral.legs if leg.org_id in plan.joins]
    return await referrals.recipients(connection, [each for each in joining if each is not None])


def _public(sender: referrals.SenderRow) -> str:
    """Return the name that says nothing; a program called by its real one has none."""
    return "" if sender.public_name == sender.name else sender.public_name


def _consent(basis: str | None, record: ConsentRow | None, row: RecipientRow) -> Consent | None:
    if record is not None:
        return Consent(
            basis=ConsentBasis(record.basis),
            classes=frozenset(SensitivityClass(value) for value in record.classes),
            names_recipient=row.org_id in record.to_org_ids,
            witness=record.told,
            elements=record.told,
            override_reason=record.told,
            expires_at=record.expires_at,
            withdrawn_at=record.revoked_at,
        )
    if basis is None:
        return None
    return Consent(basis=ConsentBasis(basis), classes=frozenset(SensitivityClass))


_R = consents.Refusal
_ADVICE: dict[consents.Refusal, str] = {
    _R.NO_CONSENT: "Say on what basis the recipient may be told.",
    _R.WITHDRAWN: "That consent was withdrawn; ask the patient again.",
    _R.EXPIRED: "That consent has expired; ask the patient to renew it.",
    _R.BASIS_TOO_WEAK: "Content of this class needs a stronger basis, such as a signed form.",
    _R.CLASS_NOT_COVERED: "That consent does not cover content of this class.",
    _R.RECIPIENT_NOT_NAMED: "That consent does not name this recipient.",
    _R.RECIPIENT_NOT_COVERED: "This recipient is no covered entity; record the patient's consent.",
    _R.WITNESS_MISSING: "Record the consent with its witness first, then name it here.",
    _R.ELEMENTS_MISSING: "Record the consent with all its required elements first.",
    _R.OVERRIDE_NOT_RECORDED: "Record the emergency with its reason first, then name it here.",
    _R.LINK_NEVER_PROTECTED: "A recipient without accounts never receives content of this class.",
    _R.PUBLIC_NAME_MISSING: "Give your organization a public name before sending there.",
}


def joins(plan: Plan, circle: Circle) -> dict[UUID, tuple[str, tuple[str, ...]]]:
    """Say who becomes a party: recipients, and the coordinators on the first send."""
    sensitivity = plan.referral.sensitivity
    classes = tuple(sorted({GENERAL, sensitivity}))
    admitted: dict[UUID, tuple[str, tuple[str, ...]]] = {}
    admitted |= dict.fromkeys(plan.joins, ("recipient", classes))
    first_sent = plan.before.sent_at is None and plan.referral.sent_at is not None
    cco = circle.cco_org_id
    if first_sent and cco is not None and cco != circle.sender_org_id and cco not in admitted:
        admitted[cco] = ("cco", (GENERAL,))
    return admitted
