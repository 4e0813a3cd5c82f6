"""Steps and documents over the API."""

from datetime import date
from enum import StrEnum
from typing import Any

import msgspec
from litestar import Response

from service.actions import orders, take_step
from service.domain.details import Code, Details
from service.domain.policy import Action
from service.domain.rules import Step
from service.web import desk, guards, idempotency, problems, routing
from service.web.api import asks, receipts
from service.web.desk import Asked

_ON_LEG = (Action.LEG_STEP, Action.LEG_BOOK)
_ON_REFERRAL = (Action.REFERRAL_STEP, Action.REFERRAL_SEND, Action.REFERRAL_REVIEW)


class Filed(StrEnum):
    """What a document is to the leg it is filed on."""

    OUTCOME = "outcome"
    ADDENDUM = "addendum"
    INTERIM = "interim"


_STEP_OF = {
    Filed.OUTCOME: Step.COMPLETE,
    Filed.ADDENDUM: Step.ADDENDUM,
    Filed.INTERIM: Step.START,
}


class FileBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A document and what it is: the outcome's evidence, an addendum, or a note in between."""

    document: asks.DocumentBody
    filed_as: Filed = Filed.ADDENDUM
    outcome: Code | None = None
    need_met: Code | None = None
    service_on: date | None = None
    next_report_on: date | None = None
    comment: asks.Text | None = None
    version: asks.Version | None = None
    on_behalf: asks.OnBehalfBody | None = None


@routing.door(
    "POST",
    "/api/v1/legs/{leg_id:uuid}/steps",
    policy=_ON_LEG,
    takes=asks.StepBody,
    gives=receipts.Receipt,
)
async def on_leg(request: Asked) -> Response[Any]:
    """Take a step on one recipient's part; `also` takes further ones in the same moment."""
    order = await _order(request)
    return await _taken(
        request, msgspec.structs.replace(order, leg_id=request.path_params["leg_id"]), status=200
    )


@routing.door(
    "POST",
    "/api/v1/referrals/{referral_id:uuid}/steps",
    policy=_ON_REFERRAL,
    takes=asks.StepBody,
    gives=receipts.Receipt,
)
async def on_referral(request: Asked) -> Response[Any]:
    """Take a step on the referral itself: send, review, add a recipient, close, reopen, void."""
    order = await _order(request)
    referral_id = request.path_params["referral_id"]
    return await _taken(
        request, msgspec.structs.replace(order, referral_id=referral_id), status=200
    )


@routing.door(
    "POST",
    "/api/v1/legs/{leg_id:uuid}/documents",
    policy=_ON_LEG,
    takes=FileBody,
    gives=receipts.Receipt,
    status=201,
    once=True,
)
async def document(request: Asked) -> Response[Any]:
    """File a consult note, form or letter, sealed like all content."""
    once = await idempotency.once_of(request, status=201)
    body = await routing.body(request, FileBody)
    order = orders.Order(
        wishes=(_filing(body),),
        leg_id=request.path_params["leg_id"],
        seen=routing.decided_on(request, given=body.version),
        on_behalf=asks.heard(body.on_behalf),
        once=once,
        request_id=problems.request_id_of(request.scope),
    )
    return await _taken(request, order, status=201)


def _filing(body: FileBody) -> orders.Wish:
    filed = asks.document_of(body.document)
    interim = body.filed_as is Filed.INTERIM
    dates = {"service_on": body.service_on, "next_report_on": body.next_report_on}
    asks.sane(dates)
    return orders.Wish(
        step=_STEP_OF[body.filed_as],
        details=Details(
            outcome=body.outcome,
            need_met=body.need_met,
            service_on=body.service_on or (body.document.written_on if interim else None),
            next_report_on=body.next_report_on,
        ),
        words=orders.Words(comment=body.comment or None),
        document=filed,
    )


async def _order(request: Asked) -> orders.Order:
    once = await idempotency.once_of(request, status=200, needed=False)
    body: Any = await routing.body(request, asks.StepBody)
    order = asks.order_of(
        body,
        seen=routing.decided_on(request, given=body.version),
        request_id=problems.request_id_of(request.scope),
    )
    return msgspec.structs.replace(order, once=once)


async def _taken(request: Asked, order: orders.Order, *, status: int) -> Response[Any]:
    office, actor = desk.of(request).office, guards.actor(request)
    return await receipts.acted(
        request,
        order.once,
        status=status,
        act=lambda: take_step.take_step(office, actor, order),
    )


HANDLERS = (on_leg, on_referral, document)
