"""When an organization is open, by hand: its week, federal holidays, and days it is closed."""

from datetime import date, time
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response

from service import faults
from service.actions import edit_organization, keep_calendar, permission
from service.actions.add_organization import Week
from service.actions.edit_organization import OrganizationChange
from service.actions.keep_calendar import Closing, Opening
from service.domain import calendars
from service.domain.policy import Action
from service.web import desk, guards, routing
from service.web.desk import Asked
from service.web.pages import speaking, staff

_PATH = "/organizations/{org_id:uuid}"


@routing.door("GET", f"{_PATH}/calendar", policy=Action.ORGANIZATION_EDIT, **staff.DOOR)
async def look(request: Asked) -> Response[Any]:
    """Show when an organization is open, and ask for days on which it is not."""
    return await _page(request, {})


@routing.door("POST", f"{_PATH}/closures", policy=Action.ORGANIZATION_EDIT, **staff.DOOR)
async def close(request: Asked) -> Response[Any]:
    """Close it for some days."""
    form = await speaking.form(request)
    values = {name: form.get(name, "").strip() for name in ("first", "last", "name")}
    days = {name: _day(values[name]) for name in ("first", "last")}
    days["last"] = days["last"] if values["last"] else days["first"]
    wrong = {
        name: "missing" if not values[name] else "invalid"
        for name, day in days.items()
        if day is None and (name == "first" or values[name])
    }
    if wrong or days["first"] is None or days["last"] is None:
        return await _page(request, {"errors": wrong, "values": values}, status=422)
    try:
        wish = msgspec.convert({**days, "name": values["name"]}, Closing)
        await keep_calendar.close(
            desk.of(request).office, guards.actor(request), org_id=_org(request), wish=wish
        )
    except msgspec.ValidationError:
        return await _page(request, {"errors": {"name": "invalid"}, "values": values}, status=422)
    except faults.Invalid as fault:
        wrong = {each["field"]: each["detail"] for each in fault.extra["errors"]}
        return await _page(request, {"errors": wrong, "values": values}, status=422)
    return await _page(request, {"notice": "closed"})


@routing.door("POST", f"{_PATH}/closures/end", policy=Action.ORGANIZATION_EDIT, **staff.DOOR)
async def open_again(request: Asked) -> Response[Any]:
    """Take a closure back."""
    permission.of(guards.actor(request), Action.ORGANIZATION_EDIT, org_id=_org(request))
    form = await speaking.form(request)
    day = _day(form.get("day", ""))
    if day is None:
        raise faults.Malformed("Send the form as the page has it.")
    await keep_calendar.open_again(
        desk.of(request).office, guards.actor(request), org_id=_org(request), day=day
    )
    return await _page(request, {"notice": "open"})


@routing.door("POST", f"{_PATH}/hours", policy=Action.ORGANIZATION_EDIT, **staff.DOOR)
async def keep_hours(request: Asked) -> Response[Any]:
    """Change the hours of the week; what waits is reckoned anew by them."""
    permission.of(guards.actor(request), Action.ORGANIZATION_EDIT, org_id=_org(request))
    form = await speaking.form(request)
    week, wrong = _week(form)
    seen = form.get("seen", "")
    if not (seen.isascii() and seen.isdigit() and len(seen) < 10):
        raise faults.Malformed("Send the form as the page has it.")
    if not wrong and not any(week):
        wrong["open-0"] = "never_open"
    if wrong:
        return await _page(request, {"errors": wrong, "values": form}, status=422)
    await edit_organization.edit_organization(
        desk.of(request).office,
        guards.actor(request),
        org_id=_org(request),
        change=OrganizationChange(hours=week),
        seen=int(seen),
    )
    return await _page(request, {"notice": "hours"})


def _week(form: dict[str, str]) -> tuple[Week, dict[str, str]]:
    """Read seven days; a day with neither time is closed, half a day is an error."""
    days: list[tuple[int, int] | None] = []
    wrong: dict[str, str] = {}
    for number in range(7):
        names = (f"open-{number}", f"shut-{number}")
        given = [form.get(name, "").strip() for name in names]
        minutes = [_minutes(text) for text in given]
        for name, text, found in zip(names, given, minutes, strict=True):
            if text and found is None:
                wrong[name] = "invalid"
            elif not text and any(given):
                wrong[name] = "missing"
        opens, shuts = minutes
        if opens is not None and shuts is not None and shuts <= opens:
            wrong[names[1]] = "before_opening"
        both = opens is not None and shuts is not None
        days.append((opens, shuts) if both else None)  # type: ignore[arg-type]
    return tuple(days), wrong


def _minutes(text: str) -> int | None:
    try:
        found = time.fromisoformat(text)
    except ValueError:
        return None
    return found.hour * 60 + found.minute


def _org(request: Asked) -> UUID:
    found: UUID = request.path_params["org_id"]
    return found


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


async def _page(request: Asked, said: dict[str, Any], *, status: int = 200) -> Response[Any]:
    office, actor = desk.of(request).office, guards.actor(request)
    found = await keep_calendar.read(office, actor, org_id=_org(request))
    context = _context(found) | {"values": {}, "errors": {}, "notice": ""}
    return await staff.show(request, "staff/calendar", context | said, status=status)


def _context(found: Opening) -> dict[str, Any]:
    row = found.organization
    week = row.hours or [list(day) if day else None for day in calendars.OFFICE_HOURS]
    years = (found.today.year, found.today.year + 1)
    holidays = sorted(day for year in years for day in calendars.federal_holidays(year))
    return {
        "organization": {"id": str(row.id), "name": row.public_name, "version": row.version},
        "zone": row.time_zone,
        "week": [
            {"day": number, "open": _clock(day[0]), "shut": _clock(day[1])}
            if day
            else {"day": number, "open": "", "shut": ""}
            for number, day in enumerate(week)
        ],
        "closures": [{"day": each.closed_on, "name": each.name} for each in found.closures],
        "holidays": [day for day in holidays if day >= found.today][:8],
    }


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


HANDLERS = (look, keep_hours, close, open_again)
