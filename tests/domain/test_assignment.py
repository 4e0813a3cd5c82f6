"""To whom a loop moves: the narrowest name, then the pool; the least laden who is there."""

from uuid import UUID

from service.domain.assignment import Candidate, Case, Named, chosen, laden

A, B, C = UUID(int=1), UUID(int=2), UUID(int=3)
PARTNER = UUID(int=9)
CASE = Case(areas=frozenset({"97201"}), language="es", partners=frozenset({PARTNER}))


def one(member: UUID, *named: Named, load: int = 0, **fields) -> Candidate:
    given = {"coordinates": True, "away": False, "cover": None} | fields
    return Candidate(id=member, load=load, named=named, **given)


SPANISH = Named(languages=frozenset({"es"}))
NARROW = Named(languages=frozenset({"es"}), partners=frozenset({PARTNER}))
ELSEWHERE = Named(areas=frozenset({"10001"}))


def test_whoever_was_named_most_narrowly_comes_before_the_least_laden():
    assert chosen([one(A), one(B, SPANISH, load=9), one(C, NARROW, load=20)], CASE) == C
    assert chosen([one(A), one(B, SPANISH, load=9)], CASE) == B


def test_named_for_something_else_is_a_last_resort_and_an_administrator_after_it():
    assert chosen([one(A, ELSEWHERE), one(B, load=50)], CASE) == B
    assert chosen([one(A, coordinates=False), one(B, ELSEWHERE, load=50)], CASE) == B
    assert chosen([one(A, coordinates=False)], CASE) == A


def test_the_load_is_balanced_and_what_was_just_given_counts():
    pool = [one(A), one(B), one(C)]
    given = []
    for _ in range(6):
        given.append(chosen(pool, CASE))
        pool = laden(pool, given[-1])
    assert sorted(given) == [A, A, B, B, C, C]


def test_who_is_away_is_stood_in_for_and_without_a_cover_left_out():
    assert chosen([one(A, NARROW, away=True, cover=B), one(B, load=7), one(C)], CASE) == B
    assert chosen([one(A, NARROW, away=True), one(C)], CASE) == C
    assert chosen([one(A, away=True, cover=B), one(B, away=True, cover=A)], CASE) is None
    assert chosen([], CASE) is None
