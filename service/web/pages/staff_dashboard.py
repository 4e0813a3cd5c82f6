"""How the loops do: rates, stages, ages, and who is to be called; the same numbers as a table."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Response

from service.actions import dashboard
from service.actions.dashboard import PERIODS, Dashboard
from service.domain import policy
from service.domain.measures import Share
from service.domain.policy import Action
from service.store.dashboard import PartnerRow, StageRow
from service.web import desk, guards, routing
from service.web.desk import Asked
from service.web.pages import spreadsheet, staff
from templates import charts

_STAGES = ("sent", "answered", "accepted", "scheduled", "reported", "served", "closed")
_TIMED = ("answered", "scheduled", "reported")
_PARTS = ("yes", "partly", "no", "unknown")


@routing.door("GET", "/dashboard", policy=Action.MEASURES_READ, **staff.DOOR)
async def look(request: Asked) -> Response[Any]:
    """Show how the loops of one's organization do, or those of the network."""
    found = await _found(request)
    query = urlencode({"days": found.days, "category": found.category or ""})
    calls = policy.ever(guards.actor(request), Action.TASK_LIST)
    partners = [_partner(each, calls=calls) for each in found.partners]
    context = {
        "values": {"days": str(found.days), "category": found.category or ""},
        "kinds": found.choices,
        "csv_href": f"/dashboard.csv?{query}",
        "sent": found.funnel.sent,
        "rates": [_rate(share) for share in found.rates],
        "funnel": _funnel(found.funnel),
        "ages": _ages(found.ages),
        "drawn": charts.lines({name: [getattr(w, name) for w in found.weeks] for name in _TIMED}),
        "weeks": [
            msgspec.structs.asdict(w) | {"label": f"{w.week.month}/{w.week.day}"}
            for w in found.weeks
        ],
        "by_kind": [msgspec.structs.asdict(each) for each in found.kinds],
        "partners": partners,
        "late": [each for each in partners if each["late"]],
    }
    return await staff.show(request, "staff/dashboard", context)


@routing.door("GET", "/dashboard.csv", policy=Action.MEASURES_READ, **staff.DOOR)
async def table(request: Asked) -> Response[Any]:
    """Give every number of the dashboard as comma-separated values, one a row."""
    found = await _found(request)
    return spreadsheet.answer(
        [("part", "of", "figure", "value"), *_figures(found)], name=f"loops-{found.days}-days"
    )


async def _found(request: Asked) -> Dashboard:
    said = request.query_params.get("days", "")
    days = int(said) if said.isascii() and said.isdigit() and len(said) < 5 else 0
    category = request.query_params.get("category", "")[:100]
    return await dashboard.look(
        desk.of(request).office,
        guards.actor(request),
        days=days if days in PERIODS else PERIODS[1],
        category=category or None,
    )


def _rate(share: Share) -> dict[str, Any]:
    counts = {name: getattr(share, name) for name in _PARTS}
    percent = round(share.ratio * 100) if share.ratio is not None else None
    return {
        "rate": share.rate,
        "parts": charts.stack(counts),
        "of": share.of,
        "percent": percent,
        **counts,
    }


def _funnel(whole: StageRow) -> list[dict[str, Any]]:
    numbers = [getattr(whole, stage) for stage in _STAGES]
    return [
        {
            "stage": stage,
            "number": number,
            "width": width,
            "percent": round(100 * number / whole.sent) if whole.sent else None,
        }
        for stage, number, width in zip(_STAGES, numbers, charts.bars(numbers), strict=True)
    ]


def _ages(found: dict[str, int]) -> list[dict[str, Any]]:
    widths = charts.bars(found.values())
    return [
        {"age": age, "number": number, "width": width}
        for (age, number), width in zip(found.items(), widths, strict=True)
    ]


def _partner(row: PartnerRow, *, calls: bool) -> dict[str, Any]:
    href = f"/tasks/partners/{row.org_id}" if calls else ""
    return msgspec.structs.asdict(row) | {"href": href}


def _figures(found: Dashboard) -> Iterator[tuple[Any, ...]]:
    for share in found.rates:
        yield from (("rate", share.rate, name, getattr(share, name)) for name in (*_PARTS, "of"))
    yield from (("open", age, "referrals", number) for age, number in found.ages.items())
    for row in (found.funnel, *found.kinds):
        of = row.category or "all"
        yield from (("stage", of, name, getattr(row, name)) for name in _STAGES)
    for week in found.weeks:
        names = ("sent", *_TIMED)
        yield from (("week", week.week, name, getattr(week, name)) for name in names)
    for each in found.partners:
        names = ("asked", "answered", "accepted", "days", "late", "late_days")
        yield from (("partner", each.name, name, getattr(each, name)) for name in names)


HANDLERS = (look, table)
