"""The front of the house: who comes in, what every answer carries, what a no looks like."""

import base64
import gzip
import json
import logging
from pathlib import Path

import pytest

from service import app as application
from service import logs
from service.settings import Secret
from service.store import migrate
from service.web import guards, problems, routes, routing
from templates import assets
from tests.web.site import Site, settings, site


async def test_it_is_alive_and_ready_and_says_what_it_lacks(here: Site) -> None:
    async with here.caller() as caller:
        assert (await caller.get("/livez")).json() == {"status": "alive"}
        ready = (await caller.get("/readyz")).json()
        assert ready == {"status": "ready", "degraded": ["workers"]}


async def test_a_route_nobody_made_is_a_problem_without_an_instance(here: Site) -> None:
    async with here.caller() as caller:
        first, second = await caller.get("/nowhere"), await caller.get("/api/v1/nothing")
    assert first.status_code == second.status_code == 404
    assert first.headers["content-type"] == "application/problem+json"
    assert first.content == second.content
    assert first.json()["type"] == "/problems/missing"
    assert "instance" not in first.json()
    assert len(first.headers["x-request-id"]) == 32
    assert first.headers["x-request-id"] != second.headers["x-request-id"]


async def test_a_method_nobody_made_names_those_there_are(here: Site) -> None:
    async with here.caller() as caller:
        answer = await caller.delete("/livez")
    assert answer.status_code == 405
    assert answer.json()["type"] == "/problems/method-not-allowed"
    assert "GET" in answer.headers["allow"]


async def test_every_answer_tells_browsers_to_load_nothing(here: Site) -> None:
    async with here.caller() as caller:
        for path in ("/livez", "/nowhere", "/metrics", "/problems/missing"):
            said = (await caller.get(path)).headers
            assert said["content-security-policy"].startswith("default-src 'none'"), path
            assert said["x-content-type-options"] == "nosniff"
            assert said["referrer-policy"] == "no-referrer"
            assert said["cache-control"] == "no-store"


async def test_people_get_a_page_and_programs_a_problem(here: Site) -> None:
    async with here.caller(accept="text/html", **{"accept-language": "es"}) as person:
        page = await person.get("/nowhere")
        program = await person.get("/api/v1/nowhere")
    assert page.headers["content-type"].startswith("text/html")
    assert "style-src 'self'" in page.headers["content-security-policy"]
    assert program.headers["content-type"] == "application/problem+json"


async def test_a_name_that_is_not_ours_is_refused(here: Site) -> None:
    async with here.caller(host="evil.example") as caller:
        answer = await caller.get("/nowhere")
        assert (await caller.get("/livez")).status_code == 200
    assert answer.status_code == 421


async def test_a_file_we_serve_may_be_kept_for_ever(here: Site) -> None:
    async with here.caller() as caller:
        answer = await caller.get(assets.asset("loopkeeper.css"))
    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize(
    ("asked", "packed"),
    [
        ("gzip", True),
        ("br, gzip;q=0.5", True),
        ("identity", False),
        ("gzip;q=0", False),
        ("", False),
    ],
)
async def test_a_file_we_serve_is_packed_for_who_can_unpack_it(
    here: Site, asked: str, packed: bool
) -> None:
    path = assets.asset("govuk-frontend.css")
    async with (
        here.caller(**{"accept-encoding": asked}) as caller,
        caller.stream("GET", path) as got,
    ):
        raw = b"".join([part async for part in got.aiter_raw()])
    assert (got.headers.get("content-encoding") == "gzip") is packed
    assert got.headers["vary"] == "accept-encoding"
    content = gzip.decompress(raw) if packed else raw
    assert (content, "text/css; charset=utf-8") == assets.read(path.removeprefix(assets.PREFIX))


