"""Organizations over the API: the network's list, one's own words, mailbox, places and people."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response

from crypto import token
from crypto.faults import CannotOpen
from service import faults
from service.actions import (
    add_organization,
    edit_organization,
    read_organizations,
)
from service.actions.add_organization import NewOrganization
from service.actions.edit_organization import OrganizationChange
from service.actions.mailboxes import Mailbox
from service.domain import ids, texts
from service.domain.policy import Action
from service.store.organizations import OrganizationRow, SiteRow
from service.web import desk, guards, routing
from service.web.desk import Asked

_PAGE = 50
_SCOPE = "organizations"


class Organization(msgspec.Struct, frozen=True, kw_only=True):
    """An organization of the network; `name` is the public one to all but its own people."""

    id: UUID
    name: str
    public_name: str
    kind: str
    channel: str
    is_cco: bool
    central_intake: bool
    covered_entity: bool
    part2_program: bool
    zone: str
    language: str
    phone: str | None
    hours: list[Any]
    closures: list[date]
    state: str
    agreement_on: date | None
    idle_minutes: int | None
    routine_mail: str
    version: int
    sites: tuple[SiteRow, ...] = ()


class Organizations(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the network's organizations; `next` leads on."""

    items: tuple[Organization, ...]
    next: str | None = None


class PageAsk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many, and from where."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=200)] = _PAGE
    after: Annotated[str, msgspec.Meta(max_length=1024)] | None = None


