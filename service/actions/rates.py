"""The three rates of the referrals sent in a period; closed is not helped."""

from datetime import date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from service.actions import permission
from service.actions.office import Office
from service.domain import measures
from service.domain.measures import Counted, Share
from service.domain.outcome import Disposition, NeedMet
from service.domain.people import Actor
from service.domain.policy import Action
from service.store import rates as counts
from service.store.pool import Connection, Scope
from service.store.rates import CountedRow


async def rates(
    office: Office, actor: Actor, *, since: date, until: date, zone: str
) -> tuple[Share, Share, Share]:
    """Count answered, served and need met over the referrals sent from one day to another.

    Of the caller's own organization; for the network's coordinating organization, of all it
    coordinates. Both days count whole.
    """
    org_id, _ = permission.own(actor, Action.MEASURES_READ)
    where = ZoneInfo(zone)
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        return await over(
            connection,
            org_id,
            since=datetime.combine(since, time.min, where),
            until=datetime.combine(until, time.max, where),
        )


async def over(
    connection: Connection,
    org_id: UUID,
    *,
    since: datetime,
    until: datetime,
    category: str | None = None,
) -> tuple[Share, Share, Share]:
    """Count the rates of what an organization sees of a span, of one kind of service or of all."""
    rows = await counts.counted(connection, org_id, since=since, until=until, category=category)
    return measures.rates(_counted(row) for row in rows)


def _counted(row: CountedRow) -> Counted:
    return Counted(
        sent=row.sent,
        void=row.void,
        withdrawn_unanswered=row.withdrawn_unanswered,
        answered=row.answered,
        disposition=Disposition(row.disposition) if row.disposition else None,
        need_met=NeedMet(row.need_met) if row.need_met else NeedMet.UNKNOWN,
    )
