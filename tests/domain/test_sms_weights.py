"""Points of providers: taken by errors, given back by quiet."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from service.domain import sms_weights as rules
from service.domain.sms_weights import Weight

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def pair(first: int = 100, second: int = 0):
    return tuple(
        Weight(
            name=name,
            points=points,
            resting=points,
            errors=0,
            window_at=START,
            error_at=None,
            moved_at=START - timedelta(hours=1),
        )
        for name, points in (("twilio", first), ("kannel", second))
    )


def points(weights):
    return tuple(each.points for each in weights)


def test_the_first_has_all_until_it_stumbles_three_times() -> None:
    assert rules.at_first(["twilio", "kannel"]) == {"twilio": 100, "kannel": 0}
    weights = pair()
    for count in range(2):
        weights = rules.after_error(weights, "twilio", now=START + count * MINUTE)
        assert points(weights) == (100, 0)
    assert points(rules.after_error(weights, "twilio", now=START + 2 * MINUTE)) == (90, 10)


def test_points_move_at_most_once_a_minute() -> None:
    weights, now = pair(), START
    for second in range(60):
        now = START + timedelta(seconds=second)
        weights = rules.after_error(weights, "twilio", now=now)
    assert points(weights) == (90, 10)
    for _ in range(3):
        weights = rules.after_error(weights, "twilio", now=now + 2 * MINUTE)
    assert points(weights) == (80, 20)


def test_errors_far_apart_are_no_outage() -> None:
    weights = pair()
    for count in range(20):
        weights = rules.after_error(weights, "twilio", now=START + count * 11 * MINUTE)
    assert points(weights) == (100, 0)


def test_quiet_walks_back_ten_points_each_fifteen_minutes_and_no_further() -> None:
    weights, now = pair(), START
    for count in range(9):
        now = START + count * MINUTE
        weights = rules.after_error(weights, "twilio", now=now)
    assert points(weights) == (70, 30)
    assert rules.drifted(weights, now=now + 14 * MINUTE) == weights
    seen = []
    for quarter in range(1, 7):
        weights = rules.drifted(weights, now=now + quarter * 15 * MINUTE)
        seen.append(points(weights))
    assert seen == [(80, 20), (90, 10), *[(100, 0)] * 4]


def test_a_lone_provider_keeps_its_points() -> None:
    weights = pair()[:1]
    for _ in range(9):
        weights = rules.after_error(weights, "twilio", now=START)
    assert points(weights) == (100,)
    assert rules.order(weights, draw=0.99) == ("twilio",)


def test_who_is_asked_first_is_drawn_by_points() -> None:
    weights = pair(80, 20)
    firsts = [rules.order(weights, draw=draw / 100)[0] for draw in range(100)]
    assert (firsts.count("twilio"), firsts.count("kannel")) == (80, 20)
    assert rules.order(pair(0, 0), draw=0.5) == ("twilio", "kannel")


@given(
    st.lists(st.tuples(st.sampled_from(["twilio", "kannel"]), st.integers(0, 1200))),
    st.floats(0, 1, exclude_max=True),
)
def test_points_are_a_hundred_whatever_happens(happens, draw) -> None:
    weights, now = pair(60, 40), START
    for name, seconds in happens:
        now += timedelta(seconds=seconds)
        weights = rules.drifted(rules.after_error(weights, name, now=now), now=now + 20 * MINUTE)
        assert sum(points(weights)) == 100
        assert all(0 <= each <= 100 for each in points(weights))
        assert sorted(rules.order(weights, draw=draw)) == ["kannel", "twilio"]
    chosen = rules.chosen(weights, {"twilio": 30, "kannel": 70}, now=now)
    assert points(chosen) == (30, 70) == tuple(each.resting for each in chosen)
