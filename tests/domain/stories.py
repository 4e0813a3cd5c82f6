"""A referral told step by step, without a database: each plan becomes the picture of the next."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from service.domain import decide, ids
from service.domain.calendars import ALWAYS, Calendar
from service.domain.details import Details
from service.domain.facts import ArmedTimer, LegFacts, OpenTask, ReferralFacts
from service.domain.leg import LegState
from service.domain.people import Mode, Priority
from service.domain.plan import Act, Plan
from service.domain.referral import ReferralState
from service.domain.rules import Machine, Party, Step

MONDAY = datetime(2026, 3, 2, 18, tzinfo=UTC)
SENDER, CCO, OWNER = UUID(int=1), UUID(int=2), UUID(int=3)
OPEN_ALL_DAY = Calendar(zone="America/Los_Angeles", hours=ALWAYS, keeps_holidays=False)

GOOD: dict[Step, Details] = {
    Step.ASK: Details(has_items=True, due_on=date(2026, 3, 5)),
    Step.SUPPLY: Details(has_items=True),
    Step.ACCEPT: Details(has_owner_name=True, expected_by=date(2026, 3, 9)),
    Step.DECLINE: Details(reason="out_of_area"),
    Step.REDIRECT: Details(recipients=1),
    Step.WAITLIST: Details(waitlist_position=3, next_check_on=date(2026, 3, 20)),
    Step.SCHEDULE: Details(starts_at=MONDAY + timedelta(days=3), modality="in_person"),
    Step.CANCEL_APPOINTMENT: Details(by_whom="patient"),
    Step.START: Details(service_on=date(2026, 3, 2)),
    Step.COMPLETE: Details(outcome="served", need_met="yes"),
    Step.GIVE_UP: Details(reason="client_moved"),
    Step.REQUEST_CANCEL: Details(reason="no_longer_needed"),
    Step.WITHDRAW: Details(reason="wrong_recipient"),
    Step.VOID: Details(reason="entered_twice"),
    Step.END_UNRESPONSIVE: Details(reason="organization_left", organization_left=True),
    Step.REQUEST_ADDENDUM: Details(has_comment=True),
    Step.ADDENDUM: Details(has_document=True),
    Step.LOG_ATTEMPT: Details(attempt_result="no_answer"),
    Step.ADD_LEG: Details(recipients=1),
    Step.CLOSE_WITHOUT_SERVICE: Details(reason="no_service_available", patient_informed=True),
    Step.REOPEN: Details(reason="patient_says_no"),
}
"""What each step must carry, and no more."""

CHOSEN: dict[Party, UUID] = {party: UUID(int=50 + n) for n, party in enumerate(Party)}
"""The member who acts for each party, unless a test says who."""


def leg(number: int = 1, **fields: Any) -> LegFacts:
    """Make the leg of that number, sent and not yet taken in."""
    defaults: dict[str, Any] = {"state": LegState.SENT, "version": 1}
    return LegFacts(
        id=UUID(int=100 + number),
        number=number,
        org_id=UUID(int=200 + number),
        service_id=UUID(int=300 + number),
        **(defaults | fields),
    )


def newcomer(number: int = 9, **fields: Any) -> LegFacts:
    """Make a recipient that is only to become one."""
    return leg(number, state=LegState.NONE, version=0, **fields)


def picture(*legs: LegFacts, **fields: Any) -> ReferralFacts:
    """Make a sent referral with these legs."""
    orgs = [SENDER, CCO, *(UUID(int=200 + n) for n in range(20))]
    defaults: dict[str, Any] = {
        "state": ReferralState.WITH_RECIPIENT,
        "version": 1,
        "last_seq": 10,
        "mode": Mode.FIRST_ACCEPTS,
        "priority": Priority.ROUTINE,
        "consent_basis": "treatment",
        "reviewer": "staff",
        "evidence": "outcome",
        "sent_at": MONDAY - timedelta(days=1),
        "hold_until": MONDAY - timedelta(days=1),
    }
    return ReferralFacts(
        id=UUID(int=4),
        reference="ABCD-EFGH",
        sender_org_id=SENDER,
        cco_org_id=CCO,
        sensitivity="general",
        pattern="visit",
        owner_org_id=SENDER,
        owner_member_id=OWNER,
        legs=legs,
        calendars=dict.fromkeys(orgs, OPEN_ALL_DAY),
        **(defaults | fields),
    )


def act(step: Step, leg_id: UUID | None, party: Party, **fields: Any) -> Act:
    """Make a step that carries what it must."""
    fresh = (newcomer(),) if step in (Step.REDIRECT, Step.ADD_LEG) else ()
    hand = {"link_id": CHOSEN[party]} if party is Party.LINK else {"actor_member_id": CHOSEN[party]}
    defaults: dict[str, Any] = {
        "details": GOOD.get(step, Details()),
        "recipients": fresh,
        "now": MONDAY,
        **hand,
    }
    return Act(
        machine=Machine.REFERRAL if leg_id is None else Machine.LEG,
        step=step,
        parties=(party,),
        leg_id=leg_id,
        **(defaults | fields),
    )


class Story:
    """A referral as it goes: `take` decides a step and turns its plan into what stands."""

    def __init__(self, recipients: int = 1, *, now: datetime = MONDAY, **fields: Any) -> None:
        self.now = now
        self.plans: list[Plan] = []
        self.facts = picture(
            state=ReferralState.NONE,
            version=0,
            last_seq=0,
            sent_at=None,
            hold_until=None,
            **fields,
        )
        fresh = tuple(newcomer(number) for number in range(1, recipients + 1))
        self.take(Step.CREATE, recipients=fresh)

    def sent(self) -> "Story":
        """Send it, and let the hold pass."""
        self.take(Step.SEND)
        self.wait(seconds=11)
        return self

    def wait(self, **amount: float) -> "Story":
        """Let time pass; nothing fires."""
        self.now += timedelta(**amount)
        return self

    def leg(self, number: int = 1) -> LegFacts:
        """Return the leg of that number as it stands."""
        return next(each for each in self.facts.legs if each.number == number)

    def take(
        self,
        step: Step,
        number: int | None = None,
        party: Party = Party.REFERRER,
        **fields: Any,
    ) -> Plan:
        """Take a step on the leg of that number, or on the referral."""
        leg_id = self.leg(number).id if number is not None else None
        return self.form(act(step, leg_id, party, **({"now": self.now} | fields)))

    def answer(self, step: Step, number: int = 1, **fields: Any) -> Plan:
        """Take a step as the recipient of that leg; each has a member of its own."""
        member = UUID(int=400 + number)
        return self.take(step, number, Party.RECIPIENT, **({"actor_member_id": member} | fields))

    def form(self, *acts: Act) -> Plan:
        """Take several steps as one form."""
        plan = decide.decide(self.facts, *acts)
        gone = {*plan.disarm, *plan.moot}
        timers = [timer for timer in self.facts.timers if timer.id not in gone]
        timers += [
            ArmedTimer(id=ids.new_id(), leg_id=row.leg_id, clock=row.clock, due_at=row.due_at)
            for row in plan.arm
        ]
        tasks = [task for task in self.facts.tasks if task.id not in gone]
        tasks += [OpenTask(id=ids.new_id(), leg_id=row.leg_id, kind=row.kind) for row in plan.tasks]
        self.facts = msgspec.structs.replace(
            plan.referral, timers=tuple(timers), tasks=tuple(tasks)
        )
        self.plans.append(plan)
        return plan

    def clocks(self) -> set[tuple[int | None, str]]:
        """Say which clocks run, each with its leg's number."""
        numbers = {each.id: each.number for each in self.facts.legs} | {None: None}
        return {(numbers[timer.leg_id], timer.clock) for timer in self.facts.timers}

    def states(self) -> list[str]:
        """Say how the referral and its legs stand."""
        return [str(self.facts.state), *(str(each.state) for each in self.facts.legs)]
