"""Take a step on a leg or a referral: the one door through which anything moves."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from service import faults
from service.actions import admission, sealing
from service.actions.office import Office
from service.domain import decide as rules
from service.domain import policy
from service.domain.details import Details
from service.domain.facts import LegFacts
from service.domain.people import Actor, ActorKind, Capacity, Role, SensitivityClass, Source
from service.domain.plan import Act, Plan
from service.domain.rules import Machine, Party, Step
from service.store import keys as seals
from service.store import referrals, rows
from service.store.pool import Connection, Scope

TRIES = 3
"""How often a step that lost a race is read and decided again."""


class Words(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a step says in words; sealed whole before it is stored."""

    comment: str | None = None
    items: tuple[str, ...] = ()
    owner_name: str | None = None
    owner_phone: str | None = None
    spoke_to: str | None = None


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A consult note, form or letter as it is filed: three dates, and where it came from."""

    type_code: str
    text: str
    author: str
    written_on: date
    received_at: datetime | None = None
    title: str = ""
    evidence: str = "typed"


class OnBehalf(msgspec.Struct, frozen=True, kw_only=True):
    """A recipient's answer that reached us by other ways: how, from whom, and when."""

    source: Source
    spoke_to: str
    happened_at: datetime | None = None


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """One step somebody wants taken."""

    step: Step
    details: Details = Details()
    words: Words = Words()
    document: Document | None = None
    service_ids: tuple[UUID, ...] = ()


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """Steps to take together on one leg, or on the referral where leg_id is None.

    `seen` is the version the caller decided on: of the leg, or of the referral.
    """

    wishes: tuple[Wish, ...]
    leg_id: UUID | None = None
    referral_id: UUID | None = None
    seen: int | None = None
    on_behalf: OnBehalf | None = None
    source: Source = Source.API
    once: rows.OnceRow | None = None
    request_id: str | None = None
    worker_id: UUID | None = None


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it: how the referral stands now, and at which version."""

    referral_id: UUID
    version: int
    plan: Plan


async def take_step(office: Office, actor: Actor, order: Order) -> Taken:
    """Decide and write; a lost race reads and decides again, three times, then Stale.

    Raises Missing, Refused, StepRefused, Stale, Invalid, Busy; nothing is half stored.
    """
    for _ in range(TRIES):
        taken = await _try(office, actor, order)
        if taken is not None:
            return taken
    raise faults.Stale


async def _try(office: Office, actor: Actor, order: Order) -> Taken | None:
    async with office.db.transaction(Scope(org_id=actor.org_id)) as connection:
        picture = await referrals.picture(
            connection, referral_id=order.referral_id, leg_id=order.leg_id
        )
        leg = picture.facts.leg(order.leg_id)
        _seen(picture, leg, order)
        acts = await _acts(connection, actor, picture, leg, order)
        plan = rules.decide(picture.facts, *acts)
        await _may_tell(connection, picture, plan)
        step = await _rows(office, connection, actor, picture, plan, order)
        if not await referrals.write_step(connection, plan, step):
            return None
    return Taken(referral_id=plan.referral.id, version=plan.referral.version, plan=plan)


def _seen(picture: referrals.Picture, leg: LegFacts | None, order: Order) -> None:
    current = picture.facts.version if leg is None else leg.version
    if order.seen is not None and order.seen != current:
        raise faults.Stale(version=current)


async def _acts(
    connection: Connection,
    actor: Actor,
    picture: referrals.Picture,
    leg: LegFacts | None,
    order: Order,
) -> tuple[Act, ...]:
    parties = parties_of(actor, picture, leg, on_behalf=order.on_behalf is not None)
    left = leg is not None and await _left(connection, leg, order)
    acts: list[Act] = []
    for wish in order.wishes:
        _allow(actor, wish.step, picture, of_leg=leg is not None)
        fresh = await admission.newcomers(connection, wish.service_ids)
        _calendars(picture, fresh)
        acts.append(
            Act(
                machine=Machine.REFERRAL if leg is None else Machine.LEG,
                step=wish.step,
                parties=parties,
                now=picture.now,
                leg_id=order.leg_id,
                details=_details(wish, actor, organization_left=left),
                recipients=tuple(newcomer.leg for newcomer in fresh),
                actor_member_id=actor.member_id,
                link_id=actor.link_id,
            )
        )
    return tuple(acts)


async def _left(connection: Connection, leg: LegFacts, order: Order) -> bool:
    if all(wish.step is not Step.END_UNRESPONSIVE for wish in order.wishes):
        return False
    return await referrals.has_left(connection, leg.org_id)


def _calendars(picture: referrals.Picture, fresh: Sequence[admission.Newcomer]) -> None:
    for newcomer in fresh:
        picture.facts.calendars.setdefault(newcomer.leg.org_id, newcomer.row.calendar)


def parties_of(
    actor: Actor, picture: referrals.Picture, leg: LegFacts | None, *, on_behalf: bool = False
) -> tuple[Party, ...]:
    """List in which capacities this actor may act here; a recipient's only for its own leg."""
    facts = picture.facts
    if actor.kind is ActorKind.CLOCK:
        return (Party.CLOCK,)
    if actor.kind is ActorKind.LINK:
        return (Party.LINK,) if leg is not None and leg.org_id == actor.org_id else ()
    found: list[Party] = []
    if actor.org_id == facts.sender_org_id:
        found.append(Party.REFERRER)
    if actor.cco and Role.COORDINATOR in actor.roles and actor.org_id == facts.cco_org_id:
        found.append(Party.COORDINATOR)
    if leg is not None and (leg.org_id == actor.org_id or (on_behalf and found)):
        partner = leg.channel == "partner" and Role.INTEGRATION in actor.roles
        found.append(Party.PARTNER if partner else Party.RECIPIENT)
    return tuple(found)


