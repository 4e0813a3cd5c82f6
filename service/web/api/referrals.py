"""Referrals over the API: write one, list them, read one."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response

from service.actions import (
    assign_owner,
    create_referral,
    edit_draft,
    open_now,
    read_referral,
    renew_consent,
    worklists,
)
from service.actions.read_referral import Sheet
from service.actions.worklists import View
from service.domain.policy import Action
from service.web import desk, guards, idempotency, limits, problems, routing
from service.web.api import asks, receipts, shapes, sheets
from service.web.desk import Asked
from templates import surroundings


class ListAsk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which list, how much of it, from where; `member=mine` keeps what one owns oneself."""

    view: View = View.ALL
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 50
    after: Annotated[str, msgspec.Meta(max_length=400)] | None = None
    member: Annotated[str, msgspec.Meta(pattern="^mine$")] | None = None


class OwnerAsk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who is to answer for the loop."""

    member_id: UUID
    version: asks.Version | None = None


class ConsentAsk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The consent of this patient that a referral is to stand on from now on."""

    consent_id: UUID
    version: asks.Version | None = None


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """The version after a change that is no step: of the owner, or of a draft."""

    id: UUID
    version: int


def language_of(request: Asked) -> str:
    """Return the language a caller wants to be answered in."""
    return surroundings.language_of(request.headers.get("accept-language", "en")[:35])


@routing.door(
    "POST",
    "/api/v1/referrals",
    policy=Action.REFERRAL_CREATE,
    takes=asks.NewReferralBody,
    gives=receipts.Receipt,
    status=201,
    once=True,
)
async def create(request: Asked) -> Response[Any]:
    """Write a referral as a draft, or write and send it in one act with `send`."""
    once = await idempotency.once_of(request, status=201)
    body = await routing.body(request, asks.NewReferralBody)
    wish = asks.new_referral(body, request_id=problems.request_id_of(request.scope))
    wish = msgspec.structs.replace(wish, once=once)
    office, actor = desk.of(request).office, guards.actor(request)
    answer = await receipts.acted(
        request, once, status=201, act=lambda: create_referral.create_referral(office, actor, wish)
    )
    made = msgspec.json.decode(answer.content, type=receipts.Receipt)
    answer.headers["location"] = f"/api/v1/referrals/{made.id}"
    return answer


@routing.door(
    "GET",
    "/api/v1/referrals",
    policy=Action.REFERRAL_LIST,
    asks=ListAsk,
    gives=shapes.Listing,
)
async def listing(request: Asked) -> Response[Any]:
    """List referrals by whose turn it is, newest first, each with why it is open."""
    ask = routing.query(request, ListAsk)
    office, actor = desk.of(request).office, guards.actor(request)
    found = await worklists.page(
        office,
        actor,
        ask.view,
        limit=ask.limit,
        after=ask.after,
        mine=ask.member is not None,
        request_id=problems.request_id_of(request.scope),
    )
    language = language_of(request)
    items = tuple(
        shapes.item_of(
            card,
            language=language,
            public_url=office.public_url,
            stage_only=worklists.stage_only(actor, card),
            identity=found.identities.get(card.id),
        )
        for card in found.cards
    )
    return routing.answer(shapes.Listing(items=items, next=found.next))


@routing.door(
    "GET",
    "/api/v1/referrals/{referral_id:uuid}",
    policy=Action.REFERRAL_READ,
    gives=shapes.Referral,
)
async def read(request: Asked) -> Response[Any]:
    """Read one referral with its history; that it was read is recorded first."""
    return await _shown(request, request.path_params["referral_id"])


@routing.door(
    "GET",
    "/api/v1/referrals/by-reference/{reference:str}",
    policy=Action.REFERRAL_READ,
    gives=shapes.Referral,
)
async def by_reference(request: Asked) -> Response[Any]:
    """Read a referral by its public reference, as a person types it."""
    office, actor = desk.of(request).office, guards.actor(request)
    await desk.of(request).limits.spend(limits.LOOK_UP, str(actor.member_id))
    reference = request.path_params["reference"][:40]
    return await _shown(request, await read_referral.by_reference(office, actor, reference))


