"""The record of looks and acts that are no steps; steps write theirs in their own statement."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import msgspec

from service.domain import ids
from service.domain.fhir_audit import Line
from service.domain.people import Actor
from service.store import queries
from service.store.pool import Connection
from service.store.rows import AuditRow

Q = queries.load("audit")


async def insert(
    connection: Connection,
    actor: Actor,
    row: AuditRow,
    *,
    outcome: str = "done",
    request_id: str | None = None,
) -> None:
    """Write one line in the transaction of the act itself, before anything of it is told."""
    await connection.execute(
        Q.insert,
        ids.new_id(),
        row.org_id,
        actor.kind,
        actor.org_id,
        actor.member_id,
        actor.api_key_id,
        actor.link_id,
        actor.worker_id,
        row.action,
        outcome,
        row.resource_kind,
        row.resource_id,
        row.sensitivity,
        request_id or actor.request_id,
        row.detail,
    )


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """A look at a list: which act it is, which list of several, what it named, what was owed.

    `glass`: the emergency access that opened some of it.
    """

    action: str = "referral.list"
    name: str
    records: Iterable[UUID]
    owed: Iterable[str] = ()
    glass: UUID | None = None


async def listed(
    connection: Connection, actor: Actor, look: Look, *, request_id: str | None = None
) -> None:
    """Write that a member was shown these records in a list, once for one that stays the same.

    A page that is fetched again and again to stay fresh shows nothing new; one record more,
    another session or a quarter of an hour makes it a look of its own.
    """
    caller = actor.api_key_id or actor.session_id
    await connection.execute(
        Q.listed,
        ids.new_id(),
        actor.org_id,
        actor.kind,
        actor.member_id,
        actor.api_key_id,
        request_id or actor.request_id,
        look.action,
        {
            "list": look.name,
            "caller": str(caller) if caller else None,
            "records": sorted({str(each) for each in look.records}),
        }
        | ({"owed": owed} if (owed := sorted(look.owed)) else {})
        | ({"break_glass": str(look.glass)} if look.glass is not None else {}),
    )


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """Which lines are looked for; `about` are records of which they name one, in a list too."""

    member_id: UUID | None = None
    action: str | None = None
    about: tuple[UUID, ...] = ()
    since: datetime | None = None
    until: datetime | None = None


async def search(
    connection: Connection,
    org_id: UUID,
    wanted: Filter,
    *,
    before: tuple[datetime, UUID],
    limit: int,
) -> list[Line]:
    """List the lines of an organization that fit, the newest first."""
    rows = await connection.fetch(
        Q.search,
        org_id,
        *before,
        wanted.member_id,
        wanted.action,
        list(wanted.about),
        wanted.since,
        wanted.until,
        limit,
    )
    return [Line(**dict(row)) for row in rows]


READS = {"search": Line}
"""Which Struct the columns of a query feed; a test compares them."""
