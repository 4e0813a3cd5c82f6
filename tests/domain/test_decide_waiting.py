"""Which clocks run after each step, when they first speak, and what stands still meanwhile."""

from datetime import date, timedelta
from uuid import UUID

import msgspec
import pytest

from service.domain import clocks
from service.domain.clocks import Clock
from service.domain.details import Details
from service.domain.facts import OpenTask
from service.domain.leg import LegState
from service.domain.people import Mode, Priority
from service.domain.rules import Party, Step
from tests.domain import stories
from tests.domain.stories import MONDAY, OPEN_ALL_DAY, Story

WALK = [
    (Step.RECEIVE, {(1, "answer")}),
    (Step.ASK, {(1, "supply")}),
    (Step.SUPPLY, {(1, "answer")}),
    (Step.ACCEPT, {(1, "schedule")}),
    (Step.WAITLIST, {(1, "check")}),
    (Step.SCHEDULE, {(1, "attend")}),
    (Step.NO_SHOW, {(1, "rebook")}),
    (Step.SCHEDULE, {(1, "attend")}),
    (Step.CANCEL_APPOINTMENT, {(1, "rebook")}),
    (Step.SCHEDULE, {(1, "attend")}),
    (Step.START, {(1, "report")}),
    (Step.COMPLETE, {(1, "review")}),
    (Step.REQUEST_ADDENDUM, {(1, "report")}),
    (Step.ADDENDUM, {(1, "review")}),
]
OURS = {Step.SUPPLY, Step.REQUEST_ADDENDUM}


def test_every_state_has_its_clock_and_leaving_it_disarms_that_clock():
    story = Story().sent()
    assert story.clocks() == {(1, "answer")}
    for step, running in WALK:
        story.wait(hours=1).take(step, 1, Party.REFERRER if step in OURS else Party.RECIPIENT)
        assert story.clocks() == running
    story.take(Step.REVIEW)
    assert story.clocks() == set()


def test_a_sent_order_first_speaks_half_way_and_waits_out_its_grace():
    plan = Story().take(Step.SEND)
    (row,) = plan.arm
    due = clocks.due(Clock.ANSWER, priority=Priority.ROUTINE, start=MONDAY, calendar=OPEN_ALL_DAY)
    assert (row.due_at, row.final_at) == (due.nudge_at, due.moves_at)
    assert row.due_at < due.due_at < row.final_at
    assert plan.referral.legs[0].answer_due_at == due.due_at
    assert (row.turn_org_id, row.rung) == (UUID(int=201), 0)


@pytest.mark.parametrize(
    ("step", "turn"), [(Step.ASK, stories.SENDER), (Step.ACCEPT, UUID(int=201))]
)
def test_the_clock_runs_by_the_calendar_of_whose_turn_it_is(step, turn):
    assert [row.turn_org_id for row in Story().sent().answer(step).arm] == [turn]


def test_an_order_nobody_works_on_has_a_clock_of_its_own():
    story = Story().sent()
    plan = story.answer(Step.DECLINE)
    assert story.clocks() == {(None, "route")}
    assert plan.arm[0].turn_org_id == stories.SENDER


def test_the_answer_clock_stands_still_while_the_sender_is_asked():
    story = Story().sent()
    due = story.leg().answer_due_at
    story.wait(hours=6).answer(Step.ASK)
    story.wait(hours=30).take(Step.SUPPLY, 1)
    assert story.leg().answer_due_at == due + timedelta(hours=30)
    story.wait(hours=1).answer(Step.ASK)
    story.wait(hours=5).take(Step.SUPPLY, 1)
    assert story.leg().answer_due_at == due + timedelta(hours=35)


def test_an_answer_taken_back_does_not_buy_a_fresh_term():
    story = Story(recipients=2).sent()
    due = [leg.answer_due_at for leg in story.facts.legs]
    for _ in range(3):
        story.wait(hours=1).answer(Step.ACCEPT)
        story.wait(minutes=10).answer(Step.UNDO)
    assert story.clocks() == {(1, "answer"), (2, "answer")}
    late = timedelta(minutes=30)
    assert [leg.answer_due_at for leg in story.facts.legs] == [each + late for each in due]


def test_an_answer_from_needs_info_taken_back_waits_for_the_sender_again():
    story = Story().sent()
    story.answer(Step.ASK)
    story.answer(Step.ACCEPT)
    assert story.clocks() == {(1, "schedule")}
    story.answer(Step.UNDO)
    assert story.clocks() == {(1, "supply")}
    assert story.leg().ask_due_at is not None


def test_a_clock_that_nobody_saw_stop_starts_afresh():
    leg = stories.leg(answer_due_at=MONDAY)
    story = Story()
    story.facts = stories.picture(leg)
    story.answer(Step.RECEIVE)
    assert story.leg().answer_due_at > MONDAY


def test_a_question_after_acceptance_runs_beside_and_blocks_nobody():
    story = Story().sent()
    story.answer(Step.ACCEPT)
    story.answer(Step.ASK)
    assert story.leg().state is LegState.ACCEPTED
    assert story.clocks() == {(1, "schedule"), (1, "supply")}
    story.answer(Step.SCHEDULE)
    assert story.clocks() == {(1, "attend"), (1, "supply")}
    story.take(Step.SUPPLY, 1)
    assert story.clocks() == {(1, "attend")}
    assert not story.leg().ask_open


