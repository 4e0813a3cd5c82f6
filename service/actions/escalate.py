"""Move a loop that nobody answers to a coordinator: the owner changes, by a step of the clock."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from service import faults
from service.domain import assignment, decide
from service.domain.assignment import Candidate, Case
from service.domain.details import Details
from service.domain.people import Actor, ActorKind, Source
from service.domain.plan import Act
from service.domain.rules import Machine, Party, Step
from service.store import ladder, referrals, rows
from service.store.pool import Connection
from service.store.timers import Waited


class Owner(msgspec.Struct, frozen=True, kw_only=True):
    """Who answers for a loop."""

    org_id: UUID
    member_id: UUID


async def move(connection: Connection, waited: Waited) -> Owner:
    """Move the ownership of a loop in the transaction that fires its timer; return who has it.

    It stays where it is if a coordinator has it already, or may not know of it, or none is there.
    Raises Stale where a step was first.
    """
    now = Owner(org_id=waited.owner_org_id, member_id=waited.owner_member_id)
    if waited.kept or waited.cco_org_id is None or waited.owner_org_id == waited.cco_org_id:
        return now
    pool = await ladder.pool(connection, waited.cco_org_id)
    member_id = _still_there(pool, waited.moves_to_member_id)
    if member_id is None:
        return now
    await _step(connection, waited, cco_org_id=waited.cco_org_id, member_id=member_id)
    return Owner(org_id=waited.cco_org_id, member_id=member_id)


def _still_there(pool: Sequence[Candidate], planned: UUID | None) -> UUID | None:
    """Return whom the timer promised, unless they are away or gone by now."""
    if any(each.id == planned and not each.away for each in pool):
        return planned
    return assignment.chosen(pool, Case())


async def _step(
    connection: Connection, waited: Waited, *, cco_org_id: UUID, member_id: UUID
) -> None:
    picture = await referrals.picture(connection, referral_id=waited.referral_id)
    act = Act(
        machine=Machine.REFERRAL,
        step=Step.ESCALATE,
        parties=(Party.CLOCK,),
        now=picture.now,
        details=Details(owner_member_id=member_id),
    )
    plan = decide.decide(picture.facts, act)
    event = plan.acted[0]
    step = rows.StepRows(
        actor=Actor(kind=ActorKind.CLOCK, org_id=cco_org_id),
        source=Source.API,
        now=picture.now,
        detail={
            "clock": waited.clock,
            "from": str(waited.owner_member_id),
            "to": str(member_id),
        },
        audits=(
            rows.AuditRow(
                org_id=cco_org_id,
                action=f"step.{Step.ESCALATE}",
                resource_kind="referral",
                resource_id=waited.referral_id,
                sensitivity=picture.facts.sensitivity,
                detail={"rule": event.rule.id, "party": event.rule.party, "seq": event.seq},
            ),
        ),
    )
    if not await referrals.write_step(connection, plan, step):
        raise faults.Stale


async def plan_ahead(connection: Connection, cco_org_id: UUID, *, limit: int) -> int:
    """Say of timers that were armed to whom they will move; return how many were looked at."""
    found = await ladder.unplanned(connection, cco_org_id, limit=limit)
    if not found:
        return 0
    pool = await ladder.pool(connection, cco_org_id)
    chosen: list[tuple[UUID, UUID | None]] = []
    for each in found:
        member_id = assignment.chosen(pool, each.case) if each.moves else None
        pool = assignment.laden(pool, member_id)
        chosen.append((each.id, member_id))
    await ladder.planned(connection, chosen)
    return len(found)
