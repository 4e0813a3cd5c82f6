"""The port of the figures: a real scrape, nonsense, and a port that somebody else has."""

from __future__ import annotations

import asyncio
import http.client
from pathlib import Path

import msgspec
import pytest

from service import metrics_port
from service.metrics import Registry
from service.settings import Settings
from tests.channels.mail_server import free
from tests.web.site import settings

HERE = "127.0.0.1"


def given(port: int) -> Settings:
    made = settings("postgresql://nowhere/none", "redis://nowhere", Path("/tmp"))
    return msgspec.structs.replace(made, metrics=(HERE, port))


def fetched(port: int, method: str = "GET", path: str = "/metrics") -> tuple[int, str]:
    asked = http.client.HTTPConnection(HERE, port, timeout=5)
    try:
        asked.request(method, path)
        answer = asked.getresponse()
        return answer.status, answer.read().decode()
    finally:
        asked.close()


async def test_a_scrape_gets_what_was_counted_and_each_process_has_its_own_port() -> None:
    port, registry = free(), Registry()
    registry.add("lk_sign_in_failures_total")
    async with (
        metrics_port.told(given(port), registry, name="web"),
        metrics_port.told(given(port), Registry(), name="relay"),
    ):
        status, text = await asyncio.to_thread(fetched, port)
        assert status == 200
        assert text.splitlines() == [
            "# HELP lk_sign_in_failures_total Proofs of a person that proved nothing.",
            "# TYPE lk_sign_in_failures_total counter",
            "lk_sign_in_failures_total 1",
        ]
        assert (await asyncio.to_thread(fetched, port + 1))[0] == 200
        assert await asyncio.to_thread(fetched, port, "HEAD") == (200, "")
        assert (await asyncio.to_thread(fetched, port, "POST"))[0] == 405
        assert (await asyncio.to_thread(fetched, port, "GET", "/etc"))[0] == 404
    with pytest.raises(ConnectionError):
        await asyncio.to_thread(fetched, port)


@pytest.mark.parametrize("sent", [b"\n", b"GET\r\n\r\n", b"\xff\xfe\n", b"x" * 20_000 + b"\n", b""])
async def test_nonsense_harms_nobody(sent: bytes) -> None:
    port = free()
    async with metrics_port.told(given(port), Registry(), name="web"):
        reader, writer = await asyncio.open_connection(HERE, port)
        writer.write(sent)
        writer.write_eof()
        said = await asyncio.wait_for(reader.read(), 8)
        writer.close()
        assert said in (b"",) or said.startswith(b"HTTP/1.1 400 ")
        assert (await asyncio.to_thread(fetched, port))[0] == 200


async def test_a_port_that_is_taken_costs_the_figures_and_nothing_else() -> None:
    port, mine = free(), Registry()
    mine.put("lk_redis_degraded", 1)
    async with (
        metrics_port.told(given(port), mine, name="web"),
        metrics_port.told(given(port), Registry(), name="web"),
    ):
        assert "lk_redis_degraded 1" in (await asyncio.to_thread(fetched, port))[1]


async def test_nothing_listens_where_nobody_asked_for_it() -> None:
    port = free()
    off = msgspec.structs.replace(given(port), metrics=None)
    async with metrics_port.told(off, Registry(), name="web"):
        with pytest.raises(ConnectionError):
            await asyncio.to_thread(fetched, port)


def test_a_label_that_is_not_in_the_table_cannot_be_counted() -> None:
    registry = Registry()
    with pytest.raises(KeyError):
        registry.add("lk_effect_outcomes_total", kind="invite", outcome="sent", address="a@b.c")
    with pytest.raises(KeyError):
        registry.put("lk_secret", 1)
    with pytest.raises(ValueError, match="labels"):
        registry.replace("lk_open_loops", {("day", "id"): 1})


def test_histograms_add_up() -> None:
    registry = Registry()
    for seconds in (0.05, 0.2, 7.0, 1e9):
        registry.took("lk_delivery_latency_seconds", seconds, channel="mail")
    text = registry.text()
    assert 'lk_delivery_latency_seconds_bucket{channel="mail",le="0.1"} 1\n' in text
    assert 'lk_delivery_latency_seconds_bucket{channel="mail",le="10"} 3\n' in text
    assert 'lk_delivery_latency_seconds_bucket{channel="mail",le="+Inf"} 4\n' in text
    assert 'lk_delivery_latency_seconds_count{channel="mail"} 4\n' in text
