"""Who could help next: every reason moves a service the way it says."""

import itertools
from datetime import date
from typing import Any
from uuid import uuid4

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from service.domain import behaviour
from service.domain.behaviour import Behaviour, Need, Offer, Reason

TODAY = date(2026, 11, 25)
NEED = Need(language="es", places=frozenset({"97401", "lane county"}), today=TODAY)
QUICK = Behaviour(sent=20, answered=19, accepted=15, answer_hours=8.0)


def offer(**changed: Any) -> Offer:
    plain = Offer(
        service_id=uuid4(),
        capacity="unknown",
        capacity_age_days=None,
        no_capacity_until=None,
        languages=(),
        area=(),
        behaviour=None,
    )
    return msgspec.structs.replace(plain, **changed)


BETTER = [
    (
        {"capacity": "open", "capacity_age_days": 1},
        {"capacity": "waitlist", "capacity_age_days": 1},
    ),
    ({"capacity": "open", "capacity_age_days": 1}, {"capacity": "open", "capacity_age_days": 15}),
    ({"languages": ("en", "es")}, {"languages": ("en",)}),
    ({"area": ("Lane County",)}, {"area": ("Linn County",)}),
    ({"behaviour": QUICK}, {}),
    ({"behaviour": QUICK}, {"behaviour": msgspec.structs.replace(QUICK, answer_hours=200.0)}),
    ({"behaviour": QUICK}, {"behaviour": msgspec.structs.replace(QUICK, accepted=2)}),
    ({}, {"capacity": "open", "no_capacity_until": date(2026, 12, 24)}),
    ({}, {"capacity": "closed", "capacity_age_days": 0}),
]


def test_what_is_better_comes_first_whatever_the_order_before() -> None:
    for better, worse in BETTER:
        one, other = offer(**better), offer(**worse)
        for offers in ((one, other), (other, one)):
            assert behaviour.ranked(offers, NEED)[0].offer == one, (better, worse)


def test_a_full_one_is_last_however_good_it_is_and_says_so() -> None:
    full = offer(capacity="closed", languages=("es",), behaviour=None, area=())
    plain = offer()
    first, last = behaviour.ranked((full, plain), NEED)
    assert (first.offer, last.offer) == (plain, full)
    assert Reason.NO_ROOM in last.reasons


def test_what_is_not_known_of_somebody_counts_for_nobody() -> None:
    unknown = Need(language="", places=frozenset(), today=TODAY)
    one, other = offer(languages=("es",), area=("Linn County",)), offer()
    assert [each.offer for each in behaviour.ranked((one, other), unknown)] == [one, other]
    assert behaviour.ranked((other,), unknown)[0].reasons == (Reason.UNKNOWN,)


@given(st.lists(st.sampled_from([each for pair in BETTER for each in pair]), max_size=12))
def test_everybody_offered_is_ranked_once_and_points_only_fall(
    changes: list[dict[str, Any]],
) -> None:
    offers = [offer(**each) for each in changes]
    found = behaviour.ranked(offers, NEED)
    assert sorted(each.offer.service_id for each in found) == sorted(
        each.service_id for each in offers
    )
    assert all(a.points >= b.points for a, b in itertools.pairwise(found))