def _allow(actor: Actor, step: Step, picture: referrals.Picture, *, of_leg: bool) -> None:
    if actor.kind is not ActorKind.MEMBER:
        return
    classes = frozenset(SensitivityClass(value) for value in picture.classes)
    answer = policy.decide(
        actor,
        policy.action_of(step, of_leg=of_leg),
        resource=policy.Resource(
            org_id=actor.org_id,
            member_id=picture.facts.owner_member_id,
            capacity=Capacity(picture.capacity) if picture.capacity else None,
            classes=classes,
        ),
    )
    if isinstance(answer, policy.Deny):
        raise faults.Missing if answer.reason is policy.DenyReason.NOT_YOURS else faults.Refused


def _details(wish: Wish, actor: Actor, *, organization_left: bool) -> Details:
    words = wish.words
    clinicians = {Role.CLINICIAN, Role.BH_CLINICIAN}
    return msgspec.structs.replace(
        wish.details,
        has_comment=bool(words.comment),
        has_items=bool(words.items),
        has_owner_name=bool(words.owner_name) or wish.details.owner_member_id is not None,
        has_document=wish.document is not None,
        recipients=len(wish.service_ids),
        reviewer_is_clinician=bool(actor.roles & clinicians),
        organization_left=organization_left,
    )


async def _may_tell(connection: Connection, picture: referrals.Picture, plan: Plan) -> None:
    if plan.joins:
        await admission.check_consent(connection, picture, plan)


