"""How a network does: answered, served, need met, how far referrals come, who is slow to answer."""

import msgspec

from service.actions import permission
from service.actions import rates as counting
from service.actions.office import Office
from service.domain.measures import Share
from service.domain.people import Actor
from service.domain.policy import Action
from service.store import dashboard
from service.store import pool as pools
from service.store.dashboard import PartnerRow, StageRow, WeekRow, Window
from service.store.pool import Scope

PERIODS = (30, 90, 365)
"""How many days back one may look."""

AGES = ("week", "fortnight", "month", "quarter", "older")
"""How old what is open is, the youngest first."""


class Dashboard(msgspec.Struct, frozen=True, kw_only=True):
    """Counts and medians of one window; `late` are the partners to call, the worst first."""

    days: int
    category: str | None
    rates: tuple[Share, ...]
    funnel: StageRow
    kinds: tuple[StageRow, ...]
    weeks: tuple[WeekRow, ...]
    ages: dict[str, int]
    partners: tuple[PartnerRow, ...]
    choices: tuple[str, ...]

    @property
    def late(self) -> tuple[PartnerRow, ...]:
        """Those who have not answered in time, and are to be called."""
        return tuple(each for each in self.partners if each.late)


async def look(office: Office, actor: Actor, *, days: int, category: str | None) -> Dashboard:
    """Count over the referrals sent in so many days, of one kind of service or of all.

    Of the caller's own organization; for the network's coordinating organization, of all it
    coordinates. The weeks are those of the caller's organization, and begin on Mondays (ISO 8601).
    """
    org_id, _ = permission.own(actor, Action.MEASURES_READ)
    window = Window(org_id=org_id, days=days, category=category)
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        now = await pools.now(connection)
        stages = await dashboard.stages(connection, window)
        weeks = await dashboard.weeks(connection, window)
        open_ones = {row.age: row.number for row in await dashboard.ages(connection, window)}
        partners = await dashboard.partners(connection, window)
        choices = await dashboard.kinds(connection, org_id)
        shares = await counting.over(
            connection, org_id, since=now - window.back, until=now, category=category
        )
    return Dashboard(
        days=days,
        category=category,
        rates=shares,
        funnel=_sum(stages),
        kinds=tuple(stages),
        weeks=tuple(weeks),
        ages={age: open_ones.get(age, 0) for age in AGES},
        partners=tuple(partners),
        choices=tuple(choices),
    )


def _sum(rows: list[StageRow]) -> StageRow:
    names = [each for each in StageRow.__struct_fields__ if each != "category"]
    added = {name: sum(getattr(row, name) for row in rows) for name in names}
    return StageRow(category="", **added)
