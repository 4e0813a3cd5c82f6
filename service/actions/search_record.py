"""Search the record: a privacy officer the organization's, everybody their own acts."""

from datetime import UTC, datetime
from uuid import UUID

import msgspec

from crypto import token
from crypto.faults import CannotOpen
from service import faults
from service.actions import permission
from service.actions.office import Office
from service.domain import policy
from service.domain.fhir_audit import Line
from service.domain.people import Actor
from service.domain.policy import Action, Purpose
from service.store import audit
from service.store.audit import Filter
from service.store.pool import Scope
from service.store.rows import AuditRow

_LAST = (datetime(9999, 1, 1, tzinfo=UTC), UUID(int=(1 << 128) - 1))


class Lines(msgspec.Struct, frozen=True, kw_only=True):
    """One page of the record, the newest first."""

    items: tuple[Line, ...]
    next: str | None


async def search_record(
    office: Office,
    actor: Actor,
    wanted: Filter,
    *,
    limit: int,
    after: str | None = None,
    request_id: str | None = None,
) -> Lines:
    """List lines; a look at others' acts is a line itself, committed first. Raises Invalid."""
    org_id, own = reach(actor)
    if own is not None:
        wanted = msgspec.structs.replace(wanted, member_id=own)
    scope = f"audit/{org_id}/{own or ''}"
    key = await office.keys.network_key("cursor")
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        found = await audit.search(
            connection,
            org_id,
            wanted,
            before=_place(key, after, scope=scope),
            limit=limit + 1,
        )
        if own is None:
            row = _note(org_id, "audit.read", wanted, count=len(found[:limit]))
            await audit.insert(connection, actor, row, request_id=request_id)
    shown = tuple(found[:limit])
    if len(found) <= limit:
        return Lines(items=shown, next=None)
    last = (shown[-1].at, str(shown[-1].id))
    return Lines(items=shown, next=token.seal_cursor(key, last, scope=scope))


MOST = 10_000
"""Lines that are handed out at once."""


async def hand_out(
    office: Office, actor: Actor, wanted: Filter, *, request_id: str | None = None
) -> tuple[Line, ...]:
    """Return all the lines that fit, the newest first; that they were is a line of its own.

    Raises Refused, and Invalid for more than can be handed out at once.
    """
    org_id, own = reach(actor)
    if own is not None:
        wanted = msgspec.structs.replace(wanted, member_id=own)
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        found = await audit.search(connection, org_id, wanted, before=_LAST, limit=MOST + 1)
        if len(found) > MOST:
            detail = "Choose a shorter time; the operator's `audit export` has no such limit."
            raise faults.Invalid(errors=[{"field": "from", "detail": detail}])
        row = _note(org_id, "audit.export", wanted, count=len(found))
        await audit.insert(connection, actor, row, request_id=request_id)
    return tuple(found)


def _note(org_id: UUID, action: str, wanted: Filter, *, count: int) -> AuditRow:
    return AuditRow(
        org_id=org_id,
        action=action,
        resource_id=wanted.about[0] if wanted.about else None,
        detail={"by": _used(wanted), "count": count},
    )


def reach(actor: Actor) -> tuple[UUID, UUID | None]:
    """Return whose record this caller may read, and whose acts of it alone; raises Refused."""
    if actor.org_id is None or actor.member_id is None:
        raise faults.Refused
    if sees_all(actor):
        return actor.org_id, None
    own = policy.Resource(org_id=actor.org_id, member_id=actor.member_id)
    permission.require(actor, Action.AUDIT_READ, resource=own)
    return actor.org_id, actor.member_id


def sees_all(actor: Actor) -> bool:
    """Say whether this caller reads the record of the whole organization."""
    resource = policy.Resource(org_id=actor.org_id)
    found = policy.decide(actor, Action.AUDIT_READ, resource=resource, purpose=Purpose.OVERSIGHT)
    return isinstance(found, policy.Allow)


def _used(wanted: Filter) -> list[str]:
    return [name for name, value in msgspec.structs.asdict(wanted).items() if value]


def _place(key: bytes, after: str | None, *, scope: str) -> tuple[datetime, UUID]:
    if after is None:
        return _LAST
    try:
        at, found = token.open_cursor(key, after, scope=scope, kind=tuple[datetime, str])
        return at, UUID(found)
    except (CannotOpen, ValueError):
        raise faults.Invalid(
            errors=[{"field": "after", "detail": "Use the `next` of the same list."}]
        ) from None
