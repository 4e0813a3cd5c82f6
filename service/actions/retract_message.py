"""Take a message back: its key is withdrawn here and now, a tombstone stays, and people are told.

Whoever had it opened before cannot forget it; so the answer lists them, and a privacy officer of
each organization that takes part gets the task to look into it.
"""

from uuid import UUID

import msgspec

from service import faults
from service.actions import permission, thread_keys
from service.actions.office import Office
from service.actions.send_message import resource_of, standing
from service.actions.start_thread import audited
from service.domain import policy
from service.domain.effects import EffectKind
from service.domain.people import Actor
from service.domain.threads import RetractReason
from service.store import break_glass, personal_mails, thread_work, thread_writes
from service.store.pool import Connection, Scope
from service.store.thread_work import MessageHead, ReaderRow
from service.store.thread_writes import RetractRow, TaskRow, ThreadRows
from service.store.threads import Standing


class Retraction(msgspec.Struct, frozen=True, kw_only=True):
    """Which message, why (coded), and in words for those who take part."""

    thread_id: UUID
    message_id: UUID
    reason: RetractReason
    comment: str = ""
    request_id: str | None = None


async def retract_message(office: Office, actor: Actor, wish: Retraction) -> list[ReaderRow]:
    """Withdraw a message and return who had it opened; a second time changes nothing.

    Raises Missing (also of another organization), Refused, Held, Busy.
    """
    async with office.db.transaction(Scope(org_id=actor.org_id)) as connection:
        thread = await standing(connection, actor, wish.thread_id)
        message = await _own(connection, actor, thread, wish.message_id)
        readers = await thread_work.readers(connection, thread.id, seq=message.seq)
        if message.retracted_at is None:
            act = await _rows(office, connection, actor, thread, wish=wish)
            if await thread_writes.write(connection, act) is None:
                raise faults.Busy(retry_after=1)
            await _write_to_officers(connection, thread)
    return readers


async def _write_to_officers(connection: Connection, thread: Standing) -> None:
    """Queue a mail to whoever keeps the privacy of each organization that takes part."""
    for org_id in thread.org_ids:
        for member_id in await break_glass.officers(connection, org_id):
            await personal_mails.queue(
                connection, EffectKind.TAKEN_BACK, org_id=org_id, member_id=member_id
            )


async def _own(
    connection: Connection, actor: Actor, thread: Standing, message_id: UUID
) -> MessageHead:
    """Find a message of the actor's own side, or raise what they may hear."""
    found = await thread_work.message(connection, thread.id, message_id=message_id)
    if found is None:
        raise faults.Missing
    resource = msgspec.structs.replace(resource_of(actor, thread), org_id=found.author_org_id)
    permission.require(actor, policy.Action.MESSAGE_RETRACT, resource=resource)
    if found.held:
        raise faults.Held
    return found


async def _rows(
    office: Office,
    connection: Connection,
    actor: Actor,
    thread: Standing,
    *,
    wish: Retraction,
) -> ThreadRows:
    assert actor.org_id is not None
    seen = await thread_keys.writing(office, thread, actor.org_id)
    comment = None
    if wish.comment:
        comment = await thread_keys.sealed(
            office,
            seen.own,
            {"comment": wish.comment},
            message_id=wish.message_id,
            holders=seen.holders,
            now=thread.now,
        )
    officers = await thread_work.officers(connection, thread.org_ids)
    return ThreadRows(
        thread_id=thread.id,
        actor=actor,
        now=thread.now,
        circle=thread.circle,
        request_id=wish.request_id,
        referral_id=thread.referral_id,
        epochs=seen.epochs,
        seals=seen.seals,
        disclosures=seen.disclosures,
        retracts=(_retract(actor, wish, comment),),
        tasks=tuple(_task(thread, org_id, officers.get(org_id), wish) for org_id in thread.org_ids),
        audits=(
            audited(actor, "message.retract", thread, message=wish.message_id, reason=wish.reason),
        ),
    )


def _retract(actor: Actor, wish: Retraction, comment: bytes | None) -> RetractRow:
    assert actor.org_id is not None
    assert actor.member_id is not None
    return RetractRow(
        id=wish.message_id,
        retracted_by_org_id=actor.org_id,
        retracted_by_member_id=actor.member_id,
        retract_reason=wish.reason,
        retract_sealed=comment,
    )


def _task(thread: Standing, org_id: UUID, officer: UUID | None, wish: Retraction) -> TaskRow:
    return TaskRow(
        kind="message_retracted",
        org_id=org_id,
        member_id=officer,
        referral_id=None,
        reason=wish.reason,
    )
