"""A conversation that led to an order becomes part of it."""

from uuid import UUID

from service import faults
from service.actions.order_form import NewReferral
from service.domain import threads
from service.domain.people import Actor, SensitivityClass
from service.store import audit, rows, thread_work
from service.store.pool import Connection


async def turned(
    connection: Connection, actor: Actor, wish: NewReferral, *, referral_id: UUID
) -> None:
    """Hang the conversation that led to this order on it; who talks there stays the same.

    Raises Missing, Invalid, Refused.
    """
    if wish.thread_id is None or actor.org_id is None:
        return
    known = await thread_work.known(connection, wish.thread_id, org_id=actor.org_id)
    if known is None:
        raise faults.Missing
    if not threads.may_hang(SensitivityClass(known.sensitivity), referral=wish.sensitivity):
        raise faults.Invalid(errors=[{"field": "sensitivity", "detail": _OTHER_CLASS}])
    if not await thread_work.turn(
        connection, wish.thread_id, referral_id=referral_id, org_id=actor.org_id
    ):
        raise faults.Refused(_NOT_TO_TURN)
    row = rows.AuditRow(
        org_id=actor.org_id,
        action="thread.refer",
        resource_kind="thread",
        resource_id=wish.thread_id,
        sensitivity=known.sensitivity,
        detail={"referral_id": referral_id},
    )
    await audit.insert(connection, actor, row, request_id=wish.request_id)


_OTHER_CLASS = (
    "The conversation is of another class: write the order without it, and begin one on the order."
)

_NOT_TO_TURN = (
    "Only your own conversation, and once, becomes a referral, of the patient it is about."
)
