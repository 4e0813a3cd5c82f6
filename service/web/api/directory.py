"""The directory over the API: what is offered, whether there is room, and how old that word is."""

from datetime import date
from typing import Annotated, Any

import msgspec
from litestar import Response

from service.actions import offer_service
from service.actions.offer_service import NewService, ServiceChange
from service.domain import texts
from service.domain.people import CapacityStatus
from service.domain.policy import Action
from service.store.directory import Found, ServiceRow, Wanted
from service.web import desk, guards, routing
from service.web.desk import Asked


class DirectoryAsk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to look for; what is left out means any. `text` is looked for anywhere in a name."""

    category: texts.Line | None = None
    language: texts.Line | None = None
    area: texts.Line | None = None
    text: texts.Line | None = None
    only_open: bool = False
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 50
    skip: Annotated[int, msgspec.Meta(ge=0, le=10_000)] = 0


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A service found, and in words how old its capacity is: "stated 9 days ago"."""

    service: Found
    capacity_stated: str


class Directory(msgspec.Struct, frozen=True, kw_only=True):
    """What was found, those with room first; `more` says that `skip` would show others."""

    items: tuple[Listed, ...]
    more: bool


class Services(msgspec.Struct, frozen=True, kw_only=True):
    """What one organization offers."""

    items: tuple[ServiceRow, ...]


class CapacityWord(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether there is room now; `no_capacity_until`: none before that day."""

    capacity: CapacityStatus
    no_capacity_until: date | None = None


@routing.door(
    "POST",
    "/api/v1/directory/search",
    policy=Action.DIRECTORY_SEARCH,
    takes=DirectoryAsk,
    gives=Directory,
)
async def search(request: Asked) -> Response[Any]:
    """Find services of the whole network by kind, language, area and words."""
    body = await routing.body(request, DirectoryAsk)
    wanted = Wanted(
        category=body.category or None,
        language=body.language or None,
        area=body.area or None,
        text=body.text or None,
        only_open=body.only_open,
    )
    found = await offer_service.search_directory(
        desk.of(request).office,
        guards.actor(request),
        wanted,
        limit=body.limit + 1,
        offset=body.skip,
    )
    items = tuple(
        Listed(service=each, capacity_stated=_stated(each.capacity_age_days))
        for each in found[: body.limit]
    )
    return routing.answer(Directory(items=items, more=len(found) > body.limit))


def _stated(days: int | None) -> str:
    match days:
        case None:
            return "never stated"
        case 0:
            return "stated today"
        case 1:
            return "stated 1 day ago"
        case _:
            return f"stated {days} days ago"


@routing.door(
    "POST",
    "/api/v1/organizations/{org_id:uuid}/services",
    policy=Action.SERVICE_EDIT,
    takes=NewService,
    gives=ServiceRow,
    status=201,
)
async def offer(request: Asked) -> Response[Any]:
    """Offer a service in the directory."""
    body = await routing.body(request, NewService)
    row = await offer_service.offer_service(
        desk.of(request).office,
        guards.actor(request),
        org_id=request.path_params["org_id"],
        wish=body,
    )
    return routing.answer(row, status=201, version=row.version)


@routing.door(
    "GET",
    "/api/v1/organizations/{org_id:uuid}/services",
    policy=Action.DIRECTORY_SEARCH,
    gives=Services,
)
async def listing(request: Asked) -> Response[Any]:
    """List what an organization offers."""
    rows = await offer_service.list_services(
        desk.of(request).office, guards.actor(request), org_id=request.path_params["org_id"]
    )
    return routing.answer(Services(items=tuple(rows)))


@routing.door(
    "PATCH",
    "/api/v1/organizations/{org_id:uuid}/services/{service_id:uuid}",
    policy=Action.SERVICE_EDIT,
    takes=ServiceChange,
    gives=ServiceRow,
)
async def edit(request: Asked) -> Response[Any]:
    """Change what is said of a service; If-Match names the version seen."""
    body = await routing.body(request, ServiceChange)
    row = await offer_service.edit_service(
        desk.of(request).office,
        guards.actor(request),
        change=body,
        seen=routing.decided_on(request, given=None),
        **request.path_params,
    )
    return routing.answer(row, version=row.version)


@routing.door(
    "PUT",
    "/api/v1/organizations/{org_id:uuid}/services/{service_id:uuid}/capacity",
    policy=Action.SERVICE_EDIT,
    takes=CapacityWord,
    gives=ServiceRow,
)
async def capacity(request: Asked) -> Response[Any]:
    """Say whether there is room; the word carries its time, and no version is asked for."""
    body = await routing.body(request, CapacityWord)
    row = await offer_service.state_capacity(
        desk.of(request).office,
        guards.actor(request),
        capacity=body.capacity,
        until=body.no_capacity_until,
        **request.path_params,
    )
    return routing.answer(row, version=row.version)


HANDLERS = (search, offer, listing, edit, capacity)
