"""What a dashboard counts, out of referrals, legs and events; no word about whom they were for."""

from datetime import date, timedelta
from uuid import UUID

import msgspec

from service.store import queries
from service.store.pool import Connection

Q = queries.load("dashboard")


class StageRow(msgspec.Struct, frozen=True, kw_only=True):
    """How far the referrals of one kind of service came; each counts in every stage it reached."""

    category: str
    sent: int
    answered: int
    accepted: int
    scheduled: int
    reported: int
    served: int
    closed: int


class WeekRow(msgspec.Struct, frozen=True, kw_only=True):
    """A week of sending, by its Monday: the median of days to each stage, none where none came."""

    week: date
    sent: int
    answered: float | None
    scheduled: float | None
    reported: float | None


class AgeRow(msgspec.Struct, frozen=True, kw_only=True):
    """Open referrals of one age: week, fortnight, month, quarter or older."""

    age: str
    number: int


class PartnerRow(msgspec.Struct, frozen=True, kw_only=True):
    """How a partner answers: the median of its days, and what is late there now."""

    org_id: UUID
    name: str
    asked: int
    answered: int
    accepted: int
    days: float | None
    late: int
    late_days: float | None


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """What is counted: of whom, how far back, of which kind of service."""

    org_id: UUID
    days: int
    category: str | None

    @property
    def back(self) -> timedelta:
        """The days as a span."""
        return timedelta(days=self.days)


async def stages(connection: Connection, of: Window) -> list[StageRow]:
    """Count how far they came, by kind of service, the most frequent first."""
    rows = await connection.fetch(Q.stages, of.org_id, of.back, of.category)
    return [StageRow(**dict(row)) for row in rows]


async def weeks(connection: Connection, of: Window) -> list[WeekRow]:
    """Give the median days by week, the oldest first."""
    rows = await connection.fetch(Q.weeks, of.org_id, of.back, of.category)
    return [WeekRow(**dict(row)) for row in rows]


async def ages(connection: Connection, of: Window) -> list[AgeRow]:
    """Count the open ones by age; those sent before the window count too."""
    rows = await connection.fetch(Q.ages, of.org_id, of.category)
    return [AgeRow(**dict(row)) for row in rows]


async def partners(connection: Connection, of: Window) -> list[PartnerRow]:
    """List partners, those with the most that is late first."""
    rows = await connection.fetch(Q.partners, of.org_id, of.back, of.category)
    return [PartnerRow(**dict(row)) for row in rows]


async def kinds(connection: Connection, org_id: UUID) -> list[str]:
    """List the kinds of service asked for lately."""
    return [str(row["category"]) for row in await connection.fetch(Q.kinds, org_id)]


READS = {"stages": StageRow, "weeks": WeekRow, "ages": AgeRow, "partners": PartnerRow}
