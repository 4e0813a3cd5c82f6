"""Members over the API: who works where, with which roles, and who takes over."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response

from service.actions import add_member, edit_member, invite_again, leave, read_organizations
from service.actions.edit_member import MemberChange
from service.actions.leave import Left
from service.domain import texts
from service.domain.people import Role
from service.domain.policy import Action
from service.store.members import MemberRow
from service.web import desk, guards, routing
from service.web.desk import Asked

Roles = Annotated[frozenset[Role], msgspec.Meta(min_length=1)]


class NewMember(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody to be a member: the address they will sign in with, and their roles."""

    address: texts.Name
    name: texts.Name
    roles: Roles
    npi: texts.Line | None = None
    language: texts.Language = "en"


class Mailed(msgspec.Struct, frozen=True, kw_only=True):
    """A one-time link was mailed to the person's own address, and is told to nobody else."""

    mailed: bool = True


class Added(msgspec.Struct, frozen=True, kw_only=True):
    """The new member. The person was written to, with a link where the address was new here."""

    id: UUID
    mailed: bool = True


class Members(msgspec.Struct, frozen=True, kw_only=True):
    """The members of an organization, inactive ones too."""

    items: tuple[MemberRow, ...]


class Leaving(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who takes over everything the member owns; without, their cover does, else the queue."""

    successor_id: UUID | None = None


@routing.door(
    "POST",
    "/api/v1/organizations/{org_id:uuid}/members",
    policy=Action.MEMBER_MANAGE,
    takes=NewMember,
    gives=Added,
    status=201,
)
async def add(request: Asked) -> Response[Any]:
    """Add a member and write to the person; the answer is the same whoever they are."""
    body = await routing.body(request, NewMember)
    office, actor = desk.of(request).office, guards.actor(request)
    wish = add_member.NewMember(
        org_id=request.path_params["org_id"], **msgspec.structs.asdict(body)
    )
    made = await add_member.add_member(office, actor, wish)
    return routing.answer(Added(id=made.member_id), status=201)


@routing.door(
    "GET",
    "/api/v1/organizations/{org_id:uuid}/members",
    policy=Action.MEMBER_LIST,
    gives=Members,
)
async def listing(request: Asked) -> Response[Any]:
    """List the members of one's organization."""
    found = await read_organizations.list_members(
        desk.of(request).office, guards.actor(request), org_id=request.path_params["org_id"]
    )
    return routing.answer(Members(items=tuple(found)))


@routing.door(
    "PATCH",
    "/api/v1/organizations/{org_id:uuid}/members/{member_id:uuid}",
    policy=Action.MEMBER_MANAGE,
    takes=MemberChange,
    gives=MemberRow,
)
async def edit(request: Asked) -> Response[Any]:
    """Change roles, name, absence and cover; If-Match names the version seen."""
    body = await routing.body(request, MemberChange)
    row = await edit_member.edit_member(
        desk.of(request).office,
        guards.actor(request),
        change=body,
        seen=routing.decided_on(request, given=None),
        **request.path_params,
    )
    guards.forget(request)
    return routing.answer(row, version=row.version)


@routing.door(
    "POST",
    "/api/v1/organizations/{org_id:uuid}/members/{member_id:uuid}/leave",
    policy=Action.MEMBER_MANAGE,
    takes=Leaving,
    gives=Left,
)
async def let_go(request: Asked) -> Response[Any]:
    """End a member in one act: sign-ins, keys, and everything they own is another's."""
    body = await routing.body(request, Leaving)
    left = await leave.leave(
        desk.of(request).office,
        guards.actor(request),
        successor_id=body.successor_id,
        **request.path_params,
    )
    guards.forget(request)
    return routing.answer(left)


@routing.door(
    "POST",
    "/api/v1/organizations/{org_id:uuid}/members/{member_id:uuid}/invitation",
    policy=Action.MEMBER_MANAGE,
    gives=Mailed,
    status=201,
)
async def invite(request: Asked) -> Response[Any]:
    """Mail a one-time link to set a new password with; earlier ones end."""
    await invite_again.invite_again(
        desk.of(request).office, guards.actor(request), **request.path_params
    )
    return routing.answer(Mailed(), status=201)


HANDLERS = (add, listing, edit, let_go, invite)
