"""What must hold of the rules themselves, whoever uses them."""

from collections.abc import Iterable
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain import clocks, leg, referral
from service.domain.leg import LEG_RULES, LegState
from service.domain.people import Priority
from service.domain.referral import REFERRAL_RULES, ReferralState
from service.domain.rules import REF, RX, Party, Rule, Step, When, open_rules, rows

RULES = (*REFERRAL_RULES, *LEG_RULES)
EVERYTHING = frozenset(When)
RECIPIENT_SIDE = frozenset({*RX, Party.PATIENT})
ENDED = leg.TERMINAL | {LegState.COMPLETED}


def reachable(rules: Iterable[Rule], start: str) -> set[str]:
    rules = tuple(rules)
    found = {start}
    while more := {rule.becomes for rule in rules if rule.from_state in found} - found:
        found |= more
    return found


def test_no_two_rules_have_the_same_key():
    keys = [rule.key for rule in RULES]
    assert len(keys) == len(set(keys))


def test_every_state_is_reachable():
    assert reachable(LEG_RULES, LegState.NONE) == set(LegState)
    assert reachable(REFERRAL_RULES, ReferralState.NONE) == set(ReferralState)


@pytest.mark.parametrize("state", leg.LIVE)
def test_every_live_leg_can_end_with_the_recipient_silent_for_ever(state: LegState):
    ours = [rule for rule in LEG_RULES if rule.party not in RECIPIENT_SIDE]
    assert reachable(ours, state) & leg.TERMINAL


@pytest.mark.parametrize("state", leg.LIVE)
def test_and_it_takes_nothing_that_only_the_recipient_could_have_done(state: LegState):
    silent = {When.NEVER_RECEIVED, When.NOTHING_RECEIVED, When.PARTNER_LEG}
    for received in (silent, EVERYTHING - silent):
        ours = [
            rule
            for rule in LEG_RULES
            if rule.party in (Party.REFERRER, Party.COORDINATOR) and rule.when <= received
        ]
        assert reachable(ours, state) & leg.TERMINAL


@pytest.mark.parametrize("state", referral.OPEN)
def test_every_open_referral_can_be_closed_by_the_referring_side_once_its_legs_ended(
    state: ReferralState,
):
    ours = [rule for rule in REFERRAL_RULES if rule.party in (*REF, Party.CLOCK)]
    assert ReferralState.CLOSED in reachable(ours, state)


def test_no_clock_closes_or_voids_a_referral():
    by_clock = {rule.becomes for rule in REFERRAL_RULES if rule.party is Party.CLOCK}
    assert not by_clock & {ReferralState.CLOSED, ReferralState.VOID}


def test_a_clock_ends_a_leg_only_where_a_person_answered_or_nobody_received_it():
    ends = {
        (rule.step, rule.when)
        for rule in LEG_RULES
        if rule.party is Party.CLOCK and rule.becomes in ENDED
    }
    assert ends == {
        (Step.CONFIRM_CANCEL, frozenset({When.NEVER_RECEIVED})),
        (Step.FILLED, frozenset({When.FIRST_ACCEPTS})),
    }


def test_only_the_referring_side_or_a_clock_moves_the_order():
    assert {rule.party for rule in REFERRAL_RULES} <= {*REF, Party.CLOCK}


def test_the_agency_does_not_close_the_loop_for_the_referrer():
    closing = [rule for rule in REFERRAL_RULES if rule.becomes == ReferralState.CLOSED]
    assert closing
    assert all(rule.party in REF for rule in closing)


def test_a_patient_moves_nothing():
    assert all(rule.party is not Party.PATIENT for rule in RULES)


def test_no_referral_is_reviewed_away_while_a_leg_lives():
    assert all(When.NO_LIVE_LEG in rule.when for rule in REFERRAL_RULES if rule.step is Step.REVIEW)


