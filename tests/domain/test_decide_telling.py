"""Who hears of a step and when, what work it opens, and who is a party afterwards."""

from datetime import date, timedelta
from uuid import UUID

import msgspec
import pytest

from service.domain.details import Details
from service.domain.effects import EffectKind
from service.domain.leg import LegState
from service.domain.people import Mode, Priority
from service.domain.plan import Plan
from service.domain.referral import ReferralState
from service.domain.rules import Party, Step
from tests.domain import stories
from tests.domain.stories import MONDAY, OWNER, SENDER, Story

FIRST, SECOND = UUID(int=201), UUID(int=202)
UNDO = timedelta(minutes=15)


def heard(plan: Plan) -> list[tuple[str, UUID]]:
    return [(str(effect.kind), effect.org_id) for effect in plan.effects]


def test_an_invitation_leaves_when_the_hold_is_over():
    story = Story(recipients=2)
    plan = story.take(Step.SEND)
    assert heard(plan) == [("invite", FIRST), ("invite", SECOND)]
    assert {effect.due_at for effect in plan.effects} == {story.now + timedelta(seconds=10)}
    assert [effect.undo_of_seq for effect in plan.effects] == [e.seq for e in plan.events[1:]]


def test_a_later_leg_is_invited_at_once():
    story = Story().sent()
    story.answer(Step.DECLINE)
    (effect,) = story.take(Step.ADD_LEG).effects
    assert (effect.kind, effect.due_at) == (EffectKind.INVITE, story.now)


def test_the_owner_hears_of_an_answer_when_it_can_no_longer_be_taken_back():
    story = Story().sent()
    (effect,) = story.answer(Step.ACCEPT).effects
    assert (effect.org_id, effect.member_id, effect.code) == (SENDER, OWNER, "accept")
    assert effect.due_at == story.now + UNDO


def test_an_urgent_answer_is_told_at_once():
    story = Story(priority=Priority.URGENT).sent()
    (effect,) = story.answer(Step.ACCEPT).effects
    assert effect.due_at == story.now


def test_what_cannot_be_taken_back_is_told_at_once():
    story = Story().sent()
    story.answer(Step.ACCEPT)
    (effect,) = story.answer(Step.SCHEDULE).effects
    assert (effect.due_at, effect.undo_of_seq) == (story.now, None)


def test_nobody_is_told_of_what_they_did_themselves():
    story = Story().sent()
    assert story.take(Step.ACCEPT, 1, Party.RECIPIENT, actor_member_id=OWNER).effects == ()


def test_the_filled_are_told_once_the_winner_stays():
    story = Story(recipients=2).sent()
    plan = story.answer(Step.ACCEPT)
    assert heard(plan) == [("notice", SENDER), ("filled", SECOND)]
    assert {effect.due_at for effect in plan.effects} == {story.now + UNDO}


def test_undo_calls_back_every_notice_of_the_step():
    story = Story(recipients=2).sent()
    first = story.answer(Step.ACCEPT)
    plan = story.answer(Step.UNDO)
    assert set(plan.cancel_effects_of) == {effect.undo_of_seq for effect in first.effects}
    assert plan.effects == ()


def test_an_urgent_notice_that_left_is_corrected():
    story = Story(recipients=2, priority=Priority.URGENT).sent()
    story.answer(Step.ACCEPT)
    plan = story.answer(Step.UNDO)
    assert heard(plan) == [("correction", SENDER), ("correction", SECOND)]


def test_an_owner_who_undoes_for_somebody_needs_no_correction():
    story = Story(priority=Priority.URGENT).sent()
    story.take(Step.DECLINE, 1, Party.RECIPIENT, actor_member_id=OWNER)
    assert story.take(Step.UNDO, 1, Party.RECIPIENT, actor_member_id=OWNER).effects == ()


def test_an_answer_by_link_is_confirmed_to_the_agency():
    story = Story().sent()
    assert heard(story.take(Step.DECLINE, 1, Party.LINK)) == [
        ("notice", SENDER),
        ("receipt", FIRST),
    ]
    assert heard(story.take(Step.UNDO, 1, Party.LINK)) == [("receipt", FIRST)]


def test_a_withdrawn_order_is_told_to_whom_it_was_sent():
    story = Story().sent()
    assert heard(story.take(Step.WITHDRAW, 1)) == [("closed", FIRST)]


