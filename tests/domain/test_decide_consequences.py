"""What a step does to everything around it: siblings, the order, and what undo gives back."""

from datetime import date, timedelta

import pytest

from service import faults
from service.domain.details import Details
from service.domain.leg import LegState
from service.domain.people import Mode
from service.domain.rules import Party, Step
from tests.domain import stories
from tests.domain.stories import Story


def refused(story: Story, step: Step, number: int | None = 1, party=Party.RECIPIENT, **fields):
    with pytest.raises(faults.StepRefused) as refusal:
        story.take(step, number, party, **fields)
    return refusal.value.extra["open_steps"]


def test_a_send_sends_every_leg_of_the_draft():
    story = Story(recipients=3).sent()
    assert story.states() == ["with_recipient", "sent", "sent", "sent"]
    assert {leg.sent_at for leg in story.facts.legs} == {story.facts.sent_at}


def test_the_first_acceptance_fills_the_others():
    story = Story(recipients=3).sent()
    plan = story.answer(Step.ACCEPT, 2)
    assert story.states() == ["with_recipient", "cancelled", "accepted", "cancelled"]
    assert [event.rule.step for event in plan.events] == [Step.ACCEPT, Step.FILLED, Step.FILLED]
    assert [event.acted for event in plan.events] == [True, False, False]


def test_where_all_are_needed_an_acceptance_fills_nobody():
    story = Story(recipients=2, mode=Mode.ALL_NEEDED).sent()
    story.answer(Step.ACCEPT)
    assert story.states() == ["with_recipient", "accepted", "sent"]
    story.answer(Step.ACCEPT, 2)
    story.answer(Step.COMPLETE)
    assert story.states() == ["with_recipient", "completed", "accepted"]
    assert refused(story, Step.REVIEW, None, Party.REFERRER) == []
    story.answer(Step.COMPLETE, 2)
    assert story.states() == ["awaiting_review", "completed", "completed"]


def test_the_order_needs_routing_only_when_the_last_leg_has_ended():
    story = Story(recipients=2).sent()
    story.answer(Step.DECLINE)
    assert story.states() == ["with_recipient", "declined", "sent"]
    story.answer(Step.DECLINE, 2)
    assert story.states() == ["needs_routing", "declined", "declined"]


def test_an_outcome_beside_a_refusal_is_reviewed():
    story = Story(recipients=2, mode=Mode.ALL_NEEDED).sent()
    story.answer(Step.ACCEPT)
    story.answer(Step.COMPLETE)
    story.answer(Step.DECLINE, 2)
    assert story.states() == ["awaiting_review", "completed", "declined"]


def test_a_redirect_makes_a_new_leg_and_keeps_the_order_with_a_recipient():
    story = Story().sent()
    plan = story.take(Step.REDIRECT, 1)
    assert story.states() == ["with_recipient", "redirected", "sent"]
    assert story.leg(2).replaces_leg_id == story.leg(1).id
    assert [leg.number for leg in plan.new_legs] == [2]
    assert plan.joins == (story.leg(2).org_id,)
    assert plan.leaves == (story.leg(1).org_id,)


def test_only_a_central_intake_sends_on_by_itself():
    story = Story().sent()
    assert "redirect" not in refused(story, Step.REDIRECT)
    story.facts = stories.picture(stories.leg(central_intake=True))
    story.take(Step.REDIRECT, 1, Party.RECIPIENT)
    assert story.states() == ["with_recipient", "redirected", "sent"]


def test_a_new_leg_gives_the_order_a_recipient_again():
    story = Story().sent()
    story.answer(Step.DECLINE)
    story.take(Step.ADD_LEG)
    assert story.states() == ["with_recipient", "declined", "sent"]
    assert story.leg(2).replaces_leg_id is None


