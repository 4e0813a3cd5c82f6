"""What is stuck on its way out, for the network's administration: why, try again, give up."""

from datetime import timedelta
from itertools import groupby
from typing import Any

from litestar import Response

from service import faults
from service.actions import keep_session, mend_effects
from service.domain.policy import Action
from service.store import stuck
from service.store.stuck import StuckRow, Wanted
from service.web import desk, guards, problems, routing
from service.web.desk import Asked
from service.web.pages import staff
from templates import words

_MOST = 100


@routing.door("GET", "/outbox", policy=Action.OUTBOX_MEND, **staff.DOOR)
async def look(request: Asked) -> Response[Any]:
    """List what is dead, parked or overdue, by kind."""
    return await _page(request, {})


async def _page(request: Asked, said: dict[str, Any], *, status: int = 200) -> Response[Any]:
    office, actor = desk.of(request).office, guards.actor(request)
    values = _values(request)
    wanted = Wanted(
        states=(values["state"],) if values["state"] else stuck.STATES,
        kind=values["kind"] or None,
        older=timedelta(hours=int(values["age"])),
    )
    found = await mend_effects.list_stuck(office, actor, wanted, limit=_MOST + 1)
    zone = (await keep_session.current(office, actor)).member.time_zone
    rows = sorted(found[:_MOST], key=lambda each: each.kind)
    context = {
        "groups": [
            {"kind": kind, "rows": [_row(each, zone) for each in group]}
            for kind, group in groupby(rows, key=lambda each: each.kind)
        ],
        "values": values,
        "more": len(found) > _MOST,
        "mended": "",
    }
    return await staff.show(request, "staff/outbox", context | said, status=status)


def _values(request: Asked) -> dict[str, str]:
    """Read what is looked for; a code that nobody knows is left out."""
    asked = request.query_params
    known = {"state": "stuck", "kind": "effect", "age": "age"}
    found = {
        name: given if (given := asked.get(name, "")) in words.WORDS[listed] else ""
        for name, listed in known.items()
    }
    return found | {"age": found["age"] or "0"}


def _row(each: StuckRow, zone: str) -> dict[str, Any]:
    return {
        "id": str(each.id),
        "state": each.state,
        "organization": each.organization,
        "reason": each.reason or "",
        "tries": each.tries,
        "at": staff.local(each.created_at, zone),
        "handled": each.state == "dead" and not each.task_open,
    }


@routing.door("POST", "/outbox/{effect_id:uuid}/retry", policy=Action.OUTBOX_MEND, **staff.DOOR)
async def retry(request: Asked) -> Response[Any]:
    """Let one go out again."""
    return await _mend(request, "retry")


@routing.door("POST", "/outbox/{effect_id:uuid}/give-up", policy=Action.OUTBOX_MEND, **staff.DOOR)
async def give_up(request: Asked) -> Response[Any]:
    """Give one up for good."""
    return await _mend(request, "give_up")


async def _mend(request: Asked, act: str) -> Response[Any]:
    mend = mend_effects.retry if act == "retry" else mend_effects.give_up
    try:
        await mend(
            desk.of(request).office,
            guards.actor(request),
            request.path_params["effect_id"],
            request_id=problems.request_id_of(request.scope),
        )
    except (mend_effects.InHand, mend_effects.PastItsTime) as fault:
        return await _page(request, {"mended": fault.slug}, status=409)
    except faults.Missing:
        # It went out meanwhile, or somebody was first: the list says so.
        return await _page(request, {}, status=404)
    return await _page(request, {"mended": act})


HANDLERS = (look, retry, give_up)
