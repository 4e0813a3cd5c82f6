"""To whom a loop moves: whoever was named for it, else the pool; the least laden who is there."""

from collections.abc import Sequence
from uuid import UUID

import msgspec


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """For what somebody was named: an empty set means any, and of a set one is enough."""

    areas: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    partners: frozenset[UUID] = frozenset()


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody of the coordinating organization: what they have in hand, and who covers them."""

    id: UUID
    coordinates: bool
    away: bool
    cover: UUID | None
    load: int
    named: tuple[Named, ...] = ()


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """What the rules look at: where the service is, which language, which partners."""

    areas: frozenset[str] = frozenset()
    language: str | None = None
    partners: frozenset[UUID] = frozenset()


_POOL, _OTHERS, _ADMINISTRATORS = 0, -1, -2


def chosen(pool: Sequence[Candidate], case: Case) -> UUID | None:
    """Choose who takes over, or nobody where nobody is there.

    Who was named most narrowly for this case comes first, then coordinators named for nothing,
    then those named for something else, then administrators; among equals the least laden.
    """
    here = {each.id: each for each in pool if not each.away}
    found = [
        (-fit(each, case), stands.load, place, stands.id)
        for place, each in enumerate(pool)
        if (stands := _stand_in(each, here)) is not None
    ]
    return min(found)[-1] if found else None


def fit(candidate: Candidate, case: Case) -> int:
    """Say how narrowly somebody was named for a case; below nought they are a last resort."""
    if not candidate.coordinates:
        return _ADMINISTRATORS
    if not candidate.named:
        return _POOL
    return max((_match(named, case) for named in candidate.named), default=_OTHERS)


def _match(named: Named, case: Case) -> int:
    asked = (
        (bool(named.areas), bool(named.areas & case.areas)),
        (bool(named.languages), case.language in named.languages),
        (bool(named.partners), bool(named.partners & case.partners)),
    )
    if any(wanted and not found for wanted, found in asked):
        return _OTHERS
    return sum(wanted for wanted, _ in asked)


def _stand_in(candidate: Candidate, here: dict[UUID, Candidate]) -> Candidate | None:
    """Return who is there for somebody: themselves, or while they are away their cover."""
    if candidate.id in here:
        return candidate
    return here.get(candidate.cover) if candidate.cover is not None else None


def laden(pool: Sequence[Candidate], member_id: UUID | None) -> list[Candidate]:
    """Return the pool with one more in somebody's hands."""
    return [
        msgspec.structs.replace(each, load=each.load + 1) if each.id == member_id else each
        for each in pool
    ]
