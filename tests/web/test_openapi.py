"""The document of the API is what the routes say, and what they do."""

import json
import re
from typing import Any

import anyio.from_thread
import anyio.to_thread
import httpx2
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.web import openapi, routes
from tests.shape import sources
from tests.web.pair import Pair
from tests.web.site import Site

COMMITTED = sources.ROOT / "docs/openapi.json"


def test_the_committed_document_is_fresh() -> None:
    assert COMMITTED.read_bytes() == openapi.text(routes.of(demo=True)), (
        "Run `.venv/bin/python tools/openapi.py`."
    )


def test_every_reference_of_the_document_leads_somewhere() -> None:
    document = openapi.document(routes.of(demo=True))
    for ref in re.findall(r'"\$ref":"#/([^"]+)"', json.dumps(document, separators=(",", ":"))):
        place: Any = document
        for part in ref.split("/"):
            place = place[part]
        assert place


async def test_the_viewer_loads_from_here_only(here: Site) -> None:
    async with here.caller() as caller:
        page = await caller.get("/api/docs")
        for path in re.findall(r'(?:src|href)="([^"]+)"', page.text):
            assert path.startswith("/")
            assert (await caller.get(path)).status_code == 200
        served = (await caller.get("/api/openapi.json")).json()
    assert served["openapi"] == "3.1.0"
    assert "script-src 'self'" in page.headers["content-security-policy"]


@pytest.fixture(scope="module")
def schema() -> Any:
    return schemathesis.openapi.from_dict(openapi.document(routes.of(demo=True)))


async def test_whatever_fits_or_breaks_the_document_is_never_our_fault(
    pair: Pair, schema: Any
) -> None:
    made = await pair.sent()
    leg = made["legs"][0]["id"]
    known = {"referral_id": made["id"], "leg_id": leg, "reference": made["reference"]}
    broken: list[str] = []

    async def send(case: Any) -> None:
        answer = await _asked(pair.one, case)
        if answer.status_code >= 500 and answer.status_code != 503:
            broken.append(f"{case.method} {case.formatted_path} {case.body!r}"[:900])

    def run() -> None:
        for result in schema.get_all_operations():
            if not result.ok().path.endswith("/skip"):
                _try(result.ok(), known, lambda case: anyio.from_thread.run(send, case))

    await anyio.to_thread.run_sync(run)
    assert not broken, "\n".join(broken)


async def _asked(caller: httpx2.AsyncClient, case: Any) -> httpx2.Response:
    given = {name: str(value) for name, value in dict(case.headers or {}).items()}
    headers = {
        name: value
        for name, value in given.items()
        if value.isascii() and value.isprintable() and name.lower() != "authorization"
    }
    query = {name: str(value) for name, value in dict(case.query or {}).items()}
    sent = _sent(case.body, headers)
    return await caller.request(case.method, case.formatted_path, params=query, **sent)


def _sent(body: Any, headers: dict[str, str]) -> dict[str, Any]:
    if isinstance(body, schemathesis.core.NotSet):
        return {"headers": headers}
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return {"content": content, "headers": headers | {"content-type": "application/json"}}


def _try(operation: Any, ids: dict[str, str], send: Any) -> None:
    modes = list(schemathesis.GenerationMode)
    strategy = st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in modes))

    @settings(
        max_examples=8,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
    )
    @given(case=strategy, known=st.booleans())
    def attempt(case: Any, known: bool) -> None:
        if known and case.path_parameters:
            for name in case.path_parameters:
                case.path_parameters[name] = ids.get(name, case.path_parameters[name])
        send(case)

    attempt()
