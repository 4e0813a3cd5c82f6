"""Work for people: list it, and say that it was done."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import msgspec

from crypto import token
from crypto.faults import CannotOpen
from service import faults
from service.actions import permission
from service.actions.office import Office
from service.domain import leg, waiting
from service.domain.people import Actor
from service.domain.policy import Action
from service.store import audit, referrals, tasks
from service.store.pool import Connection, Scope
from service.store.rows import AuditRow
from service.store.tasks import TaskCard, TaskRow, Which

_FIRST = (datetime(1970, 1, 1, tzinfo=UTC), UUID(int=0))
_TRIES = 3
Place = tuple[datetime, UUID]


OWN_DOOR = frozenset({"break_glass_review"})
"""Work that ends by an act of its own, and not by being called done."""


class Tasks(msgspec.Struct, frozen=True, kw_only=True):
    """One page of open work, the oldest first."""

    items: Sequence[TaskCard]
    next: str | None


async def page(
    office: Office,
    actor: Actor,
    *,
    limit: int,
    after: str | None = None,
    mine: bool = False,
    unassigned: bool = False,
    partner: UUID | None = None,
    request_id: str | None = None,
) -> Tasks:
    """List the open tasks of one's organization: `mine` are given to oneself, or about a partner.

    Which referrals they are about is recorded before it is told.
    """
    org_id, member_id = permission.own(actor, Action.TASK_LIST)
    whose = member_id if mine else "nobody" if unassigned else ""
    scope = f"human-tasks/{org_id}/{whose}/{partner or ''}"
    key = await office.keys.network_key("cursor")
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        found = await tasks.page(
            connection,
            org_id,
            after=_place(key, after, scope=scope),
            limit=limit + 1,
            which=Which(
                member_id=member_id if mine else None,
                unassigned=unassigned and not mine,
                about_org_id=partner,
            ),
        )
        shown = found[:limit]
        about = [task.referral_id for task in shown if task.referral_id is not None]
        if about:
            look = audit.Look(name="tasks", records=about)
            await audit.listed(connection, actor, look, request_id=request_id)
    if len(found) <= limit:
        return Tasks(items=shown, next=None)
    last = (shown[-1].opened_at, str(shown[-1].id))
    return Tasks(items=shown, next=token.seal_cursor(key, last, scope=scope))


async def unanswered(
    office: Office, actor: Actor, partner_id: UUID, *, limit: int, request_id: str | None = None
) -> list[tasks.UnansweredRow]:
    """List what one's own organization sent a partner that has not answered; that is recorded."""
    org_id, _ = permission.own(actor, Action.TASK_LIST)
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        found = await tasks.unanswered(
            connection,
            org_id,
            by=partner_id,
            states=[str(state) for state in leg.UNANSWERED],
            limit=limit,
        )
        if found:
            look = audit.Look(name="tasks", records=[row.referral_id for row in found])
            await audit.listed(connection, actor, look, request_id=request_id)
    return found


async def board(office: Office, actor: Actor, *, limit: int) -> list[tasks.BoardRow]:
    """Sum up the open work of one's organization, by kind and partner; it names no referral."""
    org_id, _ = permission.own(actor, Action.TASK_LIST)
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        return await tasks.board(connection, org_id, limit=limit)


def _place(key: bytes, after: str | None, *, scope: str) -> Place:
    if after is None:
        return _FIRST
    try:
        at, found = token.open_cursor(key, after, scope=scope, kind=tuple[datetime, str])
        return at, UUID(found)
    except (CannotOpen, ValueError):
        raise faults.Invalid(
            errors=[{"field": "after", "detail": "Use the `next` of the same list."}]
        ) from None


async def resolve(
    office: Office,
    actor: Actor,
    task_id: UUID,
    *,
    resolution: str,
    request_id: str | None = None,
) -> None:
    """Mark a task done; a clock it stood in for is wound up again in the same transaction.

    So that no open referral is left with nobody reminded of it. Raises Missing, Stale; done
    already is done.
    """
    org_id, member_id = permission.own(actor, Action.TASK_RESOLVE)
    for _ in range(_TRIES):
        async with office.db.transaction(Scope(org_id=org_id)) as connection:
            task = await tasks.fetch(connection, org_id, task_id=task_id)
            if task is None:
                raise faults.Missing
            if task.state != "open":
                return
            if task.kind in OWN_DOOR:
                raise faults.Refused("Review it where it is listed; that ends this work.")
            if not await _wind_up(connection, task):
                continue
            await tasks.resolve(
                connection, org_id, task_id=task_id, member_id=member_id, resolution=resolution
            )
            row = AuditRow(
                org_id=org_id,
                action="task.resolve",
                resource_kind="human_task",
                resource_id=task_id,
                detail={"kind": task.kind, "resolution": resolution},
            )
            await audit.insert(connection, actor, row, request_id=request_id)
            return
    raise faults.Stale


async def _wind_up(connection: Connection, task: TaskRow) -> bool:
    if task.referral_id is None:
        return True
    try:
        picture = await referrals.picture(connection, referral_id=task.referral_id)
    except faults.Missing:
        # No party of it any more: its clocks are somebody else's.
        return True
    goes = waiting.timer_of(task.kind, task.leg_id, picture.facts)
    left = tuple(each for each in picture.facts.timers if each != goes)
    facts = msgspec.structs.replace(picture.facts, timers=left)
    if not await tasks.hold(connection, task.referral_id, version=facts.version):
        return False
    if goes is not None:
        await tasks.stop(connection, [goes.id])
    await tasks.arm(connection, task.referral_id, timers=waiting.rearmed(facts, now=picture.now))
    return True
