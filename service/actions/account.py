"""The accounting of disclosures: what was told of a patient, to whom, on which basis.

Every row was written with the seal that told it, so that nothing has to be remembered. Uses inside
the organization, printing among them, are no disclosures: the record of looks has those.
Source: 45 CFR 164.528, six years back; 42 CFR 2.25.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import msgspec

from crypto import token
from crypto.faults import CannotOpen
from service import faults
from service.actions import permission
from service.actions.office import Office
from service.domain import policy
from service.domain.people import Actor
from service.store import audit, disclosures, patients
from service.store import pool as pools
from service.store.disclosures import Disclosed
from service.store.pool import Scope
from service.store.rows import AuditRow

YEARS = 6
"""How far back an account goes unless it is asked for less or more."""

_LAST = (datetime(9999, 1, 1, tzinfo=UTC), UUID(int=(1 << 128) - 1))
Place = tuple[datetime, UUID]


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """One page of an account, the newest first, and since when it counts."""

    items: Sequence[Disclosed]
    next: str | None
    since: datetime
    now: datetime


async def account(
    office: Office,
    actor: Actor,
    *,
    patient_id: UUID,
    since: datetime | None = None,
    limit: int = 50,
    after: str | None = None,
    request_id: str | None = None,
) -> Account:
    """Record the look and list what was told; raises Missing, Refused, Invalid."""
    org_id, _ = permission.own(actor, policy.Action.DISCLOSURE_LIST)
    scope = f"disclosures/{org_id}/{patient_id}"
    key = await office.keys.network_key("cursor")
    before = _place(key, after, scope=scope)
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        await patients.fetch(connection, org_id, patient_id=patient_id)
        now = await pools.now(connection)
        wanted = disclosures.Wanted(
            patient_id=patient_id,
            since=since or _years_before(now),
            before=before,
            limit=limit + 1,
        )
        found = await disclosures.page(connection, org_id, wanted)
        row = _line(org_id, patient_id, rows=min(len(found), limit))
        await audit.insert(connection, actor, row, request_id=request_id)
    shown = found[:limit]
    following = None
    if len(found) > limit:
        last = (shown[-1].disclosed_at, str(shown[-1].id))
        following = token.seal_cursor(key, last, scope=scope)
    return Account(items=shown, next=following, since=wanted.since, now=now)


def _line(org_id: UUID, patient_id: UUID, *, rows: int) -> AuditRow:
    return AuditRow(
        org_id=org_id,
        action="disclosure.list",
        resource_kind="patient",
        resource_id=patient_id,
        detail={"rows": rows},
    )


def _years_before(now: datetime) -> datetime:
    try:
        return now.replace(year=now.year - YEARS)
    except ValueError:
        # The 29th of February has no namesake then; a day more is told rather than less.
        return now.replace(year=now.year - YEARS, day=28)


def _place(key: bytes, after: str | None, *, scope: str) -> Place:
    if after is None:
        return _LAST
    try:
        at, found = token.open_cursor(key, after, scope=scope, kind=tuple[datetime, str])
        return at, UUID(found)
    except (CannotOpen, ValueError):
        raise faults.Invalid(
            errors=[{"field": "after", "detail": "Use the `next` of the same list."}]
        ) from None
