"""Every route x every kind of caller x what the record is to them, against the access table.

The table says what a cell should come to (`tests.web.matrix.law`) before the application is asked.
"Admitted" is any answer that is not about access: an act that would spoil the stage is asked for
with a body that it refuses after the policy has spoken.
"""

from collections.abc import AsyncIterator

import httpx2
import msgspec
import pytest

from service.domain.people import Capacity
from tests.fixtures.servers import Run
from tests.web.matrix import records
from tests.web.matrix.callers import AGENCIES, CALLERS, CAPACITIES
from tests.web.matrix.calling import Scene, call, scene_at
from tests.web.matrix.doors import Door, doors
from tests.web.matrix.law import Outcome, expected

DOORS = doors()
BY_ROUTE: dict[str, list[Door]] = {}
for _door in DOORS:
    BY_ROUTE.setdefault(f"{_door.method} {_door.path}", []).append(_door)

FLOOR = 2_000


@pytest.fixture(scope="module")
async def scene(
    run: Run, template: str, worker_id: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Scene]:
    """Everybody on stage, once for all routes."""
    folder = tmp_path_factory.mktemp("matrix")
    async with scene_at(run, template, worker_id=worker_id, folder=folder) as opened:
        yield opened


def test_there_are_cells_enough_and_every_outcome_is_among_them() -> None:
    cells = [expected(door.question, caller) for door in DOORS for caller in CALLERS]
    assert len(cells) == len(DOORS) * len(CALLERS) >= FLOOR
    assert set(cells) == set(Outcome) - {Outcome.BROKEN}
    assert len({caller.name for caller in CALLERS}) == len(CALLERS)


def test_a_parameter_nobody_makes_a_record_for_is_named_with_what_to_do() -> None:
    strange = msgspec.structs.replace(DOORS[0], path="/api/v1/parrots/{parrot_id:uuid}")
    (said,) = records.missing_makers((strange,))
    assert "parrot_id" in said
    assert "tests/web/matrix/records.py" in said


async def test_the_table_of_the_callers_says_who_is_a_party(scene: Scene) -> None:
    parties = {name: held for name, held in CAPACITIES.items() if held is not None}
    agencies = dict.fromkeys(AGENCIES, Capacity.RECIPIENT)
    assert await scene.stage.parties() == parties | agencies


@pytest.mark.parametrize("route", sorted(BY_ROUTE))
async def test_a_route_tells_every_caller_what_the_table_says(scene: Scene, route: str) -> None:
    await scene.stage.rewind()
    wrong: list[str] = []
    for door in BY_ROUTE[route]:
        for caller in CALLERS:
            answer = await call(scene, door, caller)
            told, wanted = outcome(answer), expected(door.question, caller)
            if told is not wanted:
                wrong.append(f"{caller.name}: {told} ({_in_short(answer)}), not {wanted}")
    assert wrong == [], "\n".join([route, *wrong])


_BY_SLUG = {
    "missing": Outcome.MISSING,
    "refused": Outcome.REFUSED,
    "sign-in-required": Outcome.SIGN_IN,
    "visit-over": Outcome.VISIT_OVER,
    "rate-limited": Outcome.BROKEN,
}


def outcome(answer: httpx2.Response) -> Outcome:
    """Read what an answer says of access."""
    if answer.status_code >= 500:
        return Outcome.BROKEN
    if answer.headers.get("location") == "/r/stepup":
        return Outcome.STEP_UP
    if answer.headers.get("content-type") != "application/problem+json":
        return Outcome.ADMITTED
    slug = answer.json()["type"].rpartition("/")[2]
    return _BY_SLUG.get(slug, Outcome.ADMITTED)


def _in_short(answer: httpx2.Response) -> str:
    return f"{answer.status_code} {answer.text[:120]!r}"