async def test_who_has_a_file_is_not_sent_it_again(here: Site) -> None:
    path = assets.asset("loopkeeper.css")
    async with here.caller() as caller:
        mark = (await caller.get(path)).headers["etag"]
        again = await caller.get(path, headers={"if-none-match": f'"other", W/{mark}'})
        changed = await caller.get(path, headers={"if-none-match": '"other"'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == mark
    assert changed.status_code == 200


async def test_a_page_is_never_packed_its_length_would_tell_what_is_in_it(here: Site) -> None:
    async with here.caller(accept="text/html", **{"accept-encoding": "gzip"}) as caller:
        page = await caller.get("/sign-in")
    assert page.status_code == 200
    assert "content-encoding" not in page.headers


async def test_a_route_without_a_policy_stops_the_start() -> None:
    from litestar import get

    @get("/open-door", include_in_schema=False)
    async def open_door() -> str:
        return ""

    with pytest.raises(guards.RouteWithoutPolicy, match="/open-door"):
        application.assembled([open_door], lifespan=[])


def test_every_route_names_a_policy_and_every_policy_is_granted_to_somebody() -> None:
    from service.domain.grants import GRANTS

    granted = {row.action for row in GRANTS}
    for handler in routes.EVERY:
        operation = routing.operation_of(handler)
        assert operation is not None
        assert set(operation.policy) <= granted


@pytest.mark.parametrize("kind", list(problems.STATUS))
def test_every_kind_of_fault_has_a_status(kind) -> None:
    assert 400 <= problems.STATUS[kind] < 600


async def test_what_breaks_says_its_request_id_and_nothing_else(here: Site) -> None:
    error = RuntimeError("patient María García 1980-01-02")
    problem = problems.problem_of(problems.fault_of(error), request_id="abc")
    assert json.loads(problems.msgspec.json.encode(problem)) == {
        "type": "/problems/broken",
        "title": "Something broke on our side.",
        "status": 500,
        "instance": "abc",
    }


def refused(group: BaseExceptionGroup) -> set[type]:
    inner = [
        refused(e) if isinstance(e, BaseExceptionGroup) else {type(e)} for e in group.exceptions
    ]
    return set().union(*inner)


async def test_a_wrong_root_key_does_not_start(
    fresh_database: str, redis_url: str, tmp_path
) -> None:
    app = application.build(settings(fresh_database, redis_url, tmp_path))
    (tmp_path / "root.key").write_text(base64.b64encode(bytes(32)).decode())
    with pytest.raises(ExceptionGroup) as caught:
        async with app.lifespan():
            pass
    assert refused(caught.value) == {migrate.WrongRootKey}


async def test_an_empty_database_does_not_start(
    empty_database: str, redis_url: str, tmp_path
) -> None:
    app = application.build(settings(empty_database, redis_url, tmp_path))
    with pytest.raises(ExceptionGroup) as caught:
        async with app.lifespan():
            pass
    assert refused(caught.value) == {application.Unmigrated}


def test_a_line_of_log_has_keys_of_the_list_only(capsys) -> None:
    record = logging.LogRecord("loopkeeper", logging.INFO, "", 0, "request", None, None)
    record.fields = {"status": 200, "patient": "María", "path": "/r/secret"}
    line = json.loads(logs.Lines().format(record))
    assert line["status"] == 200
    assert set(line) == {"time", "level", "event", "status"}


def test_what_broke_is_told_by_its_class_and_place_and_never_in_its_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    try:
        raise ValueError("María García")
    except ValueError as reason:
        logs.broke("effect not carried", reason)
    (record,) = caplog.records
    line = json.loads(logs.Lines().format(record))
    assert set(line) == {"time", "level", "event", "error_class", "where"}
    assert line["error_class"] == "builtins.ValueError"
    assert "test_foundation.py" in line["where"][0]


def test_a_library_cannot_write_a_row_into_the_log() -> None:
    try:
        raise ValueError("María García")
    except ValueError as reason:
        info = (ValueError, reason, reason.__traceback__)
    record = logging.LogRecord("asyncpg", logging.ERROR, "", 0, "row %s", ("María",), info)
    assert "María" not in logs.Lines().format(record)
    assert "ValueError" in logs.Lines().format(record)


async def test_limits_hold_without_redis(here: Site) -> None:
    from redis.asyncio import Redis

    from service import faults
    from service.web.limits import Limit, Limits

    away = Limits(Redis.from_url("redis://127.0.0.1:1/0", socket_connect_timeout=0.2))
    few = Limit(name="few", burst=8, seconds=600)
    for _ in range(2):
        await away.spend(few, "somebody")
    with pytest.raises(faults.RateLimited) as caught:
        await away.spend(few, "somebody")
    assert caught.value.extra["retry_after"] > 1
    assert away.degraded


async def test_a_limit_is_one_number_for_all_processes(here: Site, redis_url: str) -> None:
    from redis.asyncio import Redis

    from service import faults
    from service.web.limits import Limit, Limits

    few = Limit(name="few", burst=3, seconds=600)
    async with Redis.from_url(redis_url) as one, Redis.from_url(redis_url) as two:
        for redis in (one, two, one):
            await Limits(redis).spend(few, "somebody")
        with pytest.raises(faults.RateLimited):
            await Limits(two).spend(few, "somebody")
        await Limits(two).spend(few, "somebody else")


async def test_where_a_token_is_set_the_counts_are_told_to_who_brings_it(
    fresh_database: str, redis_url: str, tmp_path: Path
) -> None:
    token = Secret("a-token-nobody-guesses")
    async with site(fresh_database, redis_url, tmp_path, metrics_token=token) as here:
        async with here.caller() as stranger:
            assert (await stranger.get("/metrics")).status_code == 404
        async with here.caller(authorization=f"Bearer {token.reveal()}") as known:
            assert (await known.get("/metrics")).status_code == 200