def test_a_question_is_moot_once_the_cancellation_is_asked_for():
    story = Story().sent()
    story.answer(Step.ASK)
    story.take(Step.REQUEST_CANCEL, 1)
    assert story.clocks() == {(1, "confirm")}


def test_asking_again_starts_the_supply_clock_again():
    story = Story().sent()
    story.answer(Step.ACCEPT)
    story.answer(Step.ASK)
    first = story.leg().ask_due_at
    plan = story.wait(days=1).answer(Step.ASK)
    assert len(plan.disarm) == 1
    assert story.leg().ask_due_at > first


def test_a_new_date_starts_the_clock_of_the_same_state_again():
    story = Story().sent()
    story.answer(Step.ACCEPT)
    first = story.answer(Step.SCHEDULE).arm[0]
    later = Details(starts_at=MONDAY + timedelta(days=9), modality="phone")
    second = story.answer(Step.SCHEDULE, details=later).arm[0]
    assert second.final_at - first.final_at >= timedelta(days=5)
    assert story.clocks() == {(1, "attend")}


@pytest.mark.parametrize(
    ("step", "details"),
    [
        (Step.WAITLIST, Details(waitlist_position=1, next_check_on=date(2026, 4, 1))),
        (Step.START, Details(service_on=date(2026, 3, 2), next_report_on=date(2026, 4, 1))),
    ],
)
def test_a_date_the_recipient_names_is_when_its_clock_is_due(step, details):
    story = Story().sent()
    story.answer(Step.ACCEPT)
    plan = story.answer(step, details=details)
    assert plan.arm[0].late_at.isoformat() == "2026-04-01T16:00:00+00:00"


def test_without_a_date_the_default_term_runs():
    story = Story().sent()
    story.answer(Step.ACCEPT)
    plan = story.answer(Step.WAITLIST, details=Details(waitlist_position=4))
    assert plan.arm[0].late_at.date() == MONDAY.date() + timedelta(days=14)


def test_the_review_clock_waits_until_somebody_may_review():
    story = Story(recipients=2, mode=Mode.ALL_NEEDED).sent()
    story.answer(Step.ACCEPT)
    story.answer(Step.COMPLETE)
    assert story.clocks() == {(2, "answer")}
    story.answer(Step.DECLINE, 2)
    assert story.clocks() == {(1, "review")}
    story.take(Step.ADD_LEG)
    assert story.clocks() == {(3, "answer")}


def test_each_outcome_that_came_back_has_a_review_clock():
    story = Story(recipients=2, mode=Mode.ALL_NEEDED).sent()
    for number in (1, 2):
        story.answer(Step.ACCEPT, number)
        story.answer(Step.COMPLETE, number)
    assert story.clocks() == {(1, "review"), (2, "review")}
    first = {timer.id for timer in story.facts.timers if timer.leg_id == story.leg().id}
    plan = story.answer(Step.ADDENDUM)
    assert set(plan.disarm) == first
    assert story.clocks() == {(1, "review"), (2, "review")}


def test_a_task_for_a_spent_clock_stands_in_for_it_until_the_turn_changes():
    leg = stories.leg()
    task = OpenTask(id=UUID(int=9), leg_id=leg.id, kind="overdue_answer")
    story = Story()
    story.facts = stories.picture(leg, tasks=(task,))
    plan = story.answer(Step.RECEIVE)
    assert (plan.arm, plan.moot) == ((), ())
    plan = story.answer(Step.ACCEPT)
    assert plan.moot == (task.id,)
    assert [row.clock for row in plan.arm] == ["schedule"]


def test_a_call_need_not_be_made_once_the_recipient_answered():
    leg = stories.leg()
    call = OpenTask(id=UUID(int=9), leg_id=leg.id, kind="call_recipient")
    gone = OpenTask(id=UUID(int=8), leg_id=UUID(int=7), kind="call_recipient")
    story = Story()
    story.facts = stories.picture(leg, tasks=(call, gone))
    assert story.answer(Step.RECEIVE).moot == ()
    assert story.answer(Step.ACCEPT).moot == (call.id,)


@pytest.mark.parametrize("priority", Priority)
def test_every_priority_has_its_own_terms(priority):
    story = Story(priority=priority)
    (row,) = story.take(Step.SEND).arm
    due = clocks.due(Clock.ANSWER, priority=priority, start=story.now, calendar=OPEN_ALL_DAY)
    assert row.late_at == due.due_at
    assert row.late_at < row.second_at < row.final_at


def test_a_closed_or_void_order_waits_for_nothing():
    story = Story().sent()
    story.answer(Step.DECLINE)
    story.take(Step.CLOSE_WITHOUT_SERVICE)
    assert story.clocks() == set()
    story.take(Step.REOPEN)
    assert story.clocks() == {(None, "route")}


def test_a_leg_waits_by_the_calendar_of_its_own_organization():
    office = msgspec.structs.replace(OPEN_ALL_DAY, zone="America/New_York")
    story = Story()
    story.facts.calendars[UUID(int=201)] = office
    plan = story.take(Step.SEND)
    due = clocks.due(Clock.ANSWER, priority=Priority.ROUTINE, start=MONDAY, calendar=office)
    assert plan.arm[0].final_at == due.moves_at
