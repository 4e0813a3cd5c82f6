"""What reaches Redis from the tests of one process: the server is shared, each has a database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

from redis.asyncio import Redis


@asynccontextmanager
async def overheard(redis: Redis) -> AsyncIterator[list[str]]:
    """Give a list that holds, once the block has ended, each command its database was sent.

    Names in capitals, in their order; what a script calls is not a command of its own.
    """
    own = redis.connection_pool.connection_kwargs.get("db", 0)
    end = uuid4().hex
    names: list[str] = []
    async with redis.monitor() as monitor:
        yield names
        await redis.echo(end)
        while True:
            told = await monitor.next_command()
            if told["command"] == f"ECHO {end}":
                break
            if told["db"] == own and told["client_type"] != "lua":
                names.append(told["command"].partition(" ")[0].upper())