class NewSite(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A place to be added."""

    name: texts.Name
    street: texts.Line | None = None
    city: texts.Line | None = None
    region: texts.Line | None = None
    postal_code: texts.Line | None = None
    phone: texts.Line | None = None


class MailboxKept(msgspec.Struct, frozen=True, kw_only=True):
    """The mailbox in use, for those who administer it; null where there is none."""

    address: str | None
    shared: bool = True
    phrase: str | None = None


@routing.door(
    "POST",
    "/api/v1/organizations",
    policy=Action.ORGANIZATION_CREATE,
    takes=NewOrganization,
    gives=Organization,
    status=201,
)
async def add(request: Asked) -> Response[Any]:
    """Bring an organization into the network; the coordinating organization's people do."""
    body = await routing.body(request, NewOrganization)
    office, actor = desk.of(request).office, guards.actor(request)
    org_id = await add_organization.add_organization(office, actor, body)
    answer = await _shown(request, org_id, status=201)
    answer.headers["location"] = f"/api/v1/organizations/{org_id}"
    return answer


@routing.door(
    "GET",
    "/api/v1/organizations",
    policy=Action.ORGANIZATION_READ,
    asks=PageAsk,
    gives=Organizations,
)
async def listing(request: Asked) -> Response[Any]:
    """List the network's organizations by public name."""
    ask = routing.query(request, PageAsk)
    office = desk.of(request).office
    key = await office.keys.network_key("cursor")
    rows = await read_organizations.list_organizations(
        office, guards.actor(request), after=_place(key, ask.after), limit=ask.limit + 1
    )
    shown, following = rows[: ask.limit], None
    if len(rows) > ask.limit:
        last = shown[-1]
        following = token.seal_cursor(key, (last.public_name, str(last.id)), scope=_SCOPE)
    items = tuple(_organization(row) for row in shown)
    return routing.answer(Organizations(items=items, next=following))


def _place(key: bytes, after: str | None) -> tuple[str, UUID] | None:
    if after is None:
        return None
    try:
        name, org_id = token.open_cursor(key, after, scope=_SCOPE, kind=tuple[str, str])
        return name, UUID(org_id)
    except (CannotOpen, ValueError):
        detail = "Use the `next` of the same list."
        raise faults.Invalid(errors=[{"field": "after", "detail": detail}]) from None


@routing.door(
    "GET",
    "/api/v1/organizations/{org_id:uuid}",
    policy=Action.ORGANIZATION_READ,
    gives=Organization,
)
async def read(request: Asked) -> Response[Any]:
    """Read one organization with its places."""
    return await _shown(request, request.path_params["org_id"])


@routing.door(
    "PATCH",
    "/api/v1/organizations/{org_id:uuid}",
    policy=Action.ORGANIZATION_EDIT,
    takes=OrganizationChange,
    gives=Organization,
)
async def edit(request: Asked) -> Response[Any]:
    """Change what an organization says of itself; If-Match names the version seen."""
    body = await routing.body(request, OrganizationChange)
    org_id = request.path_params["org_id"]
    await edit_organization.edit_organization(
        desk.of(request).office,
        guards.actor(request),
        org_id=org_id,
        change=body,
        seen=routing.decided_on(request, given=None),
    )
    return await _shown(request, org_id)


@routing.door(
    "PUT",
    "/api/v1/organizations/{org_id:uuid}/mailbox",
    policy=Action.ORGANIZATION_EDIT,
    takes=Mailbox,
    gives=MailboxKept,
)
async def set_mailbox(request: Asked) -> Response[Any]:
    """Attest the mailbox an organization is reached at; the one before is retired."""
    body = await routing.body(request, Mailbox)
    kept = await edit_organization.set_mailbox(
        desk.of(request).office,
        guards.actor(request),
        org_id=request.path_params["org_id"],
        mailbox=body,
    )
    said = MailboxKept(address=kept.address, shared=kept.shared, phrase=kept.phrase)
    return routing.answer(said)


@routing.door(
    "GET",
    "/api/v1/organizations/{org_id:uuid}/mailbox",
    policy=Action.ORGANIZATION_EDIT,
    gives=MailboxKept,
)
async def read_mailbox(request: Asked) -> Response[Any]:
    """Read the mailbox in use."""
    kept = await edit_organization.read_mailbox(
        desk.of(request).office, guards.actor(request), org_id=request.path_params["org_id"]
    )
    if kept is None:
        return routing.answer(MailboxKept(address=None))
    said = MailboxKept(address=kept.address, shared=kept.shared, phrase=kept.phrase)
    return routing.answer(said)


@routing.door(
    "POST",
    "/api/v1/organizations/{org_id:uuid}/sites",
    policy=Action.ORGANIZATION_EDIT,
    takes=NewSite,
    gives=SiteRow,
    status=201,
)
async def add_site(request: Asked) -> Response[Any]:
    """Add a place of an organization."""
    body = await routing.body(request, NewSite)
    site = await edit_organization.add_site(
        desk.of(request).office,
        guards.actor(request),
        org_id=request.path_params["org_id"],
        site=SiteRow(id=ids.new_id(), **msgspec.structs.asdict(body)),
    )
    return routing.answer(site, status=201)


@routing.door(
    "DELETE",
    "/api/v1/organizations/{org_id:uuid}/sites/{site_id:uuid}",
    policy=Action.ORGANIZATION_EDIT,
    status=204,
)
async def close_site(request: Asked) -> Response[Any]:
    """Close a place; it stays in the history."""
    await edit_organization.close_site(
        desk.of(request).office, guards.actor(request), **request.path_params
    )
    return Response(None, status_code=204)


async def _shown(request: Asked, org_id: UUID, *, status: int = 200) -> Response[Any]:
    row, sites = await read_organizations.read_organization(
        desk.of(request).office, guards.actor(request), org_id=org_id
    )
    said = _organization(row, sites=tuple(sites))
    return routing.answer(said, status=status, version=row.version)


def _organization(row: OrganizationRow, *, sites: tuple[SiteRow, ...] = ()) -> Organization:
    fields = msgspec.structs.asdict(row)
    return Organization(zone=fields.pop("time_zone"), sites=sites, **fields)


HANDLERS = (
    add,
    listing,
    read,
    edit,
    set_mailbox,
    read_mailbox,
    add_site,
    close_site,
)