@routing.door(
    "POST",
    "/api/v1/referrals/find",
    policy=Action.REFERRAL_READ,
    takes=asks.OtherId,
    gives=shapes.Referral,
)
async def find(request: Asked) -> Response[Any]:
    """Read a referral by the id another system gave it; the id travels in the body."""
    body = await routing.body(request, asks.OtherId)
    office, actor = desk.of(request).office, guards.actor(request)
    await desk.of(request).limits.spend(limits.LOOK_UP, str(actor.member_id))
    found = await read_referral.by_external_id(office, actor, system=body.system, value=body.value)
    return await _shown(request, found)


@routing.door(
    "PATCH",
    "/api/v1/referrals/{referral_id:uuid}",
    policy=Action.REFERRAL_CREATE,
    takes=asks.DraftBody,
    gives=Changed,
)
async def edit(request: Asked) -> Response[Any]:
    """Change a draft: its words, its dates, its consent basis; what has left is not rewritten."""
    body = await routing.body(request, asks.DraftBody)
    referral_id = request.path_params["referral_id"]
    version = await edit_draft.edit_draft(
        desk.of(request).office,
        guards.actor(request),
        referral_id,
        change=asks.change_of(body),
        seen=routing.decided_on(request, given=body.version),
        request_id=problems.request_id_of(request.scope),
    )
    return routing.answer(Changed(id=referral_id, version=version), version=version)


@routing.door(
    "PUT",
    "/api/v1/referrals/{referral_id:uuid}/owner",
    policy=Action.REFERRAL_STEP,
    takes=OwnerAsk,
    gives=Changed,
)
async def owner(request: Asked) -> Response[Any]:
    """Hand a loop to a member of one's own organization, the sender's or the coordinators'."""
    body = await routing.body(request, OwnerAsk)
    referral_id = request.path_params["referral_id"]
    version = await assign_owner.assign_owner(
        desk.of(request).office,
        guards.actor(request),
        referral_id,
        member_id=body.member_id,
        seen=routing.decided_on(request, given=body.version),
        request_id=problems.request_id_of(request.scope),
    )
    return routing.answer(Changed(id=referral_id, version=version), version=version)


@routing.door(
    "PUT",
    "/api/v1/referrals/{referral_id:uuid}/consent",
    policy=Action.CONSENT_RENEW,
    takes=ConsentAsk,
    gives=Changed,
)
async def consent(request: Asked) -> Response[Any]:
    """Move a referral onto a consent that the patient gave anew; who takes part is told on it."""
    body = await routing.body(request, ConsentAsk)
    referral_id = request.path_params["referral_id"]
    version = await renew_consent.renew_consent(
        desk.of(request).office,
        guards.actor(request),
        referral_id,
        consent_id=body.consent_id,
        seen=routing.decided_on(request, given=body.version),
        request_id=problems.request_id_of(request.scope),
    )
    return routing.answer(Changed(id=referral_id, version=version), version=version)


async def _shown(request: Asked, referral_id: UUID) -> Response[Any]:
    office, actor = desk.of(request).office, guards.actor(request)
    sheet = await read_referral.read_referral(
        office, actor, referral_id, request_id=problems.request_id_of(request.scope)
    )
    legs = None
    steps: tuple[open_now.OpenStep, ...] = ()
    if sheet.picture is not None:
        steps = open_now.on_referral(actor, sheet.picture)
        legs = _legs(request, sheet)
    item = shapes.item_of(
        sheet.card,
        language=language_of(request),
        public_url=office.public_url,
        stage_only=sheet.stage_only,
        identity=sheet.identity,
        legs=legs,
    )
    return routing.answer(sheets.referral_of(item, sheet, steps), version=sheet.card.version)


def _legs(request: Asked, sheet: Sheet) -> tuple[shapes.Leg, ...]:
    actor, picture = guards.actor(request), sheet.picture
    assert picture is not None
    facts = {leg.id: leg for leg in picture.facts.legs}
    return tuple(
        shapes.leg_of(
            leg,
            steps=open_now.on_leg(actor, picture, facts[leg.id]),
            on_behalf=open_now.for_recipient(actor, picture, facts[leg.id]),
        )
        for leg in sheet.card.legs
        if leg.id in facts
    )


HANDLERS = (create, listing, read, edit, by_reference, find, owner, consent)
