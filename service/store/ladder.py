"""The rungs of a timer in the store: who else is told, to whom it moves, what work it opens."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from service.domain import ids
from service.domain.assignment import Candidate, Case
from service.domain.effects import EffectKind
from service.store import queries
from service.store.pool import Connection
from service.store.timers import Waited

Q = queries.load("ladder")


class Unplanned(msgspec.Struct, frozen=True, kw_only=True):
    """A timer nobody was chosen for yet; `moves` says whether it is to move at all."""

    id: UUID
    moves: bool
    partners: frozenset[UUID]
    areas: frozenset[str]
    language: str | None

    @property
    def case(self) -> Case:
        """What the rules of assignment look at."""
        return Case(areas=self.areas, language=self.language, partners=self.partners)


async def hold(connection: Connection, referral_id: UUID) -> None:
    """Lock a referral before its timer, as a step does."""
    await connection.execute(Q.hold, referral_id)


async def climbed(connection: Connection, timer_id: UUID, *, rung: int, due_at: datetime) -> None:
    """Let a timer wait on its next rung."""
    await connection.execute(Q.climbed, timer_id, rung, due_at)


async def second(connection: Connection, org_id: UUID, *, first: UUID | None) -> UUID | None:
    """Find somebody else at an organization than who was asked first."""
    found: UUID | None = await connection.fetchval(Q.second, org_id, first)
    return found


async def tell(
    connection: Connection, kind: EffectKind, waited: Waited, *, org_id: UUID, member_id: UUID
) -> None:
    """Queue a word about a clock to one person."""
    about = (waited.referral_id, waited.leg_id, org_id, member_id, waited.clock)
    await connection.execute(Q.tell, ids.new_id(), kind, *about)


async def open_task(
    connection: Connection,
    kind: str,
    waited: Waited,
    *,
    org_id: UUID,
    member_id: UUID,
    due_at: datetime,
) -> None:
    """Open the work that goes with a clock for whoever answers for the loop."""
    await connection.execute(
        Q.open_task,
        ids.new_id(),
        kind,
        org_id,
        member_id,
        waited.referral_id,
        waited.leg_id,
        waited.turn_org_id,
        f"{waited.clock}_overdue",
        due_at,
    )


async def above(connection: Connection, org_id: UUID, *, owner: UUID) -> list[UUID]:
    """List who is over an owner."""
    return [row["id"] for row in await connection.fetch(Q.above, org_id, owner)]


async def pool(connection: Connection, org_id: UUID) -> list[Candidate]:
    """List who of the coordinating organization may take over."""
    rows = await connection.fetch(Q.pool, org_id)
    return [msgspec.convert(dict(row), Candidate, strict=False) for row in rows]


async def unplanned(connection: Connection, org_id: UUID, *, limit: int) -> list[Unplanned]:
    """Lock timers of which nobody has said yet to whom they move."""
    rows = await connection.fetch(Q.unplanned, org_id, limit)
    return [msgspec.convert(dict(row), Unplanned, strict=False) for row in rows]


async def planned(connection: Connection, chosen: Sequence[tuple[UUID, UUID | None]]) -> None:
    """Write down to whom timers move."""
    await connection.execute(Q.planned, [each for each, _ in chosen], [who for _, who in chosen])


READS = {"pool": Candidate, "unplanned": Unplanned}
"""Which Struct the columns of a query feed; a test compares them."""
