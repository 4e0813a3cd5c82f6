"""What follows from a step: every row that one statement is going to write."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from service.domain.details import Details
from service.domain.effects import Effect
from service.domain.facts import LegFacts, ReferralFacts
from service.domain.rules import Machine, Party, Rule, Step
from service.domain.terms import Reckoning


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """A step somebody wants to take: which, in which capacity, on what, with which codes."""

    machine: Machine
    step: Step
    parties: tuple[Party, ...]
    now: datetime
    leg_id: UUID | None = None
    details: Details = Details()
    recipients: tuple[LegFacts, ...] = ()
    actor_member_id: UUID | None = None
    link_id: UUID | None = None


class EventRow(msgspec.Struct, frozen=True, kw_only=True):
    """One line of history: the rule used, on the referral or on one leg."""

    seq: int
    rule: Rule
    leg_id: UUID | None = None
    reason: str | None = None
    undoes_seq: int | None = None
    acted: bool = False


class TimerRow(msgspec.Struct, frozen=True, kw_only=True):
    """A timer to arm: `due_at` is the next tick; then it is due, calls a second one in, and moves.

    `final_at` is when it moves to somebody else.
    """

    clock: str
    turn_org_id: UUID
    started_at: datetime
    due_at: datetime
    late_at: datetime
    second_at: datetime
    final_at: datetime
    reckoning: Reckoning
    leg_id: UUID | None = None
    rung: int = 0


class TaskRow(msgspec.Struct, frozen=True, kw_only=True):
    """Work for a person, with the sentence's code and whom it is about."""

    kind: str
    org_id: UUID
    reason: str
    leg_id: UUID | None = None
    about_org_id: UUID | None = None
    member_id: UUID | None = None
    due_at: datetime | None = None


class AppointmentRow(msgspec.Struct, frozen=True, kw_only=True):
    """A booking to write beside the step that made it."""

    leg_id: UUID
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    site_id: UUID | None
    modality: str | None
    language_help: str | None


class CapacityRow(msgspec.Struct, frozen=True, kw_only=True):
    """What a decline tells the directory about a service."""

    org_id: UUID
    service_id: UUID
    until: date | None


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """Everything one step writes; `referral` is how it stands afterwards."""

    before: ReferralFacts
    referral: ReferralFacts
    events: tuple[EventRow, ...]
    changed_legs: tuple[LegFacts, ...] = ()
    new_legs: tuple[LegFacts, ...] = ()
    arm: tuple[TimerRow, ...] = ()
    disarm: tuple[UUID, ...] = ()
    effects: tuple[Effect, ...] = ()
    texts: tuple[Effect, ...] = ()
    cancel_effects_of: tuple[int, ...] = ()
    tasks: tuple[TaskRow, ...] = ()
    moot: tuple[UUID, ...] = ()
    joins: tuple[UUID, ...] = ()
    leaves: tuple[UUID, ...] = ()
    appointment: AppointmentRow | None = None
    appointment_state: tuple[UUID, str] | None = None
    capacity: CapacityRow | None = None

    @property
    def acted(self) -> tuple[EventRow, ...]:
        """The events of the steps that were asked for; the others are their consequences."""
        return tuple(event for event in self.events if event.acted)
