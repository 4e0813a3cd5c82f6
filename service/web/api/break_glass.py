"""Emergency access over the API: opened for an hour, ended early, listed, reviewed."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response

from service.actions import break_glass, review_glass
from service.actions.break_glass import Breaking, Broken
from service.actions.review_glass import Review, Seen
from service.domain.policy import Action
from service.web import desk, guards, problems, routing
from service.web.desk import Asked


class AccessAsk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many, and behind which one."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 50
    after: UUID | None = None


class Accesses(msgspec.Struct, frozen=True, kw_only=True):
    """Emergency accesses, the newest first."""

    items: tuple[Seen, ...]


@routing.door(
    "POST",
    "/api/v1/patients/{patient_id:uuid}/break-glass",
    policy=Action.GLASS_BREAK,
    takes=Breaking,
    gives=Broken,
    status=201,
    person=True,
)
async def for_patient(request: Asked) -> Response[Any]:
    """Open a patient of one's own in an emergency, with a proof in this very request."""
    wish = await routing.body(request, Breaking)
    made = await break_glass.for_patient(
        desk.of(request).office,
        guards.actor(request),
        wish=wish,
        request_id=problems.request_id_of(request.scope),
        **request.path_params,
    )
    return routing.answer(made, status=201)


@routing.door(
    "POST",
    "/api/v1/referrals/{referral_id:uuid}/break-glass",
    policy=Action.GLASS_BREAK,
    takes=Breaking,
    gives=Broken,
    status=201,
    person=True,
)
async def for_referral(request: Asked) -> Response[Any]:
    """Open the patient of a referral in an emergency, with a proof in this very request."""
    wish = await routing.body(request, Breaking)
    made = await break_glass.for_referral(
        desk.of(request).office,
        guards.actor(request),
        wish=wish,
        request_id=problems.request_id_of(request.scope),
        **request.path_params,
    )
    return routing.answer(made, status=201)


@routing.door(
    "GET", "/api/v1/break-glass", policy=Action.GLASS_LIST, asks=AccessAsk, gives=Accesses
)
async def listing(request: Asked) -> Response[Any]:
    """List emergency accesses: one's own, or all of the organization's to those who review them."""
    ask = routing.query(request, AccessAsk)
    found = await review_glass.listing(
        desk.of(request).office,
        guards.actor(request),
        after=ask.after,
        limit=ask.limit,
        request_id=problems.request_id_of(request.scope),
    )
    return routing.answer(Accesses(items=tuple(found)))


@routing.door(
    "POST", "/api/v1/break-glass/{glass_id:uuid}/end", policy=Action.GLASS_END, status=204
)
async def end(request: Asked) -> Response[Any]:
    """End one's own access early."""
    await review_glass.end(desk.of(request).office, guards.actor(request), **request.path_params)
    return Response(None, status_code=204)


@routing.door(
    "POST",
    "/api/v1/break-glass/{glass_id:uuid}/review",
    policy=Action.GLASS_REVIEW,
    takes=Review,
    status=204,
)
async def review(request: Asked) -> Response[Any]:
    """Say whether an access was justified, and why; never of one's own."""
    wish = await routing.body(request, Review)
    await review_glass.review(
        desk.of(request).office,
        guards.actor(request),
        wish=wish,
        request_id=problems.request_id_of(request.scope),
        **request.path_params,
    )
    return Response(None, status_code=204)


HANDLERS = (for_patient, for_referral, listing, end, review)
