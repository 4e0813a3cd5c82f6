"""How long clocks wait, by hand: what is set, what another term would mean, and setting it."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response

from service import faults
from service.actions import keep_session, keep_terms, permission
from service.actions.keep_terms import Preview, TermLine, TermWish
from service.domain import policy
from service.domain.clocks import Term
from service.domain.people import Actor
from service.domain.policy import Action
from service.web import desk, guards, routing
from service.web.desk import Asked
from service.web.pages import speaking, staff

_FIELDS = ("clock", "priority", "category", "unit", "amount", "grace")


@routing.door("GET", "/clocks", policy=Action.CLOCKS_READ, **staff.DOOR)
async def look(request: Asked) -> Response[Any]:
    """List every clock, and ask for another term."""
    return await _page(request, {})


@routing.door("POST", "/clocks/preview", policy=Action.CLOCKS_READ, **staff.DOOR)
async def preview(request: Asked) -> Response[Any]:
    """Show what last month would have been, with the button that puts the term in force."""
    form = await speaking.form(request)
    values = {name: form.get(name, "").strip() for name in _FIELDS}
    wish, errors = _wish(values)
    if wish is None:
        return await _page(request, {"errors": errors, "values": values}, status=422)
    try:
        found = await keep_terms.preview(desk.of(request).office, guards.actor(request), wish)
    except faults.Invalid as fault:
        wrong = {each["field"]: each["detail"] for each in fault.extra["errors"]}
        return await _page(request, {"errors": wrong, "values": values}, status=422)
    return await _page(request, {"preview": _shown(found), "values": values})


@routing.door("POST", "/clocks", policy=Action.CLOCKS_SET, **staff.DOOR)
async def change(request: Asked) -> Response[Any]:
    """Put the term of a preview in force."""
    actor = guards.actor(request)
    permission.require(actor, Action.CLOCKS_SET, resource=policy.Resource(org_id=actor.org_id))
    form = await speaking.form(request)
    wish, _ = _wish({name: form.get(name, "").strip() for name in _FIELDS})
    try:
        seen = UUID(form["seen"]) if form.get("seen") else None
    except ValueError:
        wish = None
    if wish is None:
        raise faults.Malformed("Send the form as the page has it.")
    try:
        await keep_terms.set_term(desk.of(request).office, guards.actor(request), wish, seen=seen)
    except keep_terms.TermChanged as fault:
        return await _page(request, {"notice": fault.slug}, status=409)
    return await _page(request, {"notice": "set"})


def _wish(values: dict[str, str]) -> tuple[TermWish | None, dict[str, str]]:
    """Read the form; `back` as a unit means what holds otherwise."""
    numbers = {
        name: int(values[name]) if values[name].isascii() and values[name].isdigit() else 0
        for name in ("amount", "grace")
    }
    missing = [name for name in ("clock", "priority", "unit") if not values[name]]
    if missing:
        return None, dict.fromkeys(missing, "missing")
    back = values["unit"] == "back"
    given: dict[str, Any] = {"clock": values["clock"], "priority": values["priority"]}
    given |= {"category": values["category"]} if values["category"] else {}
    given |= {} if back else {"unit": values["unit"], **numbers}
    try:
        return msgspec.convert(given, TermWish), {}
    except msgspec.ValidationError:
        raise faults.Malformed("Send the form as the page has it.") from None


def _shown(found: Preview) -> dict[str, Any]:
    return {
        "seen": str(found.seen) if found.seen is not None else "",
        "before": _term(found.before),
        "after": _term(found.after),
        "referrals": found.now.referrals,
        "nudged": (found.now.nudged, found.then.nudged),
        "moved": (found.now.moved, found.then.moved),
        "partial": found.partial,
    }


def _term(term: Term | TermLine) -> dict[str, Any]:
    return {"unit": term.unit, "amount": term.amount, "grace": term.grace}


def _row(line: TermLine, zone: str) -> dict[str, Any]:
    said = line.setting
    return _term(line) | {
        "clock": line.clock,
        "priority": line.priority,
        "category": line.category or "",
        "by": (said.set_by or "") if said is not None else "",
        "at": staff.local(said.set_at, zone) if said is not None else None,
    }


async def _page(request: Asked, said: dict[str, Any], *, status: int = 200) -> Response[Any]:
    office, actor = desk.of(request).office, guards.actor(request)
    zone = (await keep_session.current(office, actor)).member.time_zone
    found = await keep_terms.listed(office, actor)
    context = {
        "terms": [_row(each, zone) for each in found],
        "kinds": await keep_terms.kinds(office, actor),
        "sets": may_set(actor),
        "values": {},
        "errors": {},
        "preview": None,
        "notice": "",
    }
    return await staff.show(request, "staff/clocks", context | said, status=status)


def may_set(actor: Actor) -> bool:
    """Say whether somebody may put a term in force."""
    resource = policy.Resource(org_id=actor.org_id)
    return isinstance(policy.decide(actor, Action.CLOCKS_SET, resource=resource), policy.Allow)


HANDLERS = (look, preview, change)
