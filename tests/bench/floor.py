"""The floor: what this machine can do at all with the product's own building blocks.

One Litestar handler under uvicorn, asyncpg with prepared statements and plain parameters: begin
with one set_config, one read by primary key, one CTE of the same rows, commit. No crypto, no
policy, no row-level security, no foreign keys, no idempotency but the row. A process of its own,
with the options the product's web server has.
"""

import pickle
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import uvicorn
from litestar import Litestar, Request, Response
from litestar.handlers import HTTPRouteHandler

from tests.bench.written import (
    FLOOR_SCHEMA,
    NETWORK,
    ROOTS,
    Fresh,
    Journey,
    Statement,
    fresh_id,
)

_READS = {name: f"select * from {FLOOR_SCHEMA}.{name} where id = $1" for name in ROOTS} | {
    NETWORK: f"select id, name, time_zone, hours from {FLOOR_SCHEMA}.{NETWORK} where id = $1"
}


class Plan(msgspec.Struct, frozen=True):
    """What the bench tells this process."""

    database_url: str
    port: int
    pool: int
    journeys: tuple[Journey, ...]


class Wanted(msgspec.Struct, frozen=True):
    """The body of a request: which journey, as which fresh ids, and how it is written."""

    seed: UUID
    journey: int
    step: int | None = None
    auto: bool = False
    said: str = ""


class Floor:
    """Writes acts of journeys; one pool, no reset between uses."""

    def __init__(self, pool: Any, journeys: tuple[Journey, ...]) -> None:
        self._pool = pool
        self._journeys = journeys

    async def write(self, wanted: Wanted) -> None:
        """Write one act in the way it is asked for."""
        journey = self._journeys[wanted.journey]
        statement = journey.send if wanted.step is None else journey.steps[wanted.step]
        arguments = statement.arguments(wanted.seed.int, now=datetime.now(UTC))
        async with self._pool.acquire() as connection:
            if wanted.auto:
                await connection.fetchval(statement.sql, *arguments)
                return
            await self._transaction(connection, statement, wanted, arguments)

    async def _transaction(
        self, connection: Any, statement: Statement, wanted: Wanted, arguments: list[Any]
    ) -> None:
        await connection.execute(f"begin; select set_config('app.org', '{wanted.seed}', true)")
        read = statement.read
        row_id = fresh_id(wanted.seed.int, read.number) if isinstance(read, Fresh) else read
        found = await connection.fetchrow(_READS[statement.read_from], row_id)
        assert found is not None
        await connection.fetchval(statement.sql, *arguments)
        await connection.execute("commit")


def build(plan: Plan) -> Litestar:
    """Make the application: one handler, nothing else."""

    @asynccontextmanager
    async def living(app: Litestar) -> AsyncIterator[None]:
        async with asyncpg.create_pool(
            plan.database_url,
            min_size=plan.pool,
            max_size=plan.pool,
            reset=_keep,
            server_settings={"plan_cache_mode": "force_generic_plan"},
        ) as pool:
            app.state.floor = Floor(pool, plan.journeys)
            yield

    async def act(request: Request[Any, Any, Any]) -> Response[bytes]:
        wanted = msgspec.json.decode(await request.body(), type=Wanted)
        await request.app.state.floor.write(wanted)
        answer = msgspec.json.encode({"id": wanted.seed})
        return Response(answer, status_code=201, media_type="application/json")

    handler = HTTPRouteHandler("/act", http_method="POST", status_code=201)(act)
    return Litestar(
        route_handlers=[handler], lifespan=[living], openapi_config=None, logging_config=None
    )


async def _keep(connection: Any) -> None:
    """Leave a connection as it is: what the floor sets ends with its transaction."""


def main(plan_file: Path) -> None:
    """Serve the plan of a file that the bench itself has written."""
    plan: Plan = pickle.loads(plan_file.read_bytes())
    uvicorn.run(
        build(plan),
        host="127.0.0.1",
        port=plan.port,
        loop="uvloop",
        http="httptools",
        ws="none",
        access_log=False,
        log_config=None,
        server_header=False,
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
