"""Yesterday's appointments, or another day's: one column to say who came, sent together."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Response

from service.actions import appointments, keep_session, skip_ahead, worklists
from service.actions.appointments import MARKS, Day, Mark
from service.domain.policy import Action
from service.store.reading import Card
from service.web import desk, guards, problems, routing
from service.web.desk import Asked
from service.web.pages import speaking, staff

Form = dict[str, str]


@routing.door("GET", "/appointments", policy=Action.REFERRAL_LIST, **staff.DOOR)
async def listing(request: Asked) -> Response[Any]:
    """Show a day's appointments that nobody has said the end of; yesterday's, unless asked."""
    return await _page(request, dict(request.query_params), {})


@routing.door("POST", "/appointments", policy=Action.REFERRAL_LIST, **staff.DOOR)
async def mark(request: Asked) -> Response[Any]:
    """Record who came and who did not; what could not be taken is said beside its line."""
    form = await speaking.form(request)
    marks, errors = _marks(form)
    if not marks and not errors:
        errors[""] = "nothing_marked"
    if errors:
        return await _page(request, form, {"errors": errors, "values": form}, status=422)
    day, _ = await _day_of(request, form)
    refused = await appointments.mark(
        desk.of(request).office,
        guards.actor(request),
        marks,
        day=day,
        request_id=problems.request_id_of(request.scope),
    )
    if not refused:
        return speaking.see_other(f"/appointments?day={day.isoformat()}&done={len(marks)}")
    told = {f"mark-{leg_id}": fault.title() for leg_id, fault in refused.items()}
    return await _page(request, form, {"errors": told, "values": form}, status=409)


def _marks(form: Form) -> tuple[list[Mark], Form]:
    found: list[Mark] = []
    errors: Form = {}
    for name, value in form.items():
        if not name.startswith("mark-") or not value:
            continue
        leg = name.removeprefix("mark-")
        try:
            if value not in MARKS:
                raise ValueError
            seen = int(form.get(f"seen-{leg}", "")[:9])
            found.append(Mark(leg_id=UUID(leg), seen=seen, came=value == "seen"))
        except ValueError:
            errors[name] = "choose_one"
    return found, errors


async def _day_of(request: Asked, asked: Form) -> tuple[date, str]:
    """Return the day that is asked about, else yesterday, and the zone of who asks."""
    office, actor = desk.of(request).office, guards.actor(request)
    zone = (await keep_session.current(office, actor)).member.time_zone
    today = (await skip_ahead.clock_says(office)).astimezone(ZoneInfo(zone)).date()
    try:
        day = date.fromisoformat(asked.get("day", ""))
    except ValueError:
        return today - timedelta(days=1), zone
    return (day if abs((day - today).days) < 400 else today - timedelta(days=1)), zone


async def _page(
    request: Asked, asked: Form, said: dict[str, Any], *, status: int = 200
) -> Response[Any]:
    day, zone = await _day_of(request, asked)
    found = await appointments.of_day(
        desk.of(request).office,
        guards.actor(request),
        since=_begin(day, zone),
        until=_begin(day + timedelta(days=1), zone),
        request_id=problems.request_id_of(request.scope),
    )
    done = asked.get("done", "")
    context = {
        "day": day,
        "before": (day - timedelta(days=1)).isoformat(),
        "after": (day + timedelta(days=1)).isoformat(),
        "rows": _rows(request, found, zone),
        "values": {},
        "done": int(done) if done.isascii() and done.isdigit() and len(done) < 4 else 0,
    }
    return await staff.show(request, "staff/appointments", context | said, status=status)


def _begin(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def _rows(request: Asked, found: Day, zone: str) -> list[dict[str, Any]]:
    cards = {card.id: card for card in found.listed.cards}
    return [
        {
            "leg_id": str(row.leg_id),
            "version": row.version,
            "at": staff.local(row.appointment_at, zone),
            "href": f"/referrals/{row.referral_id}",
            "reference": cards[row.referral_id].reference,
            **_who(request, cards[row.referral_id], found),
        }
        for row in found.booked
        if row.referral_id in cards
    ]


def _who(request: Asked, card: Card, found: Day) -> dict[str, str]:
    if worklists.stage_only(guards.actor(request), card):
        return {"patient": "", "sender": ""}
    who = found.listed.identities.get(card.id)
    name = f"{who.name.family}, {' '.join(who.name.given)}" if who else ""
    return {"patient": name, "sender": card.sender}


HANDLERS = (listing, mark)