def test_what_nobody_took_in_is_withdrawn_and_the_rest_has_to_be_asked():
    story = Story(recipients=2).sent()
    story.take(Step.WITHDRAW, 1)
    story.answer(Step.RECEIVE, 2)
    assert "withdraw" not in refused(story, Step.WITHDRAW, 2, Party.REFERRER)
    story.take(Step.REQUEST_CANCEL, 2)
    story.answer(Step.CONFIRM_CANCEL, 2)
    assert story.states() == ["needs_routing", "cancelled", "cancelled"]


def test_the_clock_confirms_only_what_was_never_received():
    story = Story().sent()
    story.facts = stories.picture(stories.leg(channel="partner"))
    story.take(Step.REQUEST_CANCEL, 1)
    story.take(Step.CONFIRM_CANCEL, 1, Party.CLOCK)
    assert story.states() == ["needs_routing", "cancelled"]
    story.facts = stories.picture(stories.leg(state=LegState.ACCEPTED, received_at=stories.MONDAY))
    story.take(Step.REQUEST_CANCEL, 1)
    refused(story, Step.CONFIRM_CANCEL, party=Party.CLOCK)


def test_a_recipient_asked_to_stop_may_still_return_what_it_did():
    story = Story().sent()
    story.answer(Step.ACCEPT)
    story.take(Step.REQUEST_CANCEL, 1)
    story.answer(Step.COMPLETE)
    assert story.states() == ["awaiting_review", "completed"]


def test_a_void_order_takes_all_its_legs_along():
    story = Story(recipients=2).sent()
    story.answer(Step.DECLINE)
    assert refused(story, Step.VOID, None, Party.REFERRER) == []
    story.take(Step.VOID, party=Party.COORDINATOR)
    assert story.states() == ["void", "entered_in_error", "entered_in_error"]
    assert story.clocks() == set()


def test_a_draft_is_discarded_with_its_legs():
    story = Story(recipients=2)
    story.take(Step.DISCARD)
    assert story.states() == ["void", "entered_in_error", "entered_in_error"]


def test_a_recall_within_the_hold_leaves_a_draft_and_nothing_that_leaves():
    story = Story(recipients=2)
    story.take(Step.SEND)
    plan = story.wait(seconds=9).take(Step.RECALL)
    assert story.states() == ["draft", "draft", "draft"]
    assert set(plan.cancel_effects_of) >= {event.seq for event in story.plans[1].events}
    assert (plan.effects, story.clocks(), plan.leaves) == (
        (),
        set(),
        tuple(leg.org_id for leg in story.facts.legs),
    )
    story.sent()
    assert story.states() == ["with_recipient", "sent", "sent"]


def test_after_the_hold_or_once_received_nothing_is_recalled():
    refused(Story().sent(), Step.RECALL, None, Party.REFERRER)
    story = Story()
    story.take(Step.SEND)
    story.answer(Step.RECEIVE)
    refused(story, Step.RECALL, None, Party.REFERRER)


def test_an_addendum_goes_back_and_forth_while_the_review_waits():
    story = Story().sent()
    story.answer(Step.ACCEPT)
    story.answer(Step.COMPLETE)
    story.take(Step.REQUEST_ADDENDUM, 1)
    assert story.states() == ["awaiting_review", "addendum_requested"]
    refused(story, Step.REVIEW, None, Party.REFERRER)
    story.answer(Step.ADDENDUM)
    story.take(Step.REQUEST_ADDENDUM, 1)
    story.take(Step.DROP_ADDENDUM, 1)
    story.take(Step.REVIEW)
    assert story.states() == ["closed", "completed"]


def test_a_late_document_reopens_the_review():
    story = Story().sent()
    for step in (Step.ACCEPT, Step.COMPLETE):
        story.answer(step)
    story.take(Step.REVIEW)
    assert story.leg().reviewed_at is not None
    story.answer(Step.ADDENDUM)
    assert story.states() == ["awaiting_review", "completed"]
    assert (story.leg().reviewed_at, story.facts.closed_at) == (None, None)


def test_an_ended_addendum_leaves_the_order_to_be_routed():
    story = Story().sent()
    for step in (Step.ACCEPT, Step.COMPLETE):
        story.answer(step)
    story.take(Step.REQUEST_ADDENDUM, 1)
    story.take(Step.END_UNRESPONSIVE, 1, Party.COORDINATOR)
    assert story.states() == ["needs_routing", "unable"]


