"""Confirm, after a telephone call, the people that an organization without accounts named."""

from typing import Any
from uuid import UUID

from litestar import Response

from service import faults
from service.actions import confirm_worker, read_organizations, reminders
from service.actions.confirm_worker import How
from service.domain.policy import Action
from service.web import desk, guards, routing
from service.web.desk import Asked
from service.web.pages import speaking, staff


@routing.door(
    "GET", "/organizations/{org_id:uuid}/people", policy=Action.LINK_CONFIRM, **staff.DOOR
)
async def people(request: Asked) -> Response[Any]:
    """List the people named, with the number on file to call."""
    return await _page(request, {})


async def _page(request: Asked, said: dict[str, Any], *, status: int = 200) -> Response[Any]:
    office, actor = desk.of(request).office, guards.actor(request)
    org_id: UUID = request.path_params["org_id"]
    found = await confirm_worker.list_workers(office, actor, org_id=org_id)
    named, _ = await read_organizations.read_organization(office, actor, org_id=org_id)
    rows = [
        {
            "id": str(each.id),
            "name": each.name,
            "call": each.call or "",
            "confirmed": staff.local(each.confirmed_at, named.time_zone),
            "href": f"/organizations/{org_id}/people/{each.id}",
        }
        for each in found
    ]
    off_since = await reminders.off_since(office, actor, org_id=org_id)
    context = {
        "organization": named.public_name,
        "people": rows,
        "reminders_off": staff.local(off_since, named.time_zone),
        "reminders_href": f"/organizations/{org_id}/reminders",
    }
    if "told" in said:
        until = staff.local(said["told"]["until"], named.time_zone)
        said = said | {"told": said["told"] | {"until": until}}
    return await staff.show(request, "staff/people", context | said, status=status)


@routing.door(
    "POST",
    "/organizations/{org_id:uuid}/people/{worker_id:uuid}",
    policy=Action.LINK_CONFIRM,
    **staff.DOOR,
)
async def confirm(request: Asked) -> Response[Any]:
    """Confirm a person who was called, or show once the PIN to tell them."""
    form = await speaking.form(request)
    if form.get("how") not in set(How):
        raise faults.Malformed("Send the form as the page has it.")
    office, actor = desk.of(request).office, guards.actor(request)
    params = request.path_params
    try:
        done = await confirm_worker.confirm_worker(office, actor, how=How(form["how"]), **params)
    except faults.Invalid as fault:
        wrong = " ".join(each["detail"] for each in fault.extra.get("errors", []))
        return await _page(request, {"errors": {"": wrong}}, status=422)
    if done.pin is None:
        return speaking.see_other(f"/organizations/{params['org_id']}/people")
    found = await confirm_worker.list_workers(office, actor, org_id=params["org_id"])
    name = next((each.name for each in found if each.id == params["worker_id"]), "")
    told = {"name": name, "pin": done.pin, "until": done.expires_at}
    return await _page(request, {"told": told})


@routing.door(
    "POST", "/organizations/{org_id:uuid}/reminders", policy=Action.LINK_CONFIRM, **staff.DOOR
)
async def remind(request: Asked) -> Response[Any]:
    """Let reminders go to their mailbox again; twice is once."""
    org_id: UUID = request.path_params["org_id"]
    await reminders.resume(desk.of(request).office, guards.actor(request), org_id=org_id)
    return speaking.see_other(f"/organizations/{org_id}/people")


HANDLERS = (people, confirm, remind)
