"""Take a step on a leg or a referral: the one door through which anything moves."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from service import faults
from service.actions import admission, files, filing, gate, orders, sealing
from service.actions.office import Office
from service.actions.orders import Document as Document
from service.actions.orders import OnBehalf as OnBehalf
from service.actions.orders import Order, Taken, Wish
from service.actions.orders import Words as Words
from service.domain import decide as rules
from service.domain import policy
from service.domain.details import Details
from service.domain.facts import LegFacts
from service.domain.people import Actor, ActorKind, Capacity, Role, SensitivityClass
from service.domain.plan import Act, Plan
from service.domain.rules import Machine, Party, Step
from service.store import keys as seals
from service.store import reading, referrals, rows
from service.store.pool import Connection, Scope

TRIES = 3
"""How often a step that lost a race is read and decided again."""


class _Case(msgspec.Struct, frozen=True, kw_only=True):
    """Who wants what, and how it stands; `leg` is None where the order itself is meant."""

    actor: Actor
    order: Order
    picture: referrals.Picture
    leg: LegFacts | None


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
        case = await _case(connection, actor, order)
        facts = case.picture.facts
        if any(wish.step is Step.SEND for wish in order.wishes):
            facts = gate.grounded(facts, override=bool(order.override_reason))
        plan = rules.decide(facts, *await _acts(connection, case))
        overrides = {}
        if plan.joins or plan.new_legs:
            overrides = await admission.check(
                connection,
                case.picture,
                plan,
                handed_off=any(wish.details.phone_handoff_at for wish in order.wishes),
                override=gate.override_of(
                    office, actor, reason=order.override_reason, request_id=order.request_id
                ),
            )
        step = await _rows(office, connection, case, plan, overrides=overrides)
        if not await referrals.write_step(connection, plan, step):
            return None
    return Taken(referral_id=plan.referral.id, version=plan.referral.version, plan=plan)


async def _case(connection: Connection, actor: Actor, order: Order) -> _Case:
    picture = await referrals.picture(
        connection, referral_id=order.referral_id, leg_id=order.leg_id
    )
    leg = picture.facts.leg(order.leg_id)
    if leg is None and order.leg_id is not None:
        raise faults.Missing
    if actor.kind is ActorKind.LINK and not await referrals.link_opens(
        connection, actor.link_id, leg_id=order.leg_id
    ):
        raise faults.Missing
    return _Case(actor=actor, order=order, picture=picture, leg=leg)


async def _acts(connection: Connection, case: _Case) -> tuple[Act, ...]:
    actor, order, leg = case.actor, case.order, case.leg
    parties = _may(case)
    _heard(actor, order, leg, now=case.picture.now)
    left = leg is not None and await _left(connection, leg, order)
    acts: list[Act] = []
    for wish in order.wishes:
        await _owner_works_there(connection, wish, leg)
        fresh = await admission.newcomers(connection, wish.service_ids)
        _calendars(case.picture, fresh)
        acts.append(
            Act(
                machine=Machine.REFERRAL if leg is None else Machine.LEG,
                step=wish.step,
                parties=parties,
                now=case.picture.now,
                leg_id=order.leg_id,
                details=_details(wish, actor, organization_left=left),
                recipients=tuple(newcomer.leg for newcomer in fresh),
                actor_member_id=actor.member_id,
                link_id=actor.link_id,
            )
        )
    return tuple(acts)


def _may(case: _Case) -> tuple[Party, ...]:
    """Return in which capacities this actor acts; raises Missing, Refused, and only then Stale."""
    actor, order, leg = case.actor, case.order, case.leg
    for wish in order.wishes:
        _allow(actor, wish.step, case.picture, leg)
    parties = parties_of(actor, case.picture, leg, on_behalf=order.on_behalf is not None)
    if leg is not None and not parties:
        raise faults.Missing
    current = case.picture.facts.version if leg is None else leg.version
    if order.seen is not None and order.seen != current:
        raise faults.Stale(version=current)
    return parties


def _heard(actor: Actor, order: Order, leg: LegFacts | None, *, now: datetime) -> None:
    """Refuse to mark as heard from a recipient what is none of its answers, or lies ahead."""
    said = order.on_behalf
    if said is None:
        return
    if leg is None or leg.org_id == actor.org_id:
        raise _wrong("on_behalf", "Leave it out: only another's answer is recorded on its behalf.")
    if said.happened_at is not None and said.happened_at > now:
        raise _wrong("on_behalf.happened_at", "Say when it happened; it cannot lie ahead.")


async def _owner_works_there(connection: Connection, wish: Wish, leg: LegFacts | None) -> None:
    member_id = wish.details.owner_member_id
    if member_id is None or leg is None:
        return
    if not await reading.is_active_member(connection, leg.org_id, member_id=member_id):
        raise _wrong("owner_member_id", "Name an active member of the recipient's organization.")


def _wrong(field: str, detail: str) -> faults.Invalid:
    return faults.Invalid(errors=[{"field": field, "detail": detail}])


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
        recipient = Party.PARTNER if partner else Party.RECIPIENT
        # Who records another's answer takes the other's step and none of its own with it.
        found = [recipient] if on_behalf else [*found, recipient]
    return tuple(found)


def _allow(actor: Actor, step: Step, picture: referrals.Picture, leg: LegFacts | None) -> None:
    if actor.kind is not ActorKind.MEMBER:
        return
    answer = policy.decide(
        actor,
        policy.action_of(step, of_leg=leg is not None),
        resource=policy.Resource(
            org_id=actor.org_id,
            member_id=picture.facts.owner_member_id,
            capacity=_part(actor, picture, leg),
            classes=frozenset(SensitivityClass(value) for value in picture.classes),
        ),
    )
    if isinstance(answer, policy.Deny):
        raise faults.Missing if answer.reason is policy.DenyReason.NOT_YOURS else faults.Refused


def _part(actor: Actor, picture: referrals.Picture, leg: LegFacts | None) -> Capacity | None:
    """Return this organization's part: a recipient has none in another's, not even its version."""
    found = Capacity(picture.capacity) if picture.capacity else None
    others = leg is not None and leg.org_id != actor.org_id
    return None if others and found is Capacity.RECIPIENT else found


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


async def _rows(
    office: Office,
    connection: Connection,
    case: _Case,
    plan: Plan,
    *,
    overrides: dict[UUID, UUID],
) -> rows.StepRows:
    actor, order, picture = case.actor, case.order, case.picture
    if actor.org_id is None:
        raise faults.Missing
    circle = admission.circle(picture, plan, overrides)
    admitted = admission.joins(plan, circle)
    silent = not admitted and not any(filing.says(wish, order.on_behalf) for wish in order.wishes)
    held = [] if silent else await seals.epochs(connection, picture.facts.id, org_id=actor.org_id)
    sealer = sealing.Sealer(office, circle, org_id=actor.org_id, held=held, now=picture.now)
    if not _takes_back(order):
        # Who comes back by an undo holds what it held; nothing was written for others since.
        await sealer.admit(list(admitted))
    await files.take_along(
        connection, actor, picture.facts.id, wanted=filing.files_of(order.wishes)
    )
    words, documents = await filing.say(sealer, plan, order, actor=actor)
    return rows.StepRows(
        actor=actor,
        now=picture.now,
        detail=orders.coded(order.wishes),
        **orders.heard_by(order),
        words=words,
        joins=admitted,
        overrides=overrides,
        contents=tuple(sealer.contents),
        documents=tuple(documents),
        epochs=tuple(sealer.epochs),
        seals=tuple(sealer.seals),
        disclosures=tuple(sealer.disclosures),
        audits=_audits(actor, plan, order),
        once=_spent(order.once, plan),
        worker_id=order.worker_id,
    )


def _takes_back(order: Order) -> bool:
    return any(wish.step is Step.UNDO for wish in order.wishes)


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
