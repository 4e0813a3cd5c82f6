"""What a step looks at: a referral with its legs as they stand, in one frozen picture."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from service.domain import leg as legs
from service.domain.calendars import Calendar
from service.domain.clocks import Clock, Term
from service.domain.leg import LegState
from service.domain.people import Mode, Priority
from service.domain.referral import ReferralState
from service.domain.rules import When


class LegFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One leg: its row, how its recipient works, and the last thing that happened on it."""

    id: UUID
    number: int
    org_id: UUID
    service_id: UUID | None = None
    channel: str = "account"
    central_intake: bool = False
    state: LegState = LegState.NONE
    version: int = 0
    owner_member_id: UUID | None = None
    received_at: datetime | None = None
    accepted_at: datetime | None = None
    asked_at: datetime | None = None
    ask_open: bool = False
    ask_due_at: datetime | None = None
    answer_due_at: datetime | None = None
    expected_by: date | None = None
    next_check_on: date | None = None
    next_report_on: date | None = None
    waitlist_position: int | None = None
    appointment_at: datetime | None = None
    appointment_ends_at: datetime | None = None
    attempts: int = 0
    reason: str | None = None
    outcome: str | None = None
    need_met: str | None = None
    service_on: date | None = None
    completed_at: datetime | None = None
    reviewed_at: datetime | None = None
    ended_at: datetime | None = None
    replaces_leg_id: UUID | None = None
    sent_at: datetime | None = None

    @property
    def live(self) -> bool:
        """Whether somebody still owes something on this leg."""
        return self.state in legs.LIVE

    @property
    def unreviewed(self) -> bool:
        """Whether an outcome came back that the referrer has not looked at."""
        return self.state is LegState.COMPLETED and self.reviewed_at is None


class LastEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A newest event of a leg, or of the referral where leg_id is None: for undo and the clocks.

    Of each there are two at most: the newest by a person or partner, and the newest by the clock.
    """

    leg_id: UUID | None
    seq: int
    from_state: str
    step: str
    party: str
    entered_at: datetime
    actor_member_id: UUID | None = None
    link_id: UUID | None = None


class ArmedTimer(msgspec.Struct, frozen=True, kw_only=True):
    """A timer that waits: the next tick of one clock of one leg, or of the referral."""

    id: UUID
    leg_id: UUID | None
    clock: str
    due_at: datetime


class OpenTask(msgspec.Struct, frozen=True, kw_only=True):
    """Work that a person still owes on this referral."""

    id: UUID
    leg_id: UUID | None
    kind: str


class ReferralFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The whole picture a step decides on; `calendars` has one entry per organization in it.

    `terms`: how long clocks wait where somebody set it for this kind of service and priority.
    `back_to`: who of the sender answers for it again once a coordinator hands it back.
    """

    id: UUID
    reference: str
    sender_org_id: UUID
    cco_org_id: UUID | None
    state: ReferralState
    version: int
    last_seq: int
    mode: Mode
    priority: Priority
    sensitivity: str
    pattern: str
    reviewer: str
    evidence: str
    consent_basis: str | None
    owner_org_id: UUID
    owner_member_id: UUID
    back_to: UUID | None = None
    hold_until: datetime | None = None
    sent_at: datetime | None = None
    closed_at: datetime | None = None
    disposition: str | None = None
    need_met: str | None = None
    close_reason: str | None = None
    legs: tuple[LegFacts, ...] = ()
    last_events: tuple[LastEvent, ...] = ()
    timers: tuple[ArmedTimer, ...] = ()
    tasks: tuple[OpenTask, ...] = ()
    calendars: dict[UUID, Calendar] = {}
    terms: dict[Clock, Term] = {}

    def leg(self, leg_id: UUID | None) -> LegFacts | None:
        """Return the leg of that id, or nothing."""
        return next((leg for leg in self.legs if leg.id == leg_id), None)

    def last_event(self, leg_id: UUID) -> LastEvent | None:
        """Return the newest event of a leg, or nothing."""
        found = (event for event in self.last_events if event.leg_id == leg_id)
        return max(found, key=lambda event: event.seq, default=None)


class Hand(msgspec.Struct, frozen=True, kw_only=True):
    """Who is acting: only the same member or the same link takes a step back."""

    member_id: UUID | None = None
    link_id: UUID | None = None


NOBODY = Hand()
"""No hand at all: takes nothing back."""

UNDO_SECONDS = 15 * 60
"""How long an answer may be taken back. Source: design/links.md 10."""

HOLD_SECONDS = 10
"""How long a send is held before anything leaves (R11)."""


def conditions(
    referral: ReferralFacts, leg: LegFacts | None, *, now: datetime, by: Hand
) -> frozenset[When]:
    """Say which of the closed list of conditions hold now for the referral and one leg of it.

    `by` is whose hand it is: an answer is taken back by who gave it.
    """
    found = _order_conditions(referral, now=now)
    if leg is not None:
        found |= _leg_conditions(referral, leg, now=now, by=by)
    return frozenset(found)


def _order_conditions(referral: ReferralFacts, *, now: datetime) -> set[When]:
    checks = {
        When.FIRST_ACCEPTS: referral.mode is Mode.FIRST_ACCEPTS,
        When.HELD: referral.hold_until is not None and now < referral.hold_until,
        When.NOTHING_RECEIVED: all(leg.received_at is None for leg in referral.legs),
        When.NO_LIVE_LEG: not any(leg.live for leg in referral.legs),
        When.UNREVIEWED: any(leg.unreviewed for leg in referral.legs),
        When.ALL_REVIEWED: not any(leg.unreviewed for leg in referral.legs),
        When.WITH_SENDER: referral.owner_org_id == referral.sender_org_id,
        When.WITH_COORDINATOR: referral.owner_org_id != referral.sender_org_id
        and referral.back_to is not None,
    }
    return {when for when, holds in checks.items() if holds}


def _leg_conditions(
    referral: ReferralFacts, leg: LegFacts, *, now: datetime, by: Hand
) -> set[When]:
    partner = leg.channel == "partner"
    checks = {
        When.EVER_RECEIVED: leg.received_at is not None,
        When.NEVER_RECEIVED: leg.received_at is None,
        When.EVER_ACCEPTED: leg.accepted_at is not None,
        When.PARTNER_LEG: partner,
        When.NOT_PARTNER_LEG: not partner,
        When.CENTRAL_INTAKE: leg.central_intake,
        When.REPLACES: leg.replaces_leg_id is not None,
        When.INFO_ASKED: leg.ask_open,
        When.LEG_UNREVIEWED: leg.unreviewed,
        When.WITHIN_UNDO: _undoable(referral, leg, now=now, by=by),
    }
    return {when for when, holds in checks.items() if holds}


def _undoable(referral: ReferralFacts, leg: LegFacts, *, now: datetime, by: Hand) -> bool:
    last = referral.last_event(leg.id)
    if last is None or not legs.undoable_step(last.step):
        return False
    if by == NOBODY or by != Hand(member_id=last.actor_member_id, link_id=last.link_id):
        return False
    return (now - last.entered_at).total_seconds() < UNDO_SECONDS and nothing_followed(
        referral, last
    )


def nothing_followed(referral: ReferralFacts, last: LastEvent) -> bool:
    """Whether nobody but the clock acted on this referral after that event."""
    later = (event for event in referral.last_events if event.seq > last.seq)
    return all(event.party == "CLOCK" for event in later)
