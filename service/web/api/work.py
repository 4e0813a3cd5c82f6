"""Documents, work for people, rates and the demonstration's clock over the API."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response

from service import faults
from service.actions import human_tasks, rates, read_document, skip_ahead
from service.domain import calendars, ways
from service.domain.measures import MEASURES, Share
from service.domain.policy import Action
from service.store.tasks import TaskCard
from service.web import desk, guards, problems, routing
from service.web.api import asks, shapes, sheets
from service.web.desk import Asked


class TaskAsk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much of the list, from where; whose work: one's own, nobody's, or about one partner."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 50
    after: Annotated[str, msgspec.Meta(max_length=400)] | None = None
    member: Annotated[str, msgspec.Meta(pattern="^(mine|unassigned)$")] | None = None
    partner: UUID | None = None


class TaskShown(TaskCard, frozen=True, kw_only=True):
    """A task with the page on which it is done; "" where it is done elsewhere and called done."""

    way: str


class TaskList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of open work; `next` is the `after` of the following one."""

    items: tuple[TaskShown, ...]
    next: str | None


class ResolveBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was done about it, as a short coded word."""

    resolution: Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9_]{0,39}$")]


class RatesAsk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Referrals sent from one day to another, both whole, in a time zone."""

    since: date
    until: date
    zone: asks.Name = "UTC"


class RateShown(msgspec.Struct, frozen=True, kw_only=True):
    """One rate: yes, partly, no and not known, of one cohort; how it is counted, in words."""

    rate: str
    yes: int
    partly: int
    no: int
    unknown: int
    of: int
    ratio: float | None
    numerator: str
    denominator: str
    excludes: str
    remainder: str


class Rates(msgspec.Struct, frozen=True, kw_only=True):
    """Answered, served, need met: never one number."""

    since: date
    until: date
    rates: tuple[RateShown, ...]


class SkipBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far the demonstration's clock is to move on."""

    days: Annotated[int, msgspec.Meta(ge=0, le=366)] = 0
    hours: Annotated[int, msgspec.Meta(ge=0, le=1000)] = 0


class Skipped(msgspec.Struct, frozen=True, kw_only=True):
    """What the clock says now."""

    now: datetime


@routing.door(
    "GET",
    "/api/v1/documents/{document_id:uuid}",
    policy=Action.REFERRAL_READ,
    gives=shapes.Document,
)
async def document(request: Asked) -> Response[Any]:
    """Read one document; that it was read is recorded first."""
    found, words = await read_document.read_document(
        desk.of(request).office,
        guards.actor(request),
        request.path_params["document_id"],
        request_id=problems.request_id_of(request.scope),
    )
    return routing.answer(sheets.document_of(found, {found.content_id: words} if words else {}))


@routing.door("GET", "/api/v1/human-tasks", policy=Action.TASK_LIST, asks=TaskAsk, gives=TaskList)
async def tasks(request: Asked) -> Response[Any]:
    """List the open work of one's organization, oldest first."""
    ask = routing.query(request, TaskAsk)
    found = await human_tasks.page(
        desk.of(request).office,
        guards.actor(request),
        limit=ask.limit,
        after=ask.after,
        mine=ask.member == "mine",
        unassigned=ask.member == "unassigned",
        partner=ask.partner,
        request_id=problems.request_id_of(request.scope),
    )
    items = tuple(_task(each) for each in found.items)
    return routing.answer(TaskList(items=items, next=found.next))


def _task(card: TaskCard) -> TaskShown:
    way = ways.way(card.kind, card.referral_id, card.about_org_id, card.patient_id)
    return TaskShown(**msgspec.structs.asdict(card), way=way)


@routing.door(
    "POST",
    "/api/v1/human-tasks/{task_id:uuid}/resolve",
    policy=Action.TASK_RESOLVE,
    takes=ResolveBody,
    status=204,
)
async def resolve(request: Asked) -> Response[Any]:
    """Say that work was done; a clock it stood in for runs again."""
    body = await routing.body(request, ResolveBody)
    task_id: UUID = request.path_params["task_id"]
    await human_tasks.resolve(
        desk.of(request).office,
        guards.actor(request),
        task_id,
        resolution=body.resolution,
        request_id=problems.request_id_of(request.scope),
    )
    return Response(b"", status_code=204)


@routing.door(
    "GET", "/api/v1/measures/rates", policy=Action.MEASURES_READ, asks=RatesAsk, gives=Rates
)
async def measured(request: Asked) -> Response[Any]:
    """Count answered, served and need met over the referrals sent in a period."""
    ask = routing.query(request, RatesAsk)
    asks.sane({"since": ask.since, "until": ask.until})
    if not calendars.is_zone(ask.zone):
        raise faults.Invalid(errors=[{"field": "zone", "detail": "Name a time zone."}])
    found = await rates.rates(
        desk.of(request).office,
        guards.actor(request),
        since=ask.since,
        until=ask.until,
        zone=ask.zone,
    )
    shown = tuple(_rate(share) for share in found)
    return routing.answer(Rates(since=ask.since, until=ask.until, rates=shown))


def _rate(share: Share) -> RateShown:
    told = next(each for each in MEASURES if each.rate is share.rate)
    counts = msgspec.structs.asdict(share) | {"of": share.of, "ratio": share.ratio}
    return RateShown(**(counts | msgspec.structs.asdict(told)))


@routing.door(
    "POST",
    "/api/v1/demo/skip",
    policy=Action.DEMO_SKIP,
    takes=SkipBody,
    gives=Skipped,
    demo=True,
)
async def skip(request: Asked) -> Response[Any]:
    """Let a demonstration's days pass."""
    body = await routing.body(request, SkipBody)
    now = await skip_ahead.skip_ahead(
        desk.of(request).office,
        guards.actor(request),
        by=timedelta(days=body.days, hours=body.hours),
    )
    return routing.answer(Skipped(now=now))


HANDLERS = (document, tasks, resolve, measured, skip)
