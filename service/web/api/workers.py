"""The named people of organizations that answer by link, confirmed over the API."""

from typing import Any

import msgspec
from litestar import Response

from service.actions import confirm_worker
from service.actions.confirm_worker import AgencyWorker, How
from service.domain.policy import Action
from service.web import desk, guards, routing
from service.web.desk import Asked


class Workers(msgspec.Struct, frozen=True, kw_only=True):
    """The named people of an organization without accounts; call the number shown, no other."""

    items: tuple[AgencyWorker, ...]


class Confirmation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the person was confirmed by telephone."""

    how: How


@routing.door(
    "GET",
    "/api/v1/organizations/{org_id:uuid}/workers",
    policy=Action.LINK_CONFIRM,
    gives=Workers,
)
async def workers(request: Asked) -> Response[Any]:
    """List the named people of an organization that answers by link."""
    found = await confirm_worker.list_workers(
        desk.of(request).office, guards.actor(request), org_id=request.path_params["org_id"]
    )
    return routing.answer(Workers(items=tuple(found)))


@routing.door(
    "POST",
    "/api/v1/organizations/{org_id:uuid}/workers/{worker_id:uuid}/confirm",
    policy=Action.LINK_CONFIRM,
    takes=Confirmation,
    gives=confirm_worker.Confirmed,
)
async def confirm(request: Asked) -> Response[Any]:
    """Confirm a person after calling the number on file, or answer a PIN to tell them."""
    body = await routing.body(request, Confirmation)
    done = await confirm_worker.confirm_worker(
        desk.of(request).office, guards.actor(request), how=body.how, **request.path_params
    )
    return routing.answer(done)


HANDLERS = (workers, confirm)
