"""Move a referral onto a consent that the patient gave anew, after the old one ended or before.

Whoever takes part now is told on the new one, if it allows that. What was said while none was in
force was sealed to the sender alone; it is sealed to them here, with its disclosures. The next word
finds its epoch by who reads now, and opens one where none fits.
"""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from service import faults
from service.actions import gate, open_now, permission, sealing
from service.actions.office import Office
from service.domain import waiting
from service.domain.people import Actor, Source
from service.domain.plan import Plan
from service.domain.policy import Action
from service.domain.referral import ReferralState
from service.store import consents, keys, referrals, tasks
from service.store.pool import Connection, Scope
from service.store.referrals import ConsentRow, Picture
from service.store.rows import AuditRow, StepRows

_ENDED = "Name a consent in force; that one was taken back or has run out."


async def renew_consent(
    office: Office,
    actor: Actor,
    referral_id: UUID,
    *,
    consent_id: UUID,
    seen: int,
    source: Source = Source.API,
    request_id: str | None = None,
) -> int:
    """Let a referral stand on another consent and return its new version; work about it is done.

    Raises Missing, Refused, StepRefused for an erased one, Stale with `version`, Invalid,
    ConsentRefused where it does not allow somebody who takes part.
    """
    async with office.db.transaction(Scope(org_id=actor.org_id)) as connection:
        before = await referrals.picture(connection, referral_id=referral_id)
        _may(actor, before, seen=seen)
        record = await _record(connection, before, consent_id=consent_id)
        picture = _on(before, record)
        await gate.check(connection, picture, picture.facts, told=await _told(connection, picture))
        row = await _rows(office, connection, actor, before=before, picture=picture)
        plan = Plan(before=before.facts, referral=picture.facts, events=())
        step = msgspec.structs.replace(row, source=source, request_id=request_id)
        if not await referrals.write_step(connection, plan, step):
            raise faults.Stale
        await consents.let_in_again(connection, referral_id, org_ids=before.lapsed)
        await _work_done(connection, actor, picture)
    return picture.facts.version


def _may(actor: Actor, picture: Picture, *, seen: int) -> None:
    permission.require(actor, Action.CONSENT_RENEW, resource=open_now.resource_of(actor, picture))
    if picture.facts.state is ReferralState.VOID:
        raise faults.StepRefused("It was erased; nothing more is told of it.", open_steps=[])
    if picture.facts.version != seen:
        raise faults.Stale(version=picture.facts.version)


async def _record(connection: Connection, picture: Picture, *, consent_id: UUID) -> ConsentRow:
    sender = picture.facts.sender_org_id
    found = await referrals.consent(connection, sender, consent_id=consent_id)
    if found is None or found.patient_id != picture.patient_id:
        raise _wrong(gate.NOT_THEIRS)
    if gate.is_over(found, now=picture.now):
        raise _wrong(_ENDED)
    return found


def _wrong(detail: str) -> faults.Invalid:
    return faults.Invalid(errors=[{"field": "consent_id", "detail": detail}])


def _on(before: Picture, record: ConsentRow) -> Picture:
    """Draw the referral as it is once it stands on this consent."""
    facts = msgspec.structs.replace(
        before.facts, version=before.facts.version + 1, consent_basis=record.basis
    )
    cco = facts.cco_org_id
    return msgspec.structs.replace(
        before,
        facts=facts,
        consent_id=record.id,
        ended=frozenset[str](),
        lapsed=frozenset[UUID](),
        cco_named=cco is not None
        and gate.names(record, cco, sensitivity=facts.sensitivity, now=before.now),
    )


async def _told(connection: Connection, picture: Picture) -> Sequence[referrals.RecipientRow]:
    """List the recipients who go on being told; of a draft nobody is yet."""
    facts = picture.facts
    if facts.sent_at is None:
        return ()
    taking_part = sealing.recipients_of(facts.legs)
    asked = [leg.service_id for leg in facts.legs if leg.org_id in taking_part]
    services = list(dict.fromkeys(each for each in asked if each is not None))
    return await referrals.recipients(connection, services)


async def _rows(
    office: Office, connection: Connection, actor: Actor, *, before: Picture, picture: Picture
) -> StepRows:
    facts = picture.facts
    sealer = await _sealer(office, connection, picture)
    return StepRows(
        actor=actor,
        source=Source.API,
        now=picture.now,
        ground={"consent_id": picture.consent_id, "consent_basis": facts.consent_basis},
        seals=tuple(sealer.seals),
        disclosures=tuple(sealer.disclosures),
        audits=(
            AuditRow(
                org_id=actor.org_id,
                action="consent.renew",
                resource_kind="referral",
                resource_id=facts.id,
                sensitivity=facts.sensitivity,
                detail={
                    "consent_id": str(picture.consent_id),
                    "instead_of": str(before.consent_id or ""),
                    "basis": facts.consent_basis,
                },
            ),
        ),
    )


async def _sealer(office: Office, connection: Connection, picture: Picture) -> sealing.Sealer:
    """Seal what was said meanwhile to those who are told again."""
    facts = picture.facts
    circle = sealing.circle_of(
        facts,
        patient_id=picture.patient_id,
        consent_id=picture.consent_id,
        cco_named=picture.cco_named,
        overrides=picture.overrides,
    )
    held = await keys.epochs(connection, facts.id, org_id=facts.sender_org_id)
    sealer = sealing.Sealer(office, circle, org_id=facts.sender_org_id, held=held, now=picture.now)
    if facts.sent_at is not None:
        cco = (circle.cco_org_id,) if circle.cco_org_id is not None else ()
        await sealer.admit([*circle.recipients, *cco])
    return sealer


async def _work_done(connection: Connection, actor: Actor, picture: Picture) -> None:
    """End the work that asked for a new consent; no clock it stood in for is left unwound."""
    referral_id = picture.facts.id
    done = await consents.renewed(connection, referral_id, member_id=actor.member_id)
    left = tuple(each for each in picture.facts.tasks if each.id not in done)
    facts = msgspec.structs.replace(picture.facts, tasks=left)
    await tasks.arm(connection, referral_id, timers=waiting.rearmed(facts, now=picture.now))
