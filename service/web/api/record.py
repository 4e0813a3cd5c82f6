"""The record of looks and acts over the API."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response

from crypto import inclusion
from service import faults
from service.actions import prove_line, search_record
from service.actions.search_record import Lines
from service.domain.policy import Action
from service.store.audit import Filter
from service.web import desk, guards, problems, routing
from service.web.desk import Asked


class RecordAsk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose acts, which act, about which record, between which moments (with their offsets)."""

    member_id: UUID | None = None
    action: Annotated[str, msgspec.Meta(pattern="^[a-z_.]{1,60}$")] | None = None
    about: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 50
    after: Annotated[str, msgspec.Meta(max_length=400)] | None = None


@routing.door("GET", "/api/v1/audit", policy=Action.AUDIT_READ, asks=RecordAsk, gives=Lines)
async def search(request: Asked) -> Response[Any]:
    """List lines of the record, newest first: a privacy officer's organization, or one's own."""
    ask = routing.query(request, RecordAsk)
    for name in ("since", "until"):
        moment = getattr(ask, name)
        if moment is not None and moment.tzinfo is None:
            detail = "Give the moment with its offset."
            raise faults.Invalid(errors=[{"field": name, "detail": detail}])
    wanted = Filter(
        member_id=ask.member_id,
        action=ask.action,
        about=(ask.about,) if ask.about is not None else (),
        since=ask.since,
        until=ask.until,
    )
    found = await search_record.search_record(
        desk.of(request).office,
        guards.actor(request),
        wanted,
        limit=ask.limit,
        after=ask.after,
        request_id=problems.request_id_of(request.scope),
    )
    return routing.answer(found)


@routing.door(
    "GET", "/api/v1/audit/{line_id:uuid}/proof", policy=Action.AUDIT_READ, gives=inclusion.Proof
)
async def prove(request: Asked) -> Response[Any]:
    """Prove a line under a signed checkpoint; `loopkeeper audit verify --proof` checks it."""
    found = await prove_line.prove_line(
        desk.of(request).office,
        guards.actor(request),
        line_id=request.path_params["line_id"],
        request_id=problems.request_id_of(request.scope),
    )
    return routing.answer(found)


HANDLERS = (search, prove)
