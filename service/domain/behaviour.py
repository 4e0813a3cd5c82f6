"""Who could help next: services of one kind in order, each with its reasons.

A rank is a sum of points that anybody can check by hand; it hides nobody and sends nothing. What a
partner did lately counts as much as what it says of itself, and an old word counts half. Source:
features.md, "behaviour-weighted directory" and "a decline that continues".
"""

from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum
from uuid import UUID

import msgspec

STALE_DAYS = 14
"""A word on capacity that is older counts half."""

_ROOM = {"open": 4.0, "limited": 2.0, "unknown": 1.0, "waitlist": 0.0, "closed": -6.0}
_SPEAKS, _SERVES, _ANSWERS, _ACCEPTS, _SLOW = 3.0, 3.0, 2.0, 3.0, 0.5


class Behaviour(msgspec.Struct, frozen=True, kw_only=True):
    """What a service did with what it was sent lately; `answer_hours` is a median."""

    sent: int
    answered: int
    accepted: int
    answer_hours: float | None


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """A service as it says it is, and as it did; an empty list is everybody or everywhere."""

    service_id: UUID
    capacity: str
    capacity_age_days: int | None
    no_capacity_until: date | None
    languages: Sequence[str]
    area: Sequence[str]
    behaviour: Behaviour | None


class Need(msgspec.Struct, frozen=True, kw_only=True):
    """Who is to be helped, as far as it is known: language, places they live in, the day."""

    language: str
    places: frozenset[str]
    today: date


class Reason(StrEnum):
    """Why a service stands where it does."""

    ROOM = "room"
    NO_ROOM = "no_room"
    SPEAKS = "speaks"
    SPEAKS_NOT = "speaks_not"
    SERVES = "serves"
    ELSEWHERE = "elsewhere"
    ANSWERS = "answers"
    UNKNOWN = "unknown"


class Ranked(msgspec.Struct, frozen=True, kw_only=True):
    """A service with its points and the reasons for them."""

    offer: Offer
    points: float
    reasons: tuple[Reason, ...]


def ranked(offers: Iterable[Offer], need: Need) -> list[Ranked]:
    """Order services for somebody, the likeliest help first; equals keep their order."""
    return sorted((_weigh(offer, need) for offer in offers), key=lambda each: -each.points)


def _weigh(offer: Offer, need: Need) -> Ranked:
    parts = (_room(offer, need), _tongue(offer, need), _place(offer, need), _deeds(offer))
    return Ranked(
        offer=offer,
        points=sum(points for points, _ in parts),
        reasons=tuple(reason for _, reason in parts if reason is not None),
    )


def _room(offer: Offer, need: Need) -> tuple[float, Reason | None]:
    full = offer.no_capacity_until is not None and offer.no_capacity_until > need.today
    points = _ROOM.get(offer.capacity, 0.0)
    if full or points < 0:
        return _ROOM["closed"], Reason.NO_ROOM
    old = offer.capacity_age_days is None or offer.capacity_age_days > STALE_DAYS
    return (points / 2 if old else points), (Reason.ROOM if points >= _ROOM["limited"] else None)


def _tongue(offer: Offer, need: Need) -> tuple[float, Reason | None]:
    if not need.language or not offer.languages:
        return 0.0, None
    speaks = need.language in offer.languages
    return (_SPEAKS, Reason.SPEAKS) if speaks else (-_SPEAKS, Reason.SPEAKS_NOT)


def _place(offer: Offer, need: Need) -> tuple[float, Reason | None]:
    if not need.places or not offer.area:
        return 0.0, None
    serves = any(place.casefold() in need.places for place in offer.area)
    return (_SERVES, Reason.SERVES) if serves else (-_SERVES, Reason.ELSEWHERE)


def _deeds(offer: Offer) -> tuple[float, Reason | None]:
    did = offer.behaviour
    if did is None or did.sent == 0:
        return 0.0, Reason.UNKNOWN
    points = _ANSWERS * did.answered / did.sent + _ACCEPTS * did.accepted / did.sent
    late = min((did.answer_hours or 0.0) / 24, 6) * _SLOW
    return points - late, Reason.ANSWERS
