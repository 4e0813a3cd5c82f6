"""The count after a crash test sees every way in which a promise can be broken."""

import itertools
from typing import Any
from uuid import UUID

import msgspec
import pytest

from tests.chaos import deck, reckoning
from tests.chaos.client import End, Told
from tests.chaos.post_office import Taking
from tests.chaos.reckoning import Ledger

ONE = UUID(int=1)
TOLD = (
    Told(
        key="k1", step="create", end=End.ACKNOWLEDGED, status=201, referral_id=str(ONE), version=1
    ),
    Told(key="k2", step="ask", end=End.ACKNOWLEDGED, status=200, referral_id=str(ONE), version=2),
    Told(key="k3", step="accept", end=End.REFUSED, status=409),
    Told(key="k4", step="supply", end=End.LEFT),
)
GOOD = Ledger(
    keys=[
        {"key": "k1", "status": 201, "resource_id": ONE, "version": 1},
        {"key": "k2", "status": 200, "resource_id": ONE, "version": 2},
    ],
    referrals={ONE: 2},
    acted=[
        {"referral_id": ONE, "seq": seq, "action": f"step.{step}", "step": step}
        for seq, step in ((1, "create"), (3, "send"), (5, "ask"))
    ],
    events=[
        {"referral_id": ONE, "seq": seq, "step": step, "effects": effects}
        for seq, step, effects in ((2, "create", 0), (4, "send", 1), (5, "ask", 1))
    ],
    twice=[],
    owed=[],
    sent={"<m1>": {"state": "done"}, "<m2>": {"state": "done"}, "<m3>": {"state": "pending"}},
    states={"done": 2},
)


def took(*digests):
    return [Taking(at=float(at), digest=digest) for at, digest in enumerate(digests)]


TAKEN = {"<m1>": took("a"), "<m2>": took("b", "b")}


def reckon(told=TOLD, taken=None, **changed: Any) -> reckoning.Verdict:
    ledger = msgspec.structs.replace(GOOD, **changed)
    return reckoning.reckon(ledger, told, TAKEN if taken is None else taken)


def without(rows, **named):
    ((name, value),) = named.items()
    return [row for row in rows if row[name] != value]


def changed(rows, name, *, at, to):
    return [row | {name: to} if index == at else row for index, row in enumerate(rows)]


def test_a_good_run_has_nothing_wrong():
    assert reckon().wrongs() == []


def test_an_acknowledged_key_that_is_gone_is_lost():
    assert reckon(keys=without(GOOD.keys, key="k2")).lost


def test_an_acknowledged_step_without_its_event_is_lost():
    assert reckon(acted=without(GOOD.acted, seq=5)).lost
    assert reckon(acted=changed(GOOD.acted, "step", at=2, to=None)).lost


def test_a_step_that_happened_twice_is_doubled():
    more = {"referral_id": ONE, "seq": 6, "action": "step.ask", "step": "ask"}
    assert reckon(acted=[*GOOD.acted, more]).doubled


def test_a_version_that_no_key_made_is_half_stored():
    assert reckon(referrals={ONE: 3}).half
    assert reckon(referrals={ONE: 2, UUID(int=2): 1}).half
    assert reckon(referrals={}).half


def test_what_was_refused_or_never_sent_may_not_be_stored():
    third = {"key": "k3", "status": 200, "resource_id": ONE, "version": 3}
    assert reckon(keys=[*GOOD.keys, third], referrals={ONE: 3}).half
    assert reckon(keys=[*GOOD.keys, third | {"key": "k9"}], referrals={ONE: 3}).half


def test_what_was_left_unheard_may_be_stored_whole():
    fourth = {"key": "k4", "status": 200, "resource_id": ONE, "version": 3}
    supplied = {"referral_id": ONE, "seq": 6, "action": "step.supply", "step": "supply"}
    found = reckon(keys=[*GOOD.keys, fourth], referrals={ONE: 3}, acted=[*GOOD.acted, supplied])
    assert found.wrongs() == []


def test_an_answer_that_differs_from_what_is_stored_is_broken():
    assert reckon(keys=changed(GOOD.keys, "status", at=1, to=201)).broken
    unanswered = Told(key="k5", step="ask", end=End.UNANSWERED)
    assert reckon(told=(*TOLD, unanswered)).broken


def test_an_event_that_told_nobody_is_lost_and_one_that_told_twice_is_doubled():
    assert reckon(events=changed(GOOD.events, "effects", at=1, to=0)).lost
    assert reckon(events=changed(GOOD.events, "effects", at=2, to=2)).doubled
    assert reckon(twice=[{"referral_id": ONE, "kind": "invite", "times": 2}]).doubled


def test_an_effect_that_is_owed_still_is_lost():
    owed = {"id": ONE, "kind": "invite", "state": "pending", "tries": 0, "rings": 1}
    assert reckon(owed=[owed | {"next_at": "infinity"}]).lost


def test_a_mail_that_is_done_and_never_came_is_lost():
    assert reckon(taken={"<m1>": took("a")}).lost


def test_a_mail_nobody_recorded_is_half_stored_and_other_bytes_are_broken():
    assert reckon(taken={**TAKEN, "<m9>": took("c")}).half
    assert reckon(taken={**TAKEN, "<m1>": took("a", "b")}).broken


@pytest.mark.parametrize(
    ("mails", "faults", "explained", "most"),
    [(0, 8, 0, 2), (900, 30, 5, 7), (9000, 30, 1, 9), (9000, 100, 9, 9)],
)
def test_duplicates_are_a_thousandth_or_in_a_short_run_what_a_cut_explains(
    mails, faults, explained, most
):
    assert reckoning.allowed(mails, faults=faults, explained=explained) == most


def test_a_cut_explains_what_was_in_hand_and_nothing_else():
    just_before, long_before, after = [9.5, 20.0], [5.0, 20.0], [11.0, 20.0]
    assert reckoning.in_hand([just_before], [10.0]) == 1
    assert reckoning.in_hand([long_before, after, [9.5]], [10.0]) == 0
    assert reckoning.in_hand([[9.5, 14.0, 20.0]], [10.0, 14.1]) == 2
    assert reckoning.in_hand([[9.9, 20.0]] * 40, [10.0]) == reckoning.IN_HAND


def test_a_seed_draws_the_same_faults_and_another_draws_others():
    assert deck.draw(count=40, seed=7) == deck.draw(count=40, seed=7)
    assert deck.draw(count=40, seed=7) != deck.draw(count=40, seed=8)


def test_one_deal_of_the_deck_has_every_kind_of_fault():
    drawn = deck.draw(count=len(deck.DECK) + len(deck.SLOW), seed=3)
    assert {fault.kind for fault in drawn} == set(deck.Kind)


def test_what_follows_a_slow_server_is_cruel():
    drawn = deck.draw(count=200, seed=5)
    after = [b.kind for a, b in itertools.pairwise(drawn) if a.kind in deck.SLOW]
    assert set(after) == {card.kind for card in deck.CRUEL}
