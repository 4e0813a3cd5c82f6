"""The web server of a test, on loopback, inside its own loop."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import uvicorn

from service import app as application
from service.settings import Settings
from workers import text_gateway


@contextlib.asynccontextmanager
async def web_of(settings: Settings) -> AsyncIterator[None]:
    config = uvicorn.Config(
        application.build(settings), port=settings.port, log_config=None, lifespan="on", ws="none"
    )
    server = text_gateway._Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.02)
        assert not serving.done()
    try:
        yield
    finally:
        server.should_exit = True
        await serving
