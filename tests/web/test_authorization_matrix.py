"""Every route x every kind of caller x what the record is to them, against the access table.

The table says what a cell should come to (`tests.web.matrix.law`) before the application is asked.
"Admitted" is any answer that is not about access: an act that would spoil the stage is asked for
with a body that it refuses after the policy has spoken.
"""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx2
import msgspec
import pytest
import redis

from service.domain.people import Capacity
from tests.fixtures import databases
from tests.fixtures.servers import Run
from tests.web.matrix import records
from tests.web.matrix.callers import AGENCIES, CALLERS, CAPACITIES, Caller
from tests.web.matrix.doors import Door, doors
from tests.web.matrix.law import Outcome, expected
from tests.web.matrix.stage import Stage, Standing
from tests.web.site import site

DOORS = doors()
BY_ROUTE: dict[str, list[Door]] = {}
for _door in DOORS:
    BY_ROUTE.setdefault(f"{_door.method} {_door.path}", []).append(_door)

FLOOR = 2_000
_UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class Scene(msgspec.Struct, kw_only=True):
    """The stage, one client for everybody, and the store of the limits, emptied for each call."""

    stage: Stage
    client: httpx2.AsyncClient
    limits: redis.Redis


@pytest.fixture(scope="module")
async def scene(
    run: Run, template: str, worker_id: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Scene]:
    """Everybody on stage, once for all routes."""
    name = f"{run.name}_{worker_id}_matrix_{next(databases.numbers)}"
    url = databases.clone(run, name, template=template)
    number = int("0" + "".join(filter(str.isdigit, worker_id))) + 1
    redis_url = f"{run.redis_url.split('?')[0]}?db={number}"
    owner = await asyncpg.connect(url)
    async with site(url, redis_url, tmp_path_factory.mktemp("matrix")) as opened:
        stage = Stage(opened, owner)
        await stage.set_up()
        await records.make_all(stage)
        with redis.Redis.from_url(redis_url) as limits:
            async with opened.caller(accept="application/json") as client:
                yield Scene(stage=stage, client=client, limits=limits)
    await owner.close()
    databases.drop(run, name)


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
            answer = await _call(scene, door, caller)
            told, wanted = outcome(answer), expected(door.question, caller)
            if told is not wanted:
                wrong.append(f"{caller.name}: {told} ({_in_short(answer)}), not {wanted}")
    assert wrong == [], "\n".join([route, *wrong])


async def _call(scene: Scene, door: Door, caller: Caller) -> httpx2.Response:
    stage = scene.stage
    for name in set(door.call.spends) - {"session"}:
        stage.records[name] = await records.MAKERS[name](stage)
    scene.limits.flushdb()
    # Each call brings its own cookies; what an answer sets is somebody else's.
    scene.client.cookies.clear()
    sent = _sent(door, stage.standing[caller.name], stage.records | await stage.said_by(caller))
    answer = await scene.client.request(door.method, door.address(stage.records), **sent)
    if "session" in door.call.spends:
        await stage.renew(caller)
    return answer


def _sent(door: Door, standing: Standing, said: dict[str, Any]) -> dict[str, Any]:
    """Spell headers and body of a call, with the proofs a browser of ours would send."""
    headers = dict(standing.headers)
    if door.call.seen:
        headers["if-match"] = f'"{door.call.seen}"'
    if door.operation.once:
        headers["idempotency-key"] = str(said["nonce"])
    if door.call.form is not None:
        token = {"csrf": standing.csrf} if standing.csrf else {}
        sent = {"headers": headers, "data": token | _filled(door.call.form, said)}
        if door.operation.upload:
            sent["files"] = {"file": ("run.exe", b"MZ", "application/octet-stream")}
        return sent
    if door.method in _UNSAFE:
        headers["x-csrf-token"] = standing.csrf
    if door.call.json is not None:
        return {"headers": headers, "json": _filled(door.call.json, said)}
    return {"headers": headers}


def _filled(body: Any, said: dict[str, Any]) -> Any:
    """Put what a caller may name into the places of a body."""
    if isinstance(body, dict):
        return {name: _filled(value, said) for name, value in body.items()}
    if isinstance(body, list):
        return [_filled(value, said) for value in body]
    found = isinstance(body, str) and body.startswith("{")
    return str(said[body.strip("{}")]) if found else body


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
