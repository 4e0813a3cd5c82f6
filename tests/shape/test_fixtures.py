"""The ground itself holds."""

import socket
from collections.abc import Awaitable, Callable

import asyncpg
import pytest
import redis

from tests.fixtures.network import Unreachable


async def test_an_empty_database_answers(
    empty_database: str, connect: Callable[[str], Awaitable[asyncpg.Connection]]
) -> None:
    connection = await connect(empty_database)
    assert await connection.fetchval(
        "select 15 <= current_setting('server_version_num')::int / 10000"
    )


def test_redis_is_empty_when_a_test_begins(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0


def test_a_socket_to_elsewhere_is_refused() -> None:
    with socket.socket() as client, pytest.raises(Unreachable):
        client.connect(("192.0.2.1", 80))


def test_a_name_elsewhere_is_not_looked_up() -> None:
    with pytest.raises(Unreachable):
        socket.getaddrinfo("example.org", 443)
