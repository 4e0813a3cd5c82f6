"""Texts, for the network's administration: what each says and costs, and who carries how many."""

from typing import Any

from litestar import Response

from service import faults
from service.actions import choose_providers, mend_effects, text_templates
from service.domain.policy import Action
from service.domain.sms_weights import Weight
from service.web import desk, guards, problems, routing
from service.web.desk import Asked
from service.web.pages import speaking, staff

Form = dict[str, str]


@routing.door("GET", "/texts", policy=Action.OUTBOX_MEND, **staff.DOOR)
async def look(request: Asked) -> Response[Any]:
    """Show every text with its segments, and how the providers stand."""
    return await _page(request, {"done": request.query_params.get("done") == "1"})


@routing.door("POST", "/texts", policy=Action.OUTBOX_MEND, **staff.DOOR)
async def choose(request: Asked) -> Response[Any]:
    """Choose how many of a hundred texts each provider is given, now and at rest."""
    form, names = await speaking.form(request), _names(request)
    points, errors = _points(form, "points", names)
    seen, _ = _points(form, "seen", names)
    if errors:
        return await _page(request, {"errors": errors, "values": form}, status=422)
    try:
        await choose_providers.choose_providers(
            desk.of(request).office,
            guards.actor(request),
            names,
            points,
            seen=seen,
            request_id=problems.request_id_of(request.scope),
        )
    except faults.Invalid:
        errors = {f"points-{name}": "not_a_hundred" for name in names}
        return await _page(request, {"errors": errors, "values": form}, status=422)
    except faults.Stale:
        errors = {f"points-{name}": "chosen_meanwhile" for name in names}
        return await _page(request, {"errors": errors, "values": form}, status=409)
    return speaking.see_other("/texts?done=1")


def _names(request: Asked) -> list[str]:
    return [way.name for way in desk.of(request).sms]


def _points(form: Form, field: str, names: list[str]) -> tuple[dict[str, int], dict[str, str]]:
    """Read a number for each provider; what is none is wrong at its field."""
    found: dict[str, int] = {}
    errors: dict[str, str] = {}
    for name in names:
        value = form.get(f"{field}-{name}", "").strip()
        if value.isascii() and value.isdigit() and len(value) < 4:
            found[name] = int(value)
        else:
            errors[f"{field}-{name}"] = "invalid" if value else "missing"
    return found, errors


async def _page(request: Asked, said: dict[str, Any], *, status: int = 200) -> Response[Any]:
    here, actor = desk.of(request), guards.actor(request)
    found = await mend_effects.providers(here.office, actor, _names(request))
    context = {
        "providers": [_provider(each) for each in found],
        "values": {f"points-{each.name}": str(each.resting) for each in found},
        "texts": [
            {
                "kind": each.kind,
                "language": each.language,
                "text": each.text,
                "segments": each.size.segments,
                "left": each.size.left,
            }
            for each in text_templates.listed(here.office.public_url)
        ],
    }
    return await staff.show(request, "staff/texts", context | said, status=status)


def _provider(each: Weight) -> dict[str, Any]:
    return {
        "name": each.name,
        "points": each.points,
        "resting": each.resting,
        "errors": each.errors,
    }


HANDLERS = (look, choose)
