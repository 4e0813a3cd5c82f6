"""The published transitions of BSeR and Gravity, replayed through our rules, row by row."""

import csv
from itertools import product

import pytest

from service.domain import dialects
from service.domain.dialects import Move
from service.domain.leg import ENGAGED, LEG_RULES, LegState
from service.domain.outcome import Disposition
from service.domain.referral import ReferralState
from service.domain.rules import REF, RX, Party, Rule, Step, When, open_rules
from tests.domain.shared import shared

S = LegState
WORDS = (dialects.REQUESTER, dialects.TARGET)
SWAPPED = {Party.REFERRER: Party.PARTNER, Party.PARTNER: Party.REFERRER}
AFTER_ACCEPTANCE = (*ENGAGED, S.CANCEL_REQUESTED)
PARTNER_FACTS = frozenset({When.PARTNER_LEG, When.EVER_RECEIVED, When.LEG_UNREVIEWED})

BSER_DIFFERENT = {
    "31": "5.1 is the parent of the in-progress states: scheduled, because a visit was scheduled",
    "32": "5.1 is the parent of the in-progress states: in_service, because a note came",
    "33": "5.1 is scheduled or in_service; both may be given up",
    "34": "5.1 is scheduled or in_service; both may be asked to cancel",
}

BSER_OURS_BY_TRIGGER = {
    "send schedule visit information": "scheduling again is one step with us",
    "send rescheduled visit information": "and so is scheduling for the first time",
    "send decline": "L14 gives up after a cancelled appointment too, where BSeR books first",
}

BSER_OURS = {
    "L00": "making a draft is no transition of BSeR's",
    "L01": "a central intake sends the leg that its own redirect made; and a held send is recalled",
    "L02": "taken in by a person is not a state of BSeR's",
    "L03": "needs-information is ours: BSeR stays where it is, with text",
    "L04": "and so is its answer",
    "L07": "redirect is ours: BSeR sees a rejection",
    "L08": "the waiting list is ours: BSeR sees accepted, with text",
    "L14": "from a cancelled appointment; BSeR books first",
    "L16": "the clock confirms for a recipient that never received anything",
    "L17": "withdrawing what nobody has taken in is never a partner's leg",
    "L18": "entered in error has no state in BSeR",
    "L19": "a coordinator ends a leg for a silent recipient",
    "L20": "filled by another: several recipients of one order are ours",
    "L21": "asking for an addendum is ours: BSeR stays completed, with text",
    "L22": "and so is sending it",
    "L23": "and dropping it",
    "L24": "a call attempt moves nothing",
    "U": "undo within fifteen minutes is ours",
}

GRAVITY_DIFFERENT = {
    ("requested", "cancelled", "requester"): "ours asks a partner, which confirms (L15, L16)",
    ("accepted", "cancelled", "requester"): "ours asks, the recipient confirms (L15, L16)",
    ("in-progress", "cancelled", "requester"): "ours asks, the recipient confirms (L15, L16)",
    ("on-hold", "cancelled", "requester"): "ours asks, the recipient confirms (L15, L16)",
    ("requested", "cancelled", "referral target"): "a target does not cancel, it declines (L06)",
    ("accepted", "cancelled", "referral target"): "a target does not cancel, it gives up (L14)",
    ("in-progress", "cancelled", "referral target"): "a target does not cancel, it gives up (L14)",
    ("on-hold", "cancelled", "referral target"): "a target does not cancel, it gives up (L14)",
}

GRAVITY_OURS = {
    "L00": "a central intake makes the leg its redirect asked for",
    "L01": "and sends it; and a held send is recalled within ten seconds",
    "L07": "redirect by the requester shows as rejected: Gravity has no word for it",
    "L13": "an outcome may still come while a cancellation waits to be confirmed",
    "L15": "a cancellation is asked for: Gravity's status stays until it is confirmed",
    "L16": "and then the recipient confirms, or the clock where it never received anything",
    "L17": "a draft that was never sent may be withdrawn",
    "L19": "a coordinator ends a leg for a silent recipient",
    "L20": "filled by another: several recipients of one order are ours",
    "U": "undo within fifteen minutes is ours",
}


def rows(name: str) -> list[dict[str, str]]:
    with shared(name).open(newline="") as file:
        return list(csv.DictReader(file))


def bser_rows() -> list[dict[str, str]]:
    return rows("fhir/bser/harmonized_state_transitions.csv")


def gravity_rows() -> list[tuple[str, str, str]]:
    found = rows("fhir/gravity/referral_task_transitions.csv")
    return [(row["from"], row["to"], who) for row in found for who in row["set_by"].split(" or ")]


