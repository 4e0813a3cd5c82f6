"""Which provider a text is given: points of a hundred, moved by errors and walking back in quiet.

A provider that stumbles three times in ten minutes loses ten points to another, at most once a
minute; after fifteen minutes without an error everybody walks ten points back to where people put
them. Nobody is switched off by a rule of thumb, and nobody is hammered while down.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

ALL = 100
STEP = 10
ERRORS = 3
WINDOW = timedelta(minutes=10)
MOVE_EVERY = timedelta(minutes=1)
QUIET = timedelta(minutes=15)


class Weight(msgspec.Struct, frozen=True, kw_only=True):
    """How a provider stands: points now, points at rest, errors since its window began."""

    name: str
    points: int
    resting: int
    errors: int
    window_at: datetime
    error_at: datetime | None
    moved_at: datetime


Weights = tuple[Weight, ...]


def at_first(names: Sequence[str]) -> dict[str, int]:
    """Give the first provider everything; the second is there for when the first stumbles."""
    return {name: 0 if place else ALL for place, name in enumerate(names)}


def is_all(points: Iterable[int]) -> bool:
    """Say whether points are what can be given out: none below nothing, a hundred in all."""
    given = list(points)
    return all(0 <= each <= ALL for each in given) and sum(given) == ALL


def order(weights: Weights, *, draw: float) -> tuple[str, ...]:
    """Say who is asked first, and who if that one does not take the text.

    `draw` in [0, 1) is the caller's random number; the first is drawn by points, the rest follow
    with the most points first.
    """
    by_points = sorted(weights, key=lambda each: -each.points)
    drawn = draw * sum(each.points for each in weights)
    first = by_points[0]
    for each in by_points:
        if drawn < each.points:
            first = each
            break
        drawn -= each.points
    return (first.name, *(each.name for each in by_points if each.name != first.name))


def after_error(weights: Weights, name: str, *, now: datetime) -> Weights:
    """Count an error of a provider, and move points away from it when it is time."""
    counted = tuple(_counted(each, now) if each.name == name else each for each in weights)
    mine = next(each for each in counted if each.name == name)
    others = [each for each in counted if each.name != name]
    settled = all(now - each.moved_at >= MOVE_EVERY for each in counted)
    if mine.errors < ERRORS or not others or not settled or not mine.points:
        return counted
    to = min(others, key=lambda each: each.points)
    return moved(counted, {name: mine.points - STEP, to.name: to.points + STEP}, now=now)


def drifted(weights: Weights, *, now: datetime) -> Weights:
    """Walk everybody a step towards rest, once nothing went wrong or moved for a while."""
    busy = any(_lately(each, now) for each in weights)
    if busy or all(each.points == each.resting for each in weights):
        return weights
    return moved(weights, {each.name: _nearer(each) for each in weights}, now=now)


def moved(weights: Weights, points: Mapping[str, int], *, now: datetime) -> Weights:
    """Give some providers other points; nobody has less than none or more than all."""
    return tuple(
        msgspec.structs.replace(
            each, points=min(ALL, max(0, points[each.name])), moved_at=now, errors=0
        )
        if each.name in points
        else each
        for each in weights
    )


def chosen(weights: Weights, points: Mapping[str, int], *, now: datetime) -> Weights:
    """Put providers where a person wants them, now and at rest."""
    return tuple(
        msgspec.structs.replace(each, resting=points[each.name])
        for each in moved(weights, points, now=now)
    )


def _counted(weight: Weight, now: datetime) -> Weight:
    fresh = weight.errors == 0 or now - weight.window_at > WINDOW
    return msgspec.structs.replace(
        weight,
        errors=1 if fresh else weight.errors + 1,
        window_at=now if fresh else weight.window_at,
        error_at=now,
    )


def _lately(weight: Weight, now: datetime) -> bool:
    erred = weight.error_at is not None and now - weight.error_at < QUIET
    return erred or now - weight.moved_at < QUIET


def _nearer(weight: Weight) -> int:
    gap = weight.resting - weight.points
    return weight.points + max(-STEP, min(STEP, gap))
