"""Coded reasons say what must go with them, and outcomes how a referral ends."""

import pytest

from service.domain import outcome
from service.domain.outcome import (
    CloseReason,
    DeclineReason,
    Disposition,
    Outcome,
    UnableReason,
)


def test_the_codes_that_need_a_comment_are_those_marked_in_the_design():
    lists = (DeclineReason, UnableReason, Outcome, CloseReason)
    marked = {
        f"{codes.__name__}.{code}"
        for codes in lists
        for code in codes
        if outcome.needs_comment(code)
    }
    assert marked == {
        "DeclineReason.not_eligible",
        "DeclineReason.advice_instead",
        "DeclineReason.other",
        "UnableReason.other",
        "Outcome.partly_served",
        "Outcome.seen_no_service",
        "CloseReason.other",
    }


def test_the_same_word_in_two_lists_is_two_codes():
    assert outcome.needs_comment(DeclineReason.NOT_ELIGIBLE)
    assert not outcome.needs_comment(CloseReason.NOT_ELIGIBLE)
    assert outcome.attempts_needed(UnableReason.COULD_NOT_CONTACT) == 1
    assert outcome.attempts_needed(DeclineReason.COULD_NOT_CONTACT) == 0


def test_calling_a_recipient_unresponsive_takes_three_attempts():
    assert outcome.attempts_needed(UnableReason.UNRESPONSIVE) == 3


def test_a_recipient_cannot_give_up_with_the_coordinators_reasons():
    assert not outcome.GIVE_UP_REASONS & outcome.END_REASONS
    assert set(UnableReason) == outcome.GIVE_UP_REASONS | outcome.END_REASONS


def test_every_outcome_has_a_disposition_and_onward_is_not_served():
    assert {each: outcome.disposition_of(each) for each in Outcome} == {
        Outcome.SERVED: Disposition.SERVED,
        Outcome.PARTLY_SERVED: Disposition.PARTLY_SERVED,
        Outcome.SEEN_NO_SERVICE: Disposition.SEEN_NO_SERVICE,
        Outcome.REFERRED_ONWARD: Disposition.NOT_SERVED,
    }


D = Disposition


@pytest.mark.parametrize(
    ("ended", "together"),
    [
        ([], D.NOT_SERVED),
        ([D.SERVED], D.SERVED),
        ([D.SERVED, D.SERVED], D.SERVED),
        ([D.SERVED, D.NOT_SERVED], D.PARTLY_SERVED),
        ([D.PARTLY_SERVED, D.SEEN_NO_SERVICE], D.PARTLY_SERVED),
        ([D.SEEN_NO_SERVICE, D.NOT_SERVED], D.SEEN_NO_SERVICE),
        ([D.NOT_SERVED, D.NOT_SERVED], D.NOT_SERVED),
    ],
)
def test_several_legs_never_add_up_to_more_than_they_did(
    ended: list[Disposition], together: Disposition
):
    assert outcome.combined(ended) is together