def opened(
    move: Move, state: LegState, *, party: Party, facts: frozenset[When]
) -> tuple[Rule, ...]:
    if state in AFTER_ACCEPTANCE:
        facts |= {When.EVER_ACCEPTED}
    found = open_rules(LEG_RULES, state, parties=(party,), facts=facts)
    return tuple(rule for rule in found if rule.step is move.step)


def accepts(
    move: Move, party: Party, *, facts: frozenset[When] = PARTNER_FACTS
) -> tuple[Rule, ...]:
    return tuple(
        rule for state in move.from_states for rule in opened(move, state, party=party, facts=facts)
    )


def test_every_bser_row_is_accepted_from_the_right_party_in_every_state_it_speaks_of():
    for row in bser_rows():
        move = dialects.bser_step(row["trigger"], row["from_state"], row["to_state"])
        assert move is not None, row
        assert (move.party is Party.REFERRER) == (row["actor"] == "initiator"), row
        for state in move.from_states:
            used = opened(move, state, party=move.party, facts=PARTNER_FACTS)
            assert used, (row["tid"], state)
            assert all(LegState(rule.becomes) in move.becomes for rule in used), (row["tid"], state)


def test_every_bser_row_is_refused_from_the_wrong_party():
    for row in bser_rows():
        move = dialects.bser_step(row["trigger"], row["from_state"], row["to_state"])
        assert move is not None
        assert accepts(move, SWAPPED[move.party]) == (), row["tid"]


def test_only_the_rows_with_the_parent_state_are_read_differently():
    different = {
        row["tid"] for row in bser_rows() if "5.1 " in row["from_state"] + row["to_state"] + " "
    }
    assert different == set(BSER_DIFFERENT)


def test_what_bser_does_not_list_is_refused_or_ours():
    listed = {(row["from_state"], row["trigger"], row["actor"]) for row in bser_rows()}
    # The parent state's rows are read as its children's, which are here themselves.
    states = {row["from_state"] for row in bser_rows()} - {"5.1 active"}
    states |= {"4 rejected", "6 cancelled", "7 completed"}
    ours = set()
    for state, trigger, actor in product(
        sorted(states), dialects.BSER_TRIGGERS, ("initiator", "recipient")
    ):
        move = dialects.bser_step(trigger, state, state)
        assert move is not None
        party = Party.REFERRER if actor == "initiator" else Party.PARTNER
        if (state, trigger, actor) not in listed and accepts(move, party):
            ours.add((trigger, actor))
    assert ours == {(trigger, "recipient") for trigger in BSER_OURS_BY_TRIGGER}


def side(rule: Rule, one: str, other: str) -> str:
    if rule.party in REF:
        return one
    return other if rule.party in RX else "clock"


def test_every_rule_is_a_bser_transition_or_listed_as_ours():
    listed = {
        (dialects.BSER[a].business, dialects.BSER[b].business, row["actor"])
        for row in bser_rows()
        for a in dialects.from_bser(row["from_state"].partition(" ")[0])
        for b in dialects.from_bser(row["to_state"].partition(" ")[0])
    }
    ours = set()
    for rule in LEG_RULES:
        before, after = (
            said.business if said else "none"
            for said in (dialects.to_bser(LegState(s)) for s in (rule.from_state, rule.becomes))
        )
        if (before, after, side(rule, "initiator", "recipient")) not in listed:
            ours.add(rule.id)
    assert ours == set(BSER_OURS)


def gravity_facts(move: Move) -> frozenset[When]:
    if move.step in {Step.WITHDRAW, Step.VOID}:
        return frozenset({When.NOT_PARTNER_LEG, When.NEVER_RECEIVED})
    return PARTNER_FACTS


def test_every_gravity_row_is_accepted_from_the_right_party_and_the_differences_are_known():
    different = set()
    for before, after, who in gravity_rows():
        found = [
            LegState(rule.becomes)
            for move in dialects.gravity_step(before, after, who)
            for rule in accepts(move, move.party, facts=gravity_facts(move))
            if LegState(rule.becomes) in move.becomes
        ]
        assert found, (before, after, who)
        if before != "(start)" and not all(says(after, state) for state in found):
            different.add((before, after, who))
    assert different == set(GRAVITY_DIFFERENT)


def says(status: str, state: LegState) -> bool:
    shown = dialects.to_gravity(state, before=S.ACCEPTED, ever_accepted=True)
    return shown.status == status