def test_an_invitation_taken_back_while_held_never_leaves():
    story = Story(recipients=2)
    sent = story.take(Step.SEND)
    plan = story.take(Step.WITHDRAW, 1)
    assert plan.cancel_effects_of == (sent.events[1].seq,)
    assert plan.effects == ()
    plan = story.take(Step.REDIRECT, 2)
    assert heard(plan) == [("notice", SENDER), ("invite", UUID(int=209))]
    assert plan.effects[1].due_at == story.facts.hold_until


def test_a_void_order_is_told_to_those_who_still_have_a_part():
    story = Story(recipients=2).sent()
    story.answer(Step.DECLINE)
    plan = story.take(Step.VOID, party=Party.COORDINATOR)
    assert heard(plan) == [("closed", SECOND)]
    draft = Story()
    assert draft.take(Step.DISCARD).effects == ()


def test_a_redirect_tells_the_owner_the_old_and_the_new_recipient():
    story = Story().sent()
    plan = story.take(Step.REDIRECT, 1, Party.COORDINATOR)
    assert heard(plan) == [("notice", SENDER), ("closed", FIRST), ("invite", UUID(int=209))]


def test_a_recipient_that_is_not_on_line_is_called():
    story = Story(recipients=0)
    drafted = stories.leg(state=LegState.DRAFT, channel="offline")
    story.facts = stories.picture(drafted, state=ReferralState.DRAFT)
    (task,) = story.take(Step.SEND).tasks
    assert (task.kind, task.org_id, task.member_id) == ("call_recipient", SENDER, OWNER)
    assert (task.about_org_id, task.due_at) == (FIRST, story.leg().answer_due_at)


def test_parties_come_with_a_live_leg_and_go_when_it_ends_without_an_outcome():
    story = Story(recipients=2, mode=Mode.ALL_NEEDED)
    assert story.plans[0].joins == ()
    assert story.take(Step.SEND).joins == (FIRST, SECOND)
    story.wait(minutes=1)
    assert story.answer(Step.DECLINE).leaves == (FIRST,)
    assert story.answer(Step.UNDO).joins == (FIRST,)
    story.answer(Step.ACCEPT, 2)
    assert story.answer(Step.COMPLETE, 2).leaves == ()


def test_a_booking_is_written_in_the_recipients_zone_unless_it_says_another():
    story = Story().sent()
    story.answer(Step.ACCEPT)
    start = MONDAY + timedelta(days=3)
    row = story.answer(Step.SCHEDULE).appointment
    assert row is not None
    assert (row.starts_at, row.ends_at, row.time_zone) == (start, start, "America/Los_Angeles")
    there = Details(
        starts_at=start,
        ends_at=start + timedelta(hours=1),
        modality="video",
        time_zone="America/Denver",
    )
    row = story.answer(Step.SCHEDULE, details=there).appointment
    assert row is not None
    assert (row.ends_at - row.starts_at, row.time_zone) == (timedelta(hours=1), "America/Denver")


BOOKINGS = [
    ((Step.NO_SHOW,), "no_show"),
    ((Step.CANCEL_APPOINTMENT,), "cancelled"),
    ((Step.START,), "attended"),
    ((Step.COMPLETE,), "attended"),
    ((Step.SCHEDULE,), "rebooked"),
    ((Step.GIVE_UP,), "cancelled"),
    ((Step.NO_SHOW, Step.UNDO), "booked"),
    ((Step.NO_SHOW, Step.CANCEL_APPOINTMENT), None),
    ((Step.CANCEL_APPOINTMENT, Step.SCHEDULE), None),
    ((Step.START, Step.COMPLETE), None),
]


@pytest.mark.parametrize(("steps", "state"), BOOKINGS)
def test_a_step_says_what_became_of_the_booking_and_never_says_it_twice(steps, state):
    story = Story().sent()
    for step in (Step.ACCEPT, Step.SCHEDULE, *steps):
        plan = story.answer(step)
    assert plan.appointment_state == ((story.leg().id, state) if state else None)


def test_a_referral_has_no_booking_of_its_own():
    assert Story().take(Step.SEND).appointment_state is None


def test_no_capacity_is_told_to_the_directory():
    story = Story().sent()
    full = Details(reason="no_capacity", no_capacity_until=date(2026, 4, 1))
    row = story.answer(Step.DECLINE, details=full).capacity
    assert row is not None
    assert (row.org_id, row.service_id, row.until) == (FIRST, UUID(int=301), date(2026, 4, 1))


def test_no_capacity_of_no_service_is_nobodys_news():
    story = Story()
    story.facts = stories.picture(msgspec.structs.replace(stories.leg(), service_id=None))
    assert story.answer(Step.DECLINE, details=Details(reason="no_capacity")).capacity is None
