"""What the referrals of a period add to the rates."""

from datetime import datetime
from uuid import UUID

import msgspec

from service.store import queries
from service.store.pool import Connection

Q = queries.load("rates")


class CountedRow(msgspec.Struct, frozen=True, kw_only=True):
    """What one referral adds to the rates."""

    sent: bool
    void: bool
    withdrawn_unanswered: bool
    answered: bool
    disposition: str | None
    need_met: str | None


async def counted(
    connection: Connection,
    org_id: UUID,
    *,
    since: datetime,
    until: datetime,
    category: str | None = None,
) -> list[CountedRow]:
    """Read what the referrals sent in a period add to the rates, of one kind or of all."""
    rows = await connection.fetch(Q.counted, org_id, since, until, category)
    return [CountedRow(**dict(row)) for row in rows]


READS = {"counted": CountedRow}
