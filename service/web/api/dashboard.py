"""The numbers of the dashboard over the API: the same as on the page and in its table."""

from typing import Annotated, Any

import msgspec
from litestar import Response

from service.actions import dashboard
from service.actions.dashboard import Dashboard
from service.domain.measures import Share
from service.domain.policy import Action
from service.store.dashboard import PartnerRow, StageRow, WeekRow
from service.web import desk, guards, routing
from service.web.api import asks
from service.web.desk import Asked


class DashboardAsk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many days back, and of which kind of service; without one, of all."""

    days: Annotated[int, msgspec.Meta(ge=1, le=366)] = 90
    category: asks.Name | None = None


class DashboardShown(msgspec.Struct, frozen=True, kw_only=True):
    """Counts and medians in days; `ages` counts what is open now, by when it was sent."""

    days: int
    category: str | None
    rates: tuple[Share, ...]
    stages: tuple[StageRow, ...]
    weeks: tuple[WeekRow, ...]
    ages: dict[str, int]
    partners: tuple[PartnerRow, ...]


@routing.door(
    "GET",
    "/api/v1/measures/dashboard",
    policy=Action.MEASURES_READ,
    asks=DashboardAsk,
    gives=DashboardShown,
)
async def look(request: Asked) -> Response[Any]:
    """Count how far the referrals of some days came, by kind, week and partner."""
    ask = routing.query(request, DashboardAsk)
    office, actor = desk.of(request).office, guards.actor(request)
    found = await dashboard.look(office, actor, days=ask.days, category=ask.category)
    return routing.answer(_shown(found))


def _shown(found: Dashboard) -> DashboardShown:
    return DashboardShown(
        days=found.days,
        category=found.category,
        rates=found.rates,
        stages=found.kinds,
        weeks=found.weeks,
        ages=found.ages,
        partners=found.partners,
    )


HANDLERS = (look,)