def test_an_order_is_opened_again_with_what_it_was_closed_with_gone():
    story = Story().sent()
    story.answer(Step.DECLINE)
    story.take(Step.CLOSE_WITHOUT_SERVICE)
    assert story.facts.disposition == "not_served"
    assert story.facts.close_reason == "no_service_available"
    story.take(Step.REOPEN)
    facts = story.facts
    assert story.states() == ["needs_routing", "declined"]
    assert (facts.disposition, facts.need_met, facts.close_reason) == (None, None, None)


OUTCOMES = [
    (("served", "yes"), ("served", "yes"), ("served", "yes")),
    (("served", "yes"), ("seen_no_service", "no"), ("partly_served", "partly")),
    (("referred_onward", "unknown"), ("referred_onward", "no"), ("not_served", "unknown")),
]


@pytest.mark.parametrize(("first", "second", "end"), OUTCOMES)
def test_a_review_adds_the_outcomes_up(first, second, end):
    story = Story(recipients=2, mode=Mode.ALL_NEEDED).sent()
    for number, (outcome, met) in ((1, first), (2, second)):
        story.answer(Step.ACCEPT, number)
        details = Details(outcome=outcome, need_met=met, has_comment=True)
        story.answer(Step.COMPLETE, number, details=details)
    story.take(Step.REVIEW)
    assert (story.facts.disposition, story.facts.need_met) == end


def test_a_reviewer_may_know_better_how_it_ended():
    story = Story().sent()
    for step in (Step.ACCEPT, Step.COMPLETE):
        story.answer(step)
    story.take(Step.REVIEW, details=Details(disposition="partly_served"))
    assert story.facts.disposition == "partly_served"


def test_a_review_signs_only_what_was_not_signed_before():
    story = Story().sent()
    for step in (Step.ACCEPT, Step.COMPLETE):
        story.answer(step)
    story.take(Step.REVIEW)
    first = story.leg().reviewed_at
    story.take(Step.REOPEN)
    story.take(Step.ADD_LEG)
    story.wait(days=1).answer(Step.ACCEPT, 2)
    story.answer(Step.COMPLETE, 2)
    story.take(Step.REVIEW)
    assert story.leg(1).reviewed_at == first != story.leg(2).reviewed_at


def test_a_silent_recipient_is_ended_after_three_logged_attempts():
    story = Story().sent()
    silent = Details(reason="unresponsive")
    for logged in range(3):
        with pytest.raises(faults.Invalid) as refusal:
            story.take(Step.END_UNRESPONSIVE, 1, Party.COORDINATOR, details=silent)
        assert f"{logged} so far" in refusal.value.extra["errors"][0]["detail"]
        story.take(Step.LOG_ATTEMPT, 1)
    story.take(Step.END_UNRESPONSIVE, 1, Party.COORDINATOR, details=silent)
    assert story.states() == ["needs_routing", "unable"]


def test_steps_leave_their_dates_on_the_leg():
    story = Story().sent()
    story.answer(Step.ACCEPT, details=Details(has_owner_name=True, expected_by=date(2026, 3, 9)))
    story.answer(Step.WAITLIST, details=Details(expected_on=date(2026, 3, 30)))
    leg = story.leg()
    assert (leg.expected_by, leg.next_check_on) == (date(2026, 3, 30), date(2026, 3, 30))
    start = stories.MONDAY + timedelta(days=3)
    story.answer(Step.SCHEDULE)
    assert (story.leg().appointment_at, story.leg().appointment_ends_at) == (start, start)
    later = Details(service_on=date(2026, 3, 5), next_report_on=date(2026, 4, 1))
    story.answer(Step.START, details=later)
    assert story.leg().next_report_on == date(2026, 4, 1)
    story.answer(Step.COMPLETE)
    assert story.leg().service_on == date(2026, 3, 5)
