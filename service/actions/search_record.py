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
    if actor.org_id is None or actor.member_id is None:
        raise faults.Refused
    whole = isinstance(_decided(actor), policy.Allow)
    if not whole:
        own = policy.Resource(org_id=actor.org_id, member_id=actor.member_id)
        permission.require(actor, Action.AUDIT_READ, resource=own)
        wanted = msgspec.structs.replace(wanted, member_id=actor.member_id)
    scope = f"audit/{actor.org_id}/{'' if whole else actor.member_id}"
    key = await office.keys.network_key("cursor")
    async with office.db.transaction(Scope(org_id=actor.org_id)) as connection:
        found = await audit.search(
            connection,
            actor.org_id,
            wanted,
            before=_place(key, after, scope=scope),
            limit=limit + 1,
        )
        if whole:
            row = AuditRow(
                org_id=actor.org_id,
                action="audit.read",
                resource_id=wanted.about,
                detail={"by": _used(wanted), "count": len(found[:limit])},
            )
            await audit.insert(connection, actor, row, request_id=request_id)
    shown = tuple(found[:limit])
    if len(found) <= limit:
        return Lines(items=shown, next=None)
    last = (shown[-1].at, str(shown[-1].id))
    return Lines(items=shown, next=token.seal_cursor(key, last, scope=scope))


def _decided(actor: Actor) -> policy.Allow | policy.Deny:
    resource = policy.Resource(org_id=actor.org_id)
    return policy.decide(actor, Action.AUDIT_READ, resource=resource, purpose=Purpose.OVERSIGHT)


def _used(wanted: Filter) -> list[str]:
    return [name for name, value in msgspec.structs.asdict(wanted).items() if value is not None]


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
