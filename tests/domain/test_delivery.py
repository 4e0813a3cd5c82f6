"""Deliveries only know more, effects stop in time, and an outage is one outage."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain import delivery
from service.domain.delivery import Answer, Breaker, DeliveryState, EffectState

NOW = datetime(2026, 10, 26, 10, tzinfo=UTC)
STATES = st.sampled_from(DeliveryState)
JITTERS = st.floats(0, 1, exclude_max=True)


@given(STATES, STATES)
def test_a_delivery_never_goes_back(current, reported):
    after = delivery.further(current, reported)
    assert after in {current, reported}
    assert delivery.ORDER.index(after) >= delivery.ORDER.index(current)


@given(st.lists(STATES, max_size=5))
def test_receipts_end_the_same_in_whatever_order_they_come(reports):
    ends = {delivery.settled(order) for order in permutations(reports)}
    assert len(ends) == 1
    once = DeliveryState.INTENDED
    for report in [*reports, *reports]:
        once = delivery.further(once, report)
    assert ends == {once}


def test_a_late_sent_does_not_undo_delivered():
    late = delivery.further(DeliveryState.DELIVERED, DeliveryState.SENT)
    assert late is DeliveryState.DELIVERED


def test_a_receipt_after_three_days_of_silence_is_still_heard():
    sent = {"sent_at": NOW, "now": NOW + timedelta(hours=72)}
    unknown = delivery.without_receipt(DeliveryState.SENT, **sent)
    assert unknown is DeliveryState.UNKNOWN
    assert delivery.further(unknown, DeliveryState.BOUNCED) is DeliveryState.BOUNCED
    assert delivery.without_receipt(DeliveryState.DELIVERED, **sent) is DeliveryState.DELIVERED
    early = {"sent_at": NOW, "now": NOW + timedelta(hours=71)}
    assert delivery.without_receipt(DeliveryState.SENT, **early) is DeliveryState.SENT


def test_waits_are_five_seconds_and_then_double_up_to_five_minutes():
    middle = [delivery.back_off(tries, jitter=0.5).total_seconds() for tries in range(1, 9)]
    assert middle == pytest.approx([5, 10, 20, 40, 80, 160, 300, 300])


@given(st.integers(1, 10_000), JITTERS)
def test_jitter_spreads_a_wait_by_a_fifth_at_most(tries, jitter):
    wait = delivery.back_off(tries, jitter=jitter)
    plain = min(timedelta(seconds=5) * 2 ** min(tries - 1, 8), timedelta(minutes=5))
    assert plain * 0.79 <= wait <= min(plain * 1.21, delivery.LONGEST_WAIT)


def test_the_eighth_later_is_the_last():
    tries, states = 0, []
    for _ in range(8):
        after = delivery.after_try(Answer.LATER, tries=tries, jitter=0.5)
        tries = after.tries
        states.append(after.state)
    assert states == [EffectState.PENDING] * 7 + [EffectState.DEAD]


def test_an_unreachable_channel_costs_no_try():
    after = delivery.after_try(Answer.UNREACHABLE, tries=7, jitter=0)
    assert (after.state, after.tries, after.wait) == (EffectState.PARKED, 7, None)


@pytest.mark.parametrize(
    ("answer", "state"), [(Answer.SENT, EffectState.DONE), (Answer.NEVER, EffectState.DEAD)]
)
def test_a_plain_answer_ends_an_effect(answer, state):
    assert delivery.after_try(answer, tries=0, jitter=0) == delivery.Next(state=state, tries=1)


def test_a_wait_the_server_asked_for_is_kept_up_to_the_cap():
    def wait(asked: timedelta) -> timedelta | None:
        return delivery.after_try(Answer.LATER, tries=0, jitter=0, asked_wait=asked).wait

    assert wait(timedelta(seconds=90)) == timedelta(seconds=90)
    assert wait(timedelta(seconds=1)) == timedelta(seconds=5)
    assert wait(timedelta(hours=9)) == delivery.LONGEST_WAIT


def test_an_outage_opens_one_breaker_and_lets_one_probe_through_every_two_seconds():
    breaker = delivery.unreachable(delivery.CLOSED, NOW)
    assert breaker.is_open
    assert not delivery.may_try(breaker, NOW + timedelta(seconds=1))
    second = NOW + timedelta(seconds=2)
    assert delivery.may_try(breaker, second)
    assert not delivery.may_try(delivery.probing(breaker, second), second)
    again = delivery.reachable(breaker, Answer.UNREACHABLE, now=second)
    assert again == Breaker(opened_at=NOW, probe_at=second + delivery.PROBE_EVERY)


@pytest.mark.parametrize("answer", [Answer.SENT, Answer.LATER, Answer.NEVER])
def test_any_answer_at_all_closes_the_breaker(answer):
    breaker = delivery.unreachable(delivery.CLOSED, NOW)
    assert delivery.reachable(breaker, answer, now=NOW) == delivery.CLOSED


def test_a_closed_breaker_needs_no_probe():
    assert delivery.may_try(delivery.CLOSED, NOW)
    assert delivery.probing(delivery.CLOSED, NOW) == delivery.CLOSED
