"""Is it alive, is it ready, and what it counts."""

import msgspec
from litestar import Response

from crypto import primitives
from service import faults
from service.domain.policy import Action
from service.store import health
from service.web import desk, routing
from service.web.desk import Asked

SILENT_SECONDS = 60.0
"""How long a worker may give no sign of life."""


class Ready(msgspec.Struct, frozen=True, kw_only=True):
    """Whether this process can do its work; `degraded` names what it does without."""

    status: str
    degraded: list[str] = []


@routing.door("GET", "/livez", policy=Action.PUBLIC, hidden=True)
async def livez(request: Asked) -> Response[bytes]:
    """Say that the process answers; nothing else is touched."""
    return routing.answer({"status": "alive"})


@routing.door("GET", "/readyz", policy=Action.PUBLIC, hidden=True)
async def readyz(request: Asked) -> Response[bytes]:
    """Say whether the database answers and is migrated; missing workers or Redis only degrade."""
    here = desk.of(request)
    try:
        vitals = await health.vitals(here.office.db)
    except faults.Fault:
        return routing.answer(Ready(status="down"), status=503, retry_after="2")
    if vitals.pending:
        return routing.answer(Ready(status="unmigrated"), status=503, retry_after="5")
    degraded = ["redis"] if not await here.limits.answers() else []
    beats = vitals.beats.values()
    if not beats or max(beats) > SILENT_SECONDS:
        degraded.append("workers")
    return routing.answer(Ready(status="ready", degraded=degraded))


@routing.door("GET", "/metrics", policy=Action.PUBLIC, hidden=True)
async def metrics(request: Asked) -> Response[str]:
    """Tell the counts; where a token is set, only to who brings it."""
    here = desk.of(request)
    if here.metrics_token:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not primitives.same(given.encode(), here.metrics_token.encode()):
            raise faults.Missing
    text = here.metrics.text(degraded=here.limits.degraded)
    return Response(text, media_type="text/plain; version=0.0.4")


HANDLERS = (livez, readyz, metrics)