def test_what_gravity_starts_as_requested_takes_two_steps_here():
    (move,) = dialects.gravity_step("(start)", "requested", dialects.REQUESTER)
    assert (move.step, move.then) == (Step.CREATE, Step.SEND)


def test_every_gravity_row_is_refused_from_the_wrong_party():
    for before, after, who in gravity_rows():
        for move in dialects.gravity_step(before, after, who):
            wrong = accepts(move, SWAPPED[move.party], facts=gravity_facts(move))
            assert wrong == (), (before, after, who)


def test_what_gravity_does_not_list_is_not_read_or_refused():
    listed = set(gravity_rows())
    statuses = sorted({status for a, b, _ in listed for status in (a, b)} - {"(any)"})
    ours = set()
    for before, after, who in product(statuses, statuses, WORDS):
        for move in dialects.gravity_step(before, after, who):
            used = accepts(move, move.party, facts=gravity_facts(move))
            lands = any(LegState(rule.becomes) in move.becomes for rule in used)
            if lands and (before, after, who) not in listed and after != "entered-in-error":
                ours.add((before, after, who))
    assert ours == {
        # L12 again in service and L09 again scheduled: Gravity stays in progress.
        ("in-progress", "in-progress", dialects.TARGET),
        # L17: a draft that was never sent.
        ("draft", "cancelled", dialects.REQUESTER),
    }


def test_every_rule_is_a_gravity_transition_or_listed_as_ours():
    listed = set(gravity_rows())
    ours = set()
    for rule in LEG_RULES:
        before, after = (shown(LegState(state), rule) for state in (rule.from_state, rule.becomes))
        stays = before == after
        erased = rule.step is Step.VOID
        if not stays and not erased and (before, after, side(rule, *WORDS)) not in listed:
            ours.add(rule.id)
    assert ours == set(GRAVITY_OURS)


def shown(state: LegState, rule: Rule) -> str:
    if state in {S.NONE, S.CANCEL_REQUESTED}:
        return "(start)" if state is S.NONE else "unchanged"
    accepted = rule.from_state in {S.ACCEPTED, S.WAITLISTED}
    return dialects.to_gravity(state, before=S.ACCEPTED, ever_accepted=accepted).status


def test_a_requested_cancellation_shows_gravity_the_state_it_found():
    shown_now = dialects.to_gravity(S.CANCEL_REQUESTED, before=S.WAITLISTED, ever_accepted=True)
    assert shown_now == dialects.Status("on-hold", text="cancellation requested")


@pytest.mark.parametrize(("accepted", "status"), [(True, "cancelled"), (False, "rejected")])
def test_a_redirect_is_a_rejection_before_and_a_cancellation_after_acceptance(accepted, status):
    found = dialects.to_gravity(S.REDIRECTED, before=S.SENT, ever_accepted=accepted)
    assert found.status == status


def test_every_state_has_a_word_in_both_dialects_where_they_have_one():
    sent = set(S) - {S.NONE}
    assert set(dialects.GRAVITY) == sent - {S.CANCEL_REQUESTED, S.REDIRECTED}
    assert set(dialects.BSER) == sent - {S.ENTERED_IN_ERROR}
    assert dialects.to_bser(S.ENTERED_IN_ERROR) is None


@pytest.mark.parametrize(
    ("trigger", "before", "after"),
    [
        ("send cake", "2 received", "3 accepted"),
        ("send decline", "9 odd", "4 rejected"),
        ("send decline", "2 received", "odd"),
    ],
)
def test_what_bser_does_not_know_is_not_read(trigger: str, before: str, after: str):
    assert dialects.bser_step(trigger, before, after) is None


def test_what_gravity_does_not_know_is_not_read():
    assert dialects.gravity_step("(start)", "accepted", dialects.REQUESTER) == ()
    assert dialects.gravity_step("(start)", "draft", dialects.TARGET) == ()
    assert dialects.gravity_step("requested", "odd", dialects.TARGET) == ()


@pytest.mark.parametrize(
    ("state", "disposition", "status"),
    [
        (ReferralState.DRAFT, None, "draft"),
        (ReferralState.NEEDS_ROUTING, None, "active"),
        (ReferralState.CLOSED, Disposition.PARTLY_SERVED, "completed"),
        (ReferralState.CLOSED, Disposition.NOT_SERVED, "revoked"),
        (ReferralState.VOID, None, "entered-in-error"),
    ],
)
def test_a_closed_order_is_completed_only_if_somebody_was_served(state, disposition, status):
    assert dialects.request_status(state, disposition) == status
