"""What the API answers about referrals: frozen shapes, and how a card becomes one."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from service.actions.open_now import OpenStep
from service.domain import ladder, why
from service.domain.leg import LegState
from service.domain.notices import Label
from service.domain.patient import Identity
from service.domain.referral import ReferralState
from service.store.reading import Appointment, Card, LegCard, TimerCard


class Owner(msgspec.Struct, frozen=True, kw_only=True):
    """Who answers for the loop."""

    org_id: UUID
    member_id: UUID
    name: str


class Patient(msgspec.Struct, frozen=True, kw_only=True):
    """Who a referral is about, in a list."""

    family: str
    given: tuple[str, ...]
    birth_date: date


class Leg(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One recipient's attempt, and what may be done to it now."""

    id: UUID
    number: int
    org_id: UUID
    recipient: str
    state: str
    version: int
    channel: str
    since: datetime
    service_id: UUID | None = None
    service: str | None = None
    owner: str | None = None
    owner_member_id: UUID | None = None
    appointment_at: datetime | None = None
    expected_by: date | None = None
    answer_due_at: datetime | None = None
    next_check_on: date | None = None
    next_report_on: date | None = None
    waitlist_position: int | None = None
    information_asked: bool = False
    attempts: int = 0
    reason: str | None = None
    outcome: str | None = None
    need_met: str | None = None
    service_on: date | None = None
    open_steps: tuple[OpenStep, ...] = ()
    on_behalf_steps: tuple[OpenStep, ...] = ()


class Item(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A referral in a list; where only its stage may be seen, most is left out."""

    id: UUID
    reference: str
    state: str
    created_at: datetime
    since: datetime
    web_url: str
    version: int = 0
    why_open: str = ""
    stage_only: bool = False
    priority: str = ""
    category: str = ""
    sensitivity: str = ""
    capacity: str = ""
    sender_org_id: UUID | None = None
    sender: str = ""
    owner: Owner | None = None
    patient: Patient | None = None
    sent_at: datetime | None = None
    closed_at: datetime | None = None
    disposition: str | None = None
    need_met: str | None = None
    close_reason: str | None = None
    legs: tuple[Leg, ...] = ()


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """One page; `next` is the `after` of the following one, null at the end."""

    items: tuple[Item, ...]
    next: str | None


class Line(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of history, with its words where this reader may have them."""

    seq: int
    step: str
    from_state: str
    becomes: str
    party: str
    rule: str
    at: datetime
    entered_at: datetime
    source: str
    leg_id: UUID | None = None
    actor_org: str | None = None
    actor: str | None = None
    actor_kind: str = "member"
    api_key_id: UUID | None = None
    on_behalf: bool = False
    reason: str | None = None
    details: dict[str, Any] = {}
    words: dict[str, Any] | None = None
    undoes_seq: int | None = None


class Document(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A document: its type, three dates, where it came from, and its words where allowed.

    One that was taken back is a tombstone: it has `retracted_at` and a reason, and no words.
    """

    id: UUID
    type_code: str
    type_system: str
    written_on: date
    received_at: datetime
    entered_at: datetime
    source: str
    evidence: str
    author_org: str
    leg_id: UUID | None = None
    title: str | None = None
    author: str | None = None
    text: str | None = None
    retracted_at: datetime | None = None
    retract_reason: str | None = None


class Referral(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One referral, whole, as its reader may see it."""

    referral: Item
    open_steps: tuple[OpenStep, ...] = ()
    redisclosure_notice: str = ""
    consent_scope: dict[str, Any] | None = None
    security_labels: tuple[Label, ...] = ()
    break_glass_id: UUID | None = None
    question: str | None = None
    narrative: str | None = None
    reason_codes: tuple[str, ...] = ()
    authorization_number: str | None = None
    patient: Identity | None = None
    order: dict[str, Any] = {}
    appointments: tuple[Appointment, ...] = ()
    history: tuple[Line, ...] = ()
    documents: tuple[Document, ...] = ()
    disclosed: bool = False
    no_longer_readable: tuple[str, ...] = ()


def why_open(card: Card, *, language: str) -> str:
    """Say why a referral is open, or nothing where it is not."""
    timers = {timer.leg_id: timer for timer in reversed(card.timers)}
    return why.why_open(
        why.WhyView(
            state=ReferralState(card.state),
            since=card.since,
            sender=card.sender,
            owner=card.owner,
            now=card.now,
            zone=card.zone,
            legs=tuple(_why_leg(card, leg, timers.get(leg.id)) for leg in card.legs),
            timer=_why_timer(card, timers.get(None) or (card.timers[0] if card.timers else None)),
        ),
        language=language,
    )


def _why_leg(card: Card, leg: LegCard, timer: TimerCard | None) -> why.WhyLeg:
    return why.WhyLeg(
        recipient=leg.recipient,
        state=LegState(leg.state),
        since=leg.since,
        appointment_at=leg.appointment_at,
        timer=_why_timer(card, timer),
    )


def _why_timer(card: Card, timer: TimerCard | None) -> why.WhyTimer | None:
    if timer is None:
        return None
    moved = card.owner_org_id != card.sender_org_id or timer.rung > ladder.MOVES
    return why.WhyTimer(
        next_at=timer.due_at,
        rung=timer.rung,
        moves_at=None if moved else timer.final_at,
        moves_to=timer.moves_to or "",
    )


def leg_of(
    leg: LegCard, *, steps: Sequence[OpenStep] = (), on_behalf: Sequence[OpenStep] = ()
) -> Leg:
    """Shape a leg."""
    fields = msgspec.structs.asdict(leg)
    fields["information_asked"] = fields.pop("ask_open")
    return Leg(**fields, open_steps=tuple(steps), on_behalf_steps=tuple(on_behalf))


def item_of(
    card: Card,
    *,
    language: str,
    public_url: str,
    stage_only: bool,
    identity: Identity | None = None,
    legs: tuple[Leg, ...] | None = None,
) -> Item:
    """Shape a card; of a stage-only one no more than reference, stage and age."""
    bare: dict[str, Any] = {
        "id": card.id,
        "reference": card.reference,
        "state": card.state,
        "created_at": card.created_at,
        "since": card.since,
        "web_url": web_url(public_url, card.id),
    }
    if stage_only:
        return Item(**bare, stage_only=True)
    return Item(
        **bare,
        version=card.version,
        why_open=why_open(card, language=language),
        priority=card.priority,
        category=card.category,
        sensitivity=card.sensitivity,
        capacity=card.capacity,
        sender_org_id=card.sender_org_id,
        sender=card.sender,
        owner=Owner(org_id=card.owner_org_id, member_id=card.owner_member_id, name=card.owner),
        patient=_patient(identity),
        sent_at=card.sent_at,
        closed_at=card.closed_at,
        disposition=card.disposition,
        need_met=card.need_met,
        close_reason=card.close_reason,
        legs=legs if legs is not None else tuple(leg_of(leg) for leg in card.legs),
    )


def _patient(identity: Identity | None) -> Patient | None:
    if identity is None:
        return None
    name = identity.name
    return Patient(family=name.family, given=name.given, birth_date=identity.birth_date)


def web_url(public_url: str, referral_id: UUID) -> str:
    """Return the page of a referral for people."""
    return f"{public_url.rstrip('/')}/referrals/{referral_id}"
