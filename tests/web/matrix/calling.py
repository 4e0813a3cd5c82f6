"""Calling one door as one caller, and the stage it happens on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
import msgspec
import redis

from tests.fixtures import databases
from tests.fixtures.servers import Run
from tests.web.matrix import records
from tests.web.matrix.callers import Caller
from tests.web.matrix.doors import Door
from tests.web.matrix.stage import Stage, Standing
from tests.web.site import site

_UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class Scene(msgspec.Struct, kw_only=True):
    """The stage, one client for everybody, and the store of the limits, emptied for each call."""

    stage: Stage
    client: httpx2.AsyncClient
    limits: redis.Redis


@asynccontextmanager
async def scene_at(
    run: Run, template: str, *, worker_id: str, folder: Path
) -> AsyncIterator[Scene]:
    """Bring everybody on stage in a database of their own."""
    name = f"{run.name}_{worker_id}_matrix_{next(databases.numbers)}"
    url = databases.clone(run, name, template=template)
    number = int("0" + "".join(filter(str.isdigit, worker_id))) + 1
    redis_url = f"{run.redis_url.split('?')[0]}?db={number}"
    owner = await asyncpg.connect(url)
    try:
        async with site(url, redis_url, folder) as opened:
            stage = Stage(opened, owner)
            # A stream of live updates would never end: here it begins, and is let go.
            opened.app.state.desk.listening.until(lambda: True)
            await stage.set_up()
            await records.make_all(stage)
            with redis.Redis.from_url(redis_url) as limits:
                async with opened.caller(accept="application/json") as client:
                    yield Scene(stage=stage, client=client, limits=limits)
    finally:
        await owner.close()
        databases.drop(run, name)


async def call(scene: Scene, door: Door, caller: Caller) -> httpx2.Response:
    """Make a call with the proofs its caller has; what it uses up is made anew."""
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