async def _rows(
    office: Office,
    connection: Connection,
    actor: Actor,
    picture: referrals.Picture,
    plan: Plan,
    order: Order,
) -> rows.StepRows:
    if actor.org_id is None:
        raise faults.Missing
    circle = sealing.circle_of(
        plan.referral, patient_id=picture.patient_id, consent_id=picture.consent_id
    )
    admitted = admission.joins(plan, circle)
    sealer = sealing.Sealer(
        office,
        circle,
        org_id=actor.org_id,
        held=await _held(connection, actor.org_id, picture, order, admitted),
        now=picture.now,
    )
    await sealer.admit(list(admitted))
    words, documents = await _say(sealer, plan, order, now=picture.now, actor=actor)
    on_behalf = order.on_behalf
    return rows.StepRows(
        actor=actor,
        source=on_behalf.source if on_behalf else order.source,
        now=picture.now,
        on_behalf=on_behalf is not None,
        happened_at=on_behalf.happened_at if on_behalf else None,
        request_id=order.request_id,
        detail=_coded(order.wishes),
        words=words,
        joins=admitted,
        contents=tuple(sealer.contents),
        documents=tuple(documents),
        epochs=tuple(sealer.epochs),
        seals=tuple(sealer.seals),
        disclosures=tuple(sealer.disclosures),
        audits=_audits(actor, plan, order),
        once=_spent(order.once, plan),
        worker_id=order.worker_id,
    )


async def _held(
    connection: Connection,
    org_id: UUID,
    picture: referrals.Picture,
    order: Order,
    admitted: dict[UUID, Any],
) -> list[seals.HeldSeal]:
    spoken = any(_spoken(wish, order.on_behalf) or wish.document for wish in order.wishes)
    if not spoken and not admitted:
        return []
    return await seals.held_seals(connection, picture.facts.id, org_id=org_id)


def _spoken(wish: Wish, on_behalf: OnBehalf | None) -> dict[str, Any]:
    words = {key: value for key, value in msgspec.structs.asdict(wish.words).items() if value}
    if on_behalf is not None and on_behalf.spoke_to:
        words["spoke_to"] = on_behalf.spoke_to
    return words


async def _say(
    sealer: sealing.Sealer, plan: Plan, order: Order, *, now: datetime, actor: Actor
) -> tuple[dict[int, UUID], list[rows.DocumentRow]]:
    said: dict[int, UUID] = {}
    documents: list[rows.DocumentRow] = []
    for event, wish in zip(plan.acted, order.wishes, strict=True):
        words = _spoken(wish, order.on_behalf)
        if words:
            said[event.seq] = await sealer.put("reason", words, leg_id=order.leg_id)
        if wish.document is not None:
            documents.append(await _file(sealer, wish.document, order, now=now, actor=actor))
    return said, documents


async def _file(
    sealer: sealing.Sealer, document: Document, order: Order, *, now: datetime, actor: Actor
) -> rows.DocumentRow:
    words = {"title": document.title, "author": document.author, "text": document.text}
    content_id = await sealer.put("document", words, leg_id=order.leg_id)
    source = order.on_behalf.source if order.on_behalf else order.source
    return rows.DocumentRow(
        id=content_id,
        content_id=content_id,
        type_code=document.type_code,
        sensitivity=sealer.contents[-1].sensitivity,
        written_on=document.written_on,
        received_at=document.received_at or now,
        source=source,
        evidence=document.evidence,
        leg_id=order.leg_id,
        entered_by_member_id=actor.member_id,
    )


def _coded(wishes: tuple[Wish, ...]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for wish in wishes:
        fields = msgspec.to_builtins(wish.details)
        kept |= {
            name: value
            for name, value in fields.items()
            if value and not name.startswith("has_") and name not in _NOT_KEPT
        }
    return kept


_NOT_KEPT = frozenset({"recipients", "reviewer_is_clinician", "organization_left"})


def _audits(actor: Actor, plan: Plan, order: Order) -> tuple[rows.AuditRow, ...]:
    kind = "referral" if order.leg_id is None else "leg"
    return tuple(
        rows.AuditRow(
            org_id=actor.org_id,
            action=f"step.{event.rule.step}",
            resource_kind=kind,
            resource_id=order.leg_id or plan.referral.id,
            sensitivity=plan.referral.sensitivity,
            detail={"rule": event.rule.id, "party": event.rule.party, "seq": event.seq},
        )
        for event in plan.acted
    )


def _spent(once: rows.OnceRow | None, plan: Plan) -> rows.OnceRow | None:
    if once is None:
        return None
    return msgspec.structs.replace(
        once, resource_id=plan.referral.id, resource_version=plan.referral.version
    )