def test_only_a_recipient_answers_serves_and_returns_an_outcome():
    answers = {Step.ACCEPT, Step.DECLINE, Step.SCHEDULE, Step.START, Step.COMPLETE, Step.GIVE_UP}
    assert {rule.party for rule in LEG_RULES if rule.step in answers} == set(RX)


def test_the_three_ways_in_of_a_recipient_may_do_the_same():
    def of(party: Party) -> set[tuple[object, ...]]:
        return {
            (rule.from_state, rule.step, rule.becomes, rule.when)
            for rule in LEG_RULES
            if rule.party is party
        }

    assert of(Party.RECIPIENT) == of(Party.LINK) == of(Party.PARTNER)


def test_a_recipient_sends_only_what_its_own_redirect_made():
    sent = [
        rule for rule in LEG_RULES if rule.step in (Step.CREATE, Step.SEND) and rule.party in RX
    ]
    assert sent
    assert all(When.REPLACES in rule.when for rule in sent)


def test_terminal_states_are_left_only_by_void_and_undo():
    leaving = {rule.step for rule in LEG_RULES if rule.from_state in leg.TERMINAL}
    assert leaving <= {Step.VOID, Step.UNDO}
    assert not [rule for rule in LEG_RULES if rule.from_state == LegState.ENTERED_IN_ERROR]


def test_undo_leads_back_and_nowhere_else():
    undoing = [rule for rule in LEG_RULES if rule.step is Step.UNDO]
    assert all(When.BACK in rule.when for rule in undoing)
    assert all(When.WITHIN_UNDO in rule.when for rule in undoing if rule.party is not Party.CLOCK)


def test_every_leg_step_asks_for_something_written_down_except_the_plain_ones():
    bare = {rule.step for rule in LEG_RULES if not rule.needs}
    assert bare == {
        Step.CREATE,
        Step.RECALL,
        Step.RECEIVE,
        Step.NO_SHOW,
        Step.CONFIRM_CANCEL,
        Step.FILLED,
        Step.DROP_ADDENDUM,
        Step.UNDO,
    }


@pytest.mark.parametrize("state", leg.LIVE)
def test_every_live_leg_has_a_clock(state: LegState):
    assert clocks.clock_of_leg(state) is not None


def test_no_leg_that_nobody_owes_anything_on_has_a_clock():
    assert {state for state in LegState if clocks.clock_of_leg(state)} == set(leg.LIVE)


def test_a_referral_that_waits_for_the_referrer_has_a_clock_of_its_own():
    own = {state for state in ReferralState if clocks.clock_of_referral(state)}
    assert own == {ReferralState.AWAITING_REVIEW, ReferralState.NEEDS_ROUTING}


def test_every_clock_has_a_term_for_every_priority():
    assert set(clocks.DEFAULTS) == set(product(clocks.Clock, Priority))


@given(
    st.sampled_from(LegState),
    st.frozensets(st.sampled_from(Party)),
    st.frozensets(st.sampled_from(When)),
)
def test_what_is_open_is_open_for_a_reason(state, parties, facts):
    found = open_rules(LEG_RULES, state, parties=parties, facts=facts, back="sent")
    for rule in found:
        assert rule.from_state == state
        assert rule.party in parties
        assert rule.when - {When.BACK} <= facts
        assert When.BACK not in rule.when or rule.becomes == "sent"


@given(
    st.sampled_from(LegState),
    st.frozensets(st.sampled_from(When)),
    st.frozensets(st.sampled_from(When)),
)
def test_more_facts_never_close_a_rule(state, facts, more):
    few = open_rules(LEG_RULES, state, parties=Party, facts=facts)
    many = open_rules(LEG_RULES, state, parties=Party, facts=facts | more)
    assert set(few) <= set(many)


def test_rows_spell_a_line_out_a_row_a_combination():
    found = rows("X1", LEG_RULES[0].machine, ("a", "b"), Step.ASK, RX, None)
    assert [(rule.from_state, rule.party, rule.becomes) for rule in found] == [
        (state, party, state) for state in ("a", "b") for party in RX
    ]
