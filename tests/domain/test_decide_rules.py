"""Every row of the rules is open where its conditions hold, and does what it says."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from service import faults
from service.domain import decide
from service.domain import leg as legs
from service.domain.details import Details
from service.domain.facts import Hand, LastEvent, OpenTask
from service.domain.leg import LEG_RULES, LegState
from service.domain.people import Mode
from service.domain.referral import REFERRAL_RULES, ReferralState
from service.domain.rules import Machine, Party, Rule, Step, When
from tests.domain import stories
from tests.domain.stories import MONDAY, Story

FOLLOWING = {Step.CREATE, Step.SEND, Step.RECALL, Step.FILLED}
ASKED = [
    rule
    for rule in LEG_RULES
    if rule.step not in FOLLOWING and not (rule.step is Step.UNDO and rule.party is Party.CLOCK)
]
FOLLOWS = [rule for rule in LEG_RULES if rule not in ASKED]
ORDERS = [rule for rule in REFERRAL_RULES if rule.party is not Party.CLOCK]

COLUMNS: dict[When, dict[str, Any]] = {
    When.EVER_RECEIVED: {"received_at": MONDAY},
    When.NEVER_RECEIVED: {"received_at": None},
    When.EVER_ACCEPTED: {"accepted_at": MONDAY, "received_at": MONDAY},
    When.PARTNER_LEG: {"channel": "partner"},
    When.CENTRAL_INTAKE: {"central_intake": True},
    When.INFO_ASKED: {"ask_open": True},
}


def order_state(state: str) -> ReferralState:
    if state == LegState.DRAFT:
        return ReferralState.DRAFT
    ended = state in legs.TERMINAL
    done = ReferralState.NEEDS_ROUTING if ended else ReferralState.AWAITING_REVIEW
    return ReferralState.WITH_RECIPIENT if state in legs.LIVE else done


UNDONE = {LegState.ACCEPTED: Step.ACCEPT, LegState.DECLINED: Step.DECLINE}


def last_of(rule: Rule, leg_id: UUID) -> tuple[LastEvent, ...]:
    hand = stories.CHOSEN[rule.party]
    return (
        LastEvent(
            leg_id=leg_id,
            seq=10,
            from_state=rule.becomes,
            step=UNDONE.get(LegState(rule.from_state), Step.NO_SHOW),
            party=rule.party,
            entered_at=MONDAY - timedelta(minutes=14),
            actor_member_id=None if rule.party is Party.LINK else hand,
            link_id=hand if rule.party is Party.LINK else None,
        ),
    )


def name(rule: Rule) -> str:
    return "-".join((rule.id, *rule.key[1:]))


@pytest.mark.parametrize("rule", ASKED, ids=name)
def test_a_leg_moves_by_every_row_whose_conditions_hold(rule: Rule):
    fields: dict[str, Any] = {}
    for when in rule.when:
        fields |= COLUMNS.get(when, {})
    leg = stories.leg(state=LegState(rule.from_state), **fields)
    events = last_of(rule, leg.id) if rule.step is Step.UNDO else ()
    before = stories.picture(leg, state=order_state(rule.from_state), last_events=events)
    plan = decide.decide(before, stories.act(rule.step, leg.id, rule.party))
    assert plan.acted[0].rule == rule
    after = plan.referral.leg(leg.id)
    assert after is not None
    assert (after.state, after.version) == (rule.becomes, leg.version + 1)
    assert [event.seq for event in plan.events] == list(range(11, 11 + len(plan.events)))


@pytest.mark.parametrize("rule", ASKED, ids=name)
def test_no_row_is_open_to_another_party(rule: Rule):
    leg = stories.leg(state=LegState(rule.from_state))
    before = stories.picture(leg, state=order_state(rule.from_state))
    with pytest.raises((faults.StepRefused, faults.Invalid)) as refusal:
        decide.decide(before, stories.act(rule.step, leg.id, Party.PATIENT))
    assert refusal.value.extra == {"open_steps": []}


@pytest.mark.parametrize("rule", FOLLOWS, ids=name)
def test_nobody_asks_for_what_only_follows(rule: Rule):
    leg = stories.leg(state=LegState(rule.from_state), replaces_leg_id=UUID(int=7))
    before = stories.picture(leg, hold_until=MONDAY + timedelta(seconds=1))
    with pytest.raises(faults.StepRefused):
        decide.decide(before, stories.act(rule.step, leg.id, rule.party))


@pytest.mark.parametrize("rule", ORDERS, ids=name)
def test_the_order_moves_by_every_row_of_a_person(rule: Rule):
    drafted = rule.from_state in (ReferralState.NONE, ReferralState.DRAFT)
    fields: dict[str, Any] = {"hold_until": MONDAY + timedelta(seconds=1)}
    states = {
        ReferralState.NONE: (),
        ReferralState.DRAFT: (stories.leg(state=LegState.DRAFT),),
        ReferralState.WITH_RECIPIENT: (stories.leg(),),
        ReferralState.NEEDS_ROUTING: (stories.leg(state=LegState.CANCELLED),),
        ReferralState.AWAITING_REVIEW: (stories.leg(state=LegState.COMPLETED),),
        ReferralState.CLOSED: (stories.leg(state=LegState.COMPLETED, reviewed_at=MONDAY),),
    }
    if drafted:
        fields |= {"sent_at": None, "hold_until": None}
    state = ReferralState(rule.from_state)
    before = stories.picture(*states[state], state=state, **fields)
    if rule.step is Step.HAND_BACK:
        moved = {"owner_org_id": stories.CCO, "back_to": UUID(int=901)}
        before = msgspec.structs.replace(before, **moved)
    plan = decide.decide(before, stories.act(rule.step, None, rule.party))
    assert plan.acted[0].rule == rule
    assert plan.referral.state == rule.becomes
    assert plan.acted[0].leg_id is None


def test_every_row_that_only_follows_is_used_by_something():
    used: set[tuple[str, ...]] = set()
    for story in (*_sendings(), *_fillings(), *_intakes()):
        used |= {event.rule.key for plan in story.plans for event in plan.events}
    wanted = {
        rule.key for rule in (*FOLLOWS, *REFERRAL_RULES) if rule in FOLLOWS or _by_clock(rule)
    }
    assert wanted - used == set()


def _by_clock(rule: Rule) -> bool:
    """Whether a row of the order follows from another; the clock moves a loop by itself."""
    by_clock = rule.machine is Machine.REFERRAL and rule.party is Party.CLOCK
    return by_clock and rule.step is not Step.ESCALATE


ESCALATIONS = [rule for rule in REFERRAL_RULES if rule.step is Step.ESCALATE]


@pytest.mark.parametrize("rule", ESCALATIONS, ids=name)
def test_a_loop_moves_to_a_coordinator_and_stands_where_it_stood(rule: Rule):
    state, coordinator = ReferralState(rule.from_state), UUID(int=901)
    legs = {ReferralState.WITH_RECIPIENT: (stories.leg(),)}.get(
        state, (stories.leg(state=LegState.COMPLETED),)
    )
    before = stories.picture(*legs, state=state)
    step = stories.act(rule.step, None, rule.party)
    step = msgspec.structs.replace(step, details=Details(owner_member_id=coordinator))
    plan = decide.decide(before, step)
    assert [event.rule for event in plan.acted] == [rule]
    now = (plan.referral.owner_org_id, plan.referral.owner_member_id)
    assert now == (stories.CCO, coordinator)
    assert {(effect.member_id, effect.code) for effect in plan.effects} == {
        (before.owner_member_id, "from_you"),
        (coordinator, "to_you"),
    }
    with pytest.raises(faults.StepRefused):
        decide.decide(plan.referral, step)


def _sendings() -> list[Story]:
    found = []
    for party in (Party.REFERRER, Party.COORDINATOR):
        story = Story()
        story.take(Step.SEND, party=party)
        story.take(Step.RECALL, party=party)
        found.append(story)
        late = Story().sent()
        late.answer(Step.ACCEPT)
        late.answer(Step.COMPLETE)
        late.take(Step.REVIEW)
        late.answer(Step.ADDENDUM)
        late.take(Step.REVIEW)
        late.take(Step.REOPEN)
        late.answer(Step.ADDENDUM)
        late.take(Step.ADD_LEG, party=party)
        late.take(Step.VOID, 2, Party.COORDINATOR)
        late.take(Step.VOID, 1, Party.COORDINATOR)
        found.append(late)
    return found


def _fillings() -> list[Story]:
    found = []
    for before in ((), (Step.RECEIVE,), (Step.ASK,)):
        story = Story(recipients=2).sent()
        for step in before:
            story.answer(step, 2)
        story.answer(Step.ACCEPT)
        story.answer(Step.UNDO)
        story.answer(Step.DECLINE)
        story.answer(Step.DECLINE, 2)
        story.answer(Step.UNDO, 2)
        found.append(story)
    one = Story(recipients=2, mode=Mode.ALL_NEEDED).sent()
    one.answer(Step.ACCEPT)
    one.answer(Step.COMPLETE)
    one.answer(Step.DECLINE, 2)
    one.answer(Step.UNDO, 2)
    found.append(one)
    return found


def _intakes() -> list[Story]:
    found = []
    for party in (Party.RECIPIENT, Party.LINK, Party.PARTNER):
        leg = stories.leg(central_intake=True)
        story = Story().sent()
        story.facts = stories.picture(leg)
        story.take(Step.REDIRECT, 1, party)
        found.append(story)
    return found


def test_a_coordinator_creates_as_a_referrer_does():
    before = stories.picture(state=ReferralState.NONE, last_seq=0)
    plan = decide.decide(
        before,
        stories.act(Step.CREATE, None, Party.COORDINATOR, recipients=(stories.newcomer(1),)),
    )
    assert [event.rule.party for event in plan.events] == [Party.COORDINATOR, Party.COORDINATOR]


def test_an_unknown_leg_is_missing():
    with pytest.raises(faults.Missing):
        decide.decide(
            stories.picture(stories.leg()),
            stories.act(Step.ACCEPT, UUID(int=9), Party.RECIPIENT),
        )


def test_no_step_at_all_is_refused():
    with pytest.raises(faults.Invalid):
        decide.decide(stories.picture(stories.leg()))


def test_a_refusal_lists_what_is_open_instead():
    leg = stories.leg(state=LegState.SCHEDULED)
    with pytest.raises(faults.StepRefused) as refusal:
        decide.decide(stories.picture(leg), stories.act(Step.ACCEPT, leg.id, Party.LINK))
    assert refusal.value.extra["open_steps"] == sorted(
        ["ask", "cancel_appointment", "complete", "give_up", "no_show", "schedule", "start"]
    )


def test_a_step_that_carries_too_little_says_which_field():
    leg = stories.leg()
    with pytest.raises(faults.Invalid) as refusal:
        decide.decide(
            stories.picture(leg),
            stories.act(Step.ACCEPT, leg.id, Party.LINK, details=Details()),
        )
    assert [error["field"] for error in refusal.value.extra["errors"]] == ["owner", "expected_by"]


def test_a_recipient_that_cannot_follow_refuses_the_whole_step():
    leg = stories.leg()
    stray = stories.leg(9, state=LegState.COMPLETED)
    with pytest.raises(faults.StepRefused):
        decide.decide(
            stories.picture(leg),
            stories.act(Step.REDIRECT, leg.id, Party.REFERRER, recipients=(stray,)),
        )


def test_an_order_without_a_recipient_is_not_sent():
    story = Story(recipients=0)
    with pytest.raises(faults.Invalid):
        story.take(Step.SEND)


def test_without_a_hand_nothing_can_be_taken_back():
    story = Story().sent()
    story.answer(Step.DECLINE)
    asked = {"parties": (Party.RECIPIENT,), "now": story.now}
    assert decide.open_steps(story.facts, story.leg(), **asked) == ()
    mine = Hand(member_id=UUID(int=401))
    found = decide.open_steps(story.facts, story.leg(), by=mine, **asked)
    assert [rule.step for rule in found] == [Step.UNDO]


def test_a_task_nobody_counts_as_a_clock_is_left_alone():
    leg = stories.leg(state=LegState.ACCEPTED)
    other = OpenTask(id=UUID(int=5), leg_id=leg.id, kind="consent_expires")
    before = stories.picture(leg, tasks=(other,))
    plan = decide.decide(before, stories.act(Step.COMPLETE, leg.id, Party.RECIPIENT))
    assert plan.moot == ()
