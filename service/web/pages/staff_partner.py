"""One call to a partner: everything that waits for it on one page, answered in one form."""

from datetime import date
from typing import Any
from uuid import UUID

from litestar import Response

from service.actions import answer_partner
from service.actions.answer_partner import ANSWERS, Answer, Item
from service.domain import policy
from service.domain.policy import Action
from service.web import desk, guards, problems, routing
from service.web.desk import Asked
from service.web.pages import speaking, staff

Errors = dict[str, str]


@routing.door("GET", "/tasks/partners/{partner_id:uuid}", policy=Action.TASK_LIST, **staff.DOOR)
async def listing(request: Asked) -> Response[Any]:
    """List what one is to call a partner about."""
    return await _page(request, {})


async def _items(request: Asked) -> list[Item]:
    return await answer_partner.items(
        desk.of(request).office,
        guards.actor(request),
        request.path_params["partner_id"],
        request_id=problems.request_id_of(request.scope),
    )


async def _page(request: Asked, said: dict[str, Any], *, status: int = 200) -> Response[Any]:
    found, actor = await _items(request), guards.actor(request)
    context = {
        "partner_id": str(request.path_params["partner_id"]),
        "partner": next((item.about for item in found), ""),
        "phone": next((item.phone for item in found), ""),
        "items": [_row(item) for item in found],
        "values": {},
        "calendar": policy.ever(actor, Action.ORGANIZATION_EDIT) and actor.cco,
    }
    return await staff.show(request, "staff/partner", context | said, status=status)


def _row(item: Item) -> dict[str, Any]:
    return {
        "leg_id": str(item.leg_id),
        "version": item.version,
        "state": item.state,
        "kind": item.kind,
        "reference": item.reference,
        "href": f"/referrals/{item.referral_id}",
        "answers": item.answers,
    }


@routing.door("POST", "/tasks/partners/{partner_id:uuid}", policy=Action.TASK_RESOLVE, **staff.DOOR)
async def record(request: Asked) -> Response[Any]:
    """Record what was heard; what could not be taken is said beside its item."""
    form = await speaking.form(request)
    answers, errors = _answers(form)
    spoke_to = form.get("spoke_to", "").strip()[:200]
    if not spoke_to:
        errors["spoke_to"] = "missing"
    if not answers and not errors:
        errors["spoke_to"] = "choose_one"
    if errors:
        return await _page(request, {"errors": errors, "values": form}, status=422)
    refused = await answer_partner.record(
        desk.of(request).office,
        guards.actor(request),
        answers,
        spoke_to=spoke_to,
        request_id=problems.request_id_of(request.scope),
    )
    if not refused:
        return speaking.see_other(f"/tasks/partners/{request.path_params['partner_id']}")
    told = {f"answer-{leg_id}": fault.title() for leg_id, fault in refused.items()}
    return await _page(request, {"errors": told, "values": form}, status=409)


def _answers(form: dict[str, str]) -> tuple[list[Answer], Errors]:
    found: list[Answer] = []
    errors: Errors = {}
    for name, code in form.items():
        if not name.startswith("answer-") or not code:
            continue
        leg = name.removeprefix("answer-")
        day, seen = form.get(f"by-{leg}", ""), form.get(f"seen-{leg}", "")
        try:
            answer = Answer(
                code=code,
                leg_id=UUID(leg),
                seen=int(seen[:9]),
                expected_by=date.fromisoformat(day) if day else None,
            )
        except ValueError:
            errors[name] = "invalid"
            continue
        if code not in ANSWERS:
            errors[name] = "choose_one"
        elif code == "accept" and answer.expected_by is None:
            errors[f"by-{leg}"] = "missing"
        else:
            found.append(answer)
    return found, errors


HANDLERS = (listing, record)
