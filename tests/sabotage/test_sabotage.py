"""A guard whose loss nobody notices is no guard: rows of sabotage, the quick ones run here."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests.fixtures.servers import Run
from tests.sabotage import workshop
from tests.sabotage.guards import GUARDS
from tests.shape import sources

QUICK = [guard for guard in GUARDS if guard.quick]


@pytest.fixture(scope="module")
def given(run: Run) -> dict[str, str]:
    """The server of this run; the Redis of a run inside is its own, for it is emptied there."""
    return {"DATABASE_URL": run.database_url, "REDIS_URL": ""}


@pytest.fixture(scope="module")
def copy() -> Iterator[workshop.Workshop]:
    """A copy of the sources for the tests of this file."""
    with workshop.copied() as made:
        yield made


def test_every_guard_stands_where_its_row_says() -> None:
    for guard in GUARDS:
        before = (workshop.ROOT / guard.file).read_text("utf-8")
        assert workshop.changed(guard, before) != before


def test_every_test_that_is_named_is_there() -> None:
    named = [guard.test.partition("[")[0].split("::") for guard in GUARDS]
    there = {file: {each.name for each in sources.functions(Path(file))} for file, _ in named}
    assert [each for each in named if each[1] not in there[each[0]]] == []


def test_there_are_guards_enough_and_no_two_are_the_same() -> None:
    assert len(GUARDS) >= 40
    assert len(QUICK) >= 8
    assert len({guard.name for guard in GUARDS}) == len(GUARDS)
    assert len({(guard.file, guard.text) for guard in GUARDS}) == len(GUARDS)


def test_a_row_whose_guard_moved_is_an_error() -> None:
    moved = msgspec.structs.replace(GUARDS[0], text="a line that nobody wrote")
    before = (workshop.ROOT / moved.file).read_text("utf-8")
    with pytest.raises(workshop.Stale, match=moved.name):
        workshop.changed(moved, before)


def test_with_every_guard_the_named_tests_pass(copy, given) -> None:
    copy.whole([guard.test for guard in QUICK], given)


@pytest.mark.parametrize("guard", QUICK, ids=lambda guard: guard.name)
def test_without_a_guard_its_test_goes_red(copy, given, guard) -> None:
    copy.without(guard, given)


def test_a_change_that_takes_nothing_away_proves_nothing(copy, given) -> None:
    idle = msgspec.structs.replace(QUICK[0], instead=QUICK[0].text)
    with pytest.raises(workshop.Unproven, match="stayed green"):
        copy.without(idle, given)


def test_a_file_that_no_longer_runs_proves_nothing(copy, given) -> None:
    broken = msgspec.structs.replace(QUICK[0], instead="this is no Python (")
    with pytest.raises(workshop.Unproven, match="did not run"):
        copy.without(broken, given)


def test_a_crash_proves_nothing(copy, given) -> None:
    crash = msgspec.structs.replace(
        QUICK[0],
        file="service/domain/policy.py",
        text="    rows = _BY_ACTION.get(action, [])\n    for reason",
        instead="    rows = _BY_ACTION[NOTHING]\n    for reason",
        test="tests/domain/test_policy.py::test_roles_add_up_in_a_small_clinic",
    )
    with pytest.raises(workshop.Unproven, match=r"broke by \['KeyError'\]"):
        copy.without(crash, given)
