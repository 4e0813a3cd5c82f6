"""An answer taken back gives back what it took, for a while, to who gave it, and to nobody else."""

from uuid import UUID

import pytest

from service import faults
from service.domain.leg import LegState
from service.domain.people import Mode
from service.domain.rules import Party, Step
from tests.domain import stories
from tests.domain.stories import Story

SIBLING_STATES = {
    LegState.SENT: (),
    LegState.RECEIVED: (Step.RECEIVE,),
    LegState.NEEDS_INFO: (Step.ASK,),
}
NOT_COMPARED = {"version", "answer_due_at", "ask_due_at"}


def told(leg) -> dict[str, object]:
    return {name: getattr(leg, name) for name in leg.__struct_fields__ if name not in NOT_COMPARED}


def refused(story: Story, step: Step, number: int | None = 1, party=Party.RECIPIENT, **fields):
    with pytest.raises(faults.StepRefused) as refusal:
        story.take(step, number, party, **fields)
    return refusal.value.extra["open_steps"]


@pytest.mark.parametrize(("before", "steps"), SIBLING_STATES.items())
def test_undoing_an_acceptance_brings_the_filled_ones_back_to_where_they_stood(before, steps):
    story = Story(recipients=2).sent()
    for step in steps:
        story.answer(step)
        story.answer(step, 2)
    stood = [told(leg) for leg in story.facts.legs]
    story.wait(minutes=1).answer(Step.ACCEPT)
    plan = story.wait(minutes=14).answer(Step.UNDO)
    assert [told(leg) for leg in story.facts.legs] == stood
    assert story.leg().state is before
    undone = [event.undoes_seq for event in plan.events]
    assert undone == [event.seq for event in story.plans[-2].events]


def test_undoing_a_refusal_gives_the_order_back_to_its_recipient():
    story = Story().sent()
    stood = told(story.leg())
    plan = story.answer(Step.DECLINE)
    story.answer(Step.UNDO)
    assert story.states() == ["with_recipient", "sent"]
    assert told(story.leg()) == stood
    assert story.plans[-1].cancel_effects_of == (plan.events[0].seq,)


def test_undoing_the_only_refusal_beside_an_outcome_takes_the_review_back():
    story = Story(recipients=2, mode=Mode.ALL_NEEDED).sent()
    story.answer(Step.ACCEPT)
    story.answer(Step.COMPLETE)
    story.answer(Step.DECLINE, 2)
    story.answer(Step.UNDO, 2)
    assert story.states() == ["with_recipient", "completed", "sent"]


def test_undoing_a_no_show_keeps_what_was_asked_before():
    story = Story().sent()
    for step in (Step.ACCEPT, Step.SCHEDULE, Step.ASK, Step.NO_SHOW, Step.UNDO):
        story.answer(step)
    assert (story.leg().state, story.leg().ask_open) == (LegState.SCHEDULED, True)


def test_an_answer_is_taken_back_for_fifteen_minutes_and_no_longer():
    story = Story().sent()
    story.answer(Step.DECLINE)
    story.wait(minutes=15)
    assert Step.UNDO not in refused(story, Step.UNDO, actor_member_id=UUID(int=401))


def test_an_answer_is_taken_back_by_who_gave_it():
    story = Story().sent()
    story.answer(Step.DECLINE)
    assert refused(story, Step.UNDO, actor_member_id=UUID(int=77)) == []
    story.answer(Step.UNDO)
    story.take(Step.ACCEPT, 1, Party.LINK)
    refused(story, Step.UNDO, party=Party.LINK, link_id=UUID(int=78))
    story.take(Step.UNDO, 1, Party.LINK)


def test_an_undo_is_not_undone():
    story = Story().sent()
    story.answer(Step.DECLINE)
    story.answer(Step.UNDO)
    assert "undo" not in refused(story, Step.UNDO, actor_member_id=UUID(int=401))


def test_nothing_is_taken_back_once_the_referrer_went_on():
    story = Story().sent()
    story.answer(Step.DECLINE)
    story.take(Step.CLOSE_WITHOUT_SERVICE)
    assert story.states() == ["closed", "declined"]
    refused(story, Step.UNDO, actor_member_id=UUID(int=401))


def test_nothing_is_taken_back_once_another_recipient_answered():
    story = Story(recipients=2, mode=Mode.ALL_NEEDED).sent()
    story.answer(Step.DECLINE)
    story.answer(Step.RECEIVE, 2)
    refused(story, Step.UNDO, actor_member_id=UUID(int=401))


def test_a_form_of_several_steps_happens_whole():
    story = Story().sent()
    leg = story.leg()
    acts = [stories.act(step, leg.id, Party.LINK) for step in (Step.ACCEPT, Step.COMPLETE)]
    plan = story.form(*acts)
    assert story.states() == ["awaiting_review", "completed"]
    assert [event.acted for event in plan.events] == [True, True, False]
    assert plan.referral.version == plan.before.version + 1


def test_a_form_cannot_take_back_what_it_says_twice():
    story = Story().sent()
    story.take(Step.DECLINE, 1, Party.LINK)
    leg = story.leg()
    steps = (Step.UNDO, Step.ACCEPT, Step.UNDO, Step.UNDO)
    with pytest.raises(faults.StepRefused):
        story.form(*(stories.act(step, leg.id, Party.LINK) for step in steps))
