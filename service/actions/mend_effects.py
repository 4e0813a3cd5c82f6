"""Effects that are stuck, before a person: list them, try one again, give one up.

An effect that is tried again is the same mail: its delivery keeps words, date and Message-ID. Each
act is a line of the record, in its own transaction.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

from service import faults
from service.actions import permission
from service.actions.office import Office
from service.domain import policy
from service.domain.people import Actor
from service.domain.policy import Action, Resource
from service.domain.sms_weights import Weights
from service.store import audit, sms, stuck
from service.store.pool import Connection, Scope
from service.store.rows import AuditRow
from service.store.stuck import StuckRow, Wanted

_NETWORK = Scope(network=True)


class InHand(faults.Fault):
    """A courier is carrying it just now."""

    kind, slug = faults.Kind.CONFLICT, "effect-in-hand"
    advice = "Wait a minute and look again."


class PastItsTime(faults.Fault):
    """What it says is not true any more: its time is over."""

    kind, slug = faults.Kind.CONFLICT, "effect-past-its-time"
    advice = "Give it up; whoever needs it asks for another."


def may_mend(actor: Actor) -> bool:
    """Say whether somebody is shown the way to what is stuck."""
    answer = policy.decide(actor, Action.OUTBOX_MEND, resource=Resource(org_id=actor.org_id))
    return isinstance(answer, policy.Allow)


async def providers(office: Office, actor: Actor, names: Sequence[str]) -> Weights:
    """Say how the providers of texts stand that the settings name."""
    permission.require(actor, Action.OUTBOX_MEND, resource=Resource(org_id=actor.org_id))
    async with office.db.transaction(_NETWORK) as connection:
        return await sms.weights(connection, names)


async def list_stuck(office: Office, actor: Actor, wanted: Wanted, *, limit: int) -> list[StuckRow]:
    """List what is stuck, the oldest first."""
    permission.require(actor, Action.OUTBOX_MEND, resource=Resource(org_id=actor.org_id))
    async with office.db.transaction(_NETWORK) as connection:
        return await stuck.listed(connection, wanted, limit=limit)


async def retry(
    office: Office, actor: Actor, effect_id: UUID, *, request_id: str | None = None
) -> None:
    """Let an effect go out now, as if it were new; raises Missing, InHand, PastItsTime."""
    await _mend(office, actor, effect_id, act="retry", request_id=request_id)


async def give_up(
    office: Office, actor: Actor, effect_id: UUID, *, request_id: str | None = None
) -> None:
    """End an effect for good, with its task; raises Missing, InHand."""
    await _mend(office, actor, effect_id, act="give_up", request_id=request_id)


_ACTS: dict[str, Callable[..., Awaitable[None]]] = {"retry": stuck.retry, "give_up": stuck.give_up}


async def _mend(
    office: Office, actor: Actor, effect_id: UUID, *, act: str, request_id: str | None
) -> None:
    permission.require(actor, Action.OUTBOX_MEND, resource=Resource(org_id=actor.org_id))
    async with office.db.transaction(_NETWORK) as connection:
        held = await _held(connection, effect_id)
        if act == "retry" and held.expired:
            raise PastItsTime
        await _ACTS[act](connection, effect_id, member_id=actor.member_id)
        detail: dict[str, Any] = {"kind": held.kind, "was": held.state}
        row = AuditRow(
            org_id=actor.org_id,
            action=f"effect.{act}",
            resource_kind="effect",
            resource_id=effect_id,
            detail=detail,
        )
        await audit.insert(connection, actor, row, request_id=request_id)


async def _held(connection: Connection, effect_id: UUID) -> stuck.HeldRow:
    held = await stuck.hold(connection, effect_id)
    if held is None:
        raise faults.Missing
    if held.in_hand:
        raise InHand
    return held
