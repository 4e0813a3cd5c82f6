"""Say something in a thread: one read, the words sealed to who takes part, one statement."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from crypto.keys import SealRow
from service import faults
from service.actions import files, permission, share_files, thread_keys
from service.actions.office import Office
from service.actions.start_thread import Said, audited
from service.domain import ids, policy
from service.domain import threads as rules
from service.domain.people import Actor, ActorKind, SensitivityClass
from service.store import attachments, consents, rows, thread_writes, threads
from service.store.pool import Connection, Scope
from service.store.thread_writes import MessageRow, ThreadRows
from service.store.threads import Standing

TRIES = 3
"""How often words that met a change of the circle are sealed again for the new one."""


class NewMessage(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody says in a thread, and to which message it is the answer."""

    thread_id: UUID
    text: str
    reply_to: UUID | None = None
    once: rows.OnceRow | None = None
    request_id: str | None = None
    worker_id: UUID | None = None
    files: tuple[UUID, ...] = ()


async def send_message(office: Office, actor: Actor, wish: NewMessage) -> Said:
    """Seal and store a message; where somebody joined or left meanwhile, it is sealed again.

    Raises Missing, Refused, Invalid, NoLongerReadable, Busy; nothing is half stored.
    """
    for _ in range(TRIES):
        said = await _try(office, actor, wish)
        if said is not None:
            return said
    raise faults.Busy(retry_after=1)


async def _try(office: Office, actor: Actor, wish: NewMessage) -> Said | None:
    async with office.db.transaction(Scope(org_id=actor.org_id)) as connection:
        thread = await speaking(connection, actor, wish.thread_id, reply_to=wish.reply_to)
        permission.require(actor, action_of(actor), resource=resource_of(actor, thread))
        if not thread.reply_known:
            raise faults.Invalid(
                errors=[{"field": "reply_to", "detail": "Name a message of this thread."}]
            )
        await files.take_along(connection, actor, thread.id, wanted=wish.files)
        act = await _rows(office, connection, actor, wish, thread=thread)
        written = await thread_writes.write(connection, act)
        if written is None or act.message is None:
            return None
    return Said(
        thread_id=thread.id,
        reference=thread.reference,
        message_id=act.message.id,
        seq=written.last_seq,
        version=written.version,
    )


async def standing(
    connection: Connection, actor: Actor, thread_id: UUID, *, reply_to: UUID | None = None
) -> Standing:
    """Read a thread to write in it; raises Missing where it is not this organization's."""
    if actor.org_id is None:
        raise faults.Missing
    found = await threads.standing(connection, thread_id, actor, reply_to=reply_to)
    if found is None:
        raise faults.Missing
    return found


async def speaking(
    connection: Connection, actor: Actor, thread_id: UUID, *, reply_to: UUID | None = None
) -> Standing:
    """Read a thread to say something in it; whose consent has run out is out from here on.

    Raises Missing where it is not this organization's, Invalid where its own has run out.
    """
    thread = await standing(connection, actor, thread_id, reply_to=reply_to)
    over = {each.consent_id for each in thread.parties if each.consent_id and each.over}
    if not over:
        return thread
    if any(each.over for each in thread.parties if each.org_id == actor.org_id):
        raise faults.Invalid(errors=[{"field": "text", "detail": _EXPIRED}])
    await consents.run_out(
        connection, thread.id, owner_org_id=thread.owner_org_id, consent_ids=over
    )
    return await standing(connection, actor, thread_id, reply_to=reply_to)


_EXPIRED = "The consent on which your organization takes part here has expired."


def action_of(actor: Actor) -> policy.Action:
    """Name what writing is to the policy: by link it asks for more."""
    link = actor.kind is ActorKind.LINK
    return policy.Action.LINK_TALK if link else policy.Action.THREAD_WRITE


def resource_of(actor: Actor, thread: Any) -> policy.Resource:
    """Say what a thread, which the store has found to be theirs, is to the policy."""
    return policy.Resource(
        org_id=actor.org_id,
        link_id=actor.link_id,
        sensitivity=SensitivityClass(thread.sensitivity),
        participant=True,
    )


async def _rows(
    office: Office, connection: Connection, actor: Actor, wish: NewMessage, *, thread: Standing
) -> ThreadRows:
    assert actor.org_id is not None
    seen = await thread_keys.writing(office, thread, actor.org_id)
    message_id = ids.new_id()
    envelope = await thread_keys.sealed(
        office,
        seen.own,
        {"text": wish.text},
        message_id=message_id,
        holders=seen.holders,
        now=thread.now,
    )
    return ThreadRows(
        thread_id=thread.id,
        actor=actor,
        now=thread.now,
        circle=thread.circle,
        request_id=wish.request_id,
        worker_id=wish.worker_id,
        referral_id=thread.referral_id,
        members=_joins(actor, thread),
        epochs=seen.epochs,
        seals=seen.seals,
        disclosures=seen.disclosures,
        message=_message(actor, wish, message_id=message_id, own=seen.own, envelope=envelope),
        files=wish.files,
        file_copies=await _shared(office, connection, actor, wish, seen=seen, now=thread.now),
        drafts=(actor.member_id,) if thread.drafted and actor.member_id else (),
        told=rules.audience(thread.parties, thread.members, author=(actor.org_id, actor.member_id)),
        audits=(audited(actor, "message.send", thread, message=message_id),),
        once=_spent(wish.once, message_id),
    )


async def _shared(
    office: Office,
    connection: Connection,
    actor: Actor,
    wish: NewMessage,
    *,
    seen: thread_keys.Writing,
    now: datetime,
) -> tuple[rows.FileCopyRow, ...]:
    """Share files that were uploaded before the circle changed with who reads this message."""
    if not wish.files or actor.org_id is None:
        return ()
    found = await attachments.visible(connection, actor.org_id, ids=wish.files)
    return await share_files.shared(office, found, to=seen.own, holders=seen.holders, now=now)


def _message(
    actor: Actor, wish: NewMessage, *, message_id: UUID, own: SealRow, envelope: bytes
) -> MessageRow:
    assert actor.org_id is not None
    return MessageRow(
        id=message_id,
        sensitivity=own.sensitivity,
        epoch=own.epoch,
        envelope=envelope,
        author_org_id=actor.org_id,
        author_member_id=actor.member_id,
        link_id=actor.link_id,
        worker_id=wish.worker_id,
        reply_to=wish.reply_to,
    )


def _joins(actor: Actor, thread: Standing) -> tuple[tuple[UUID, UUID], ...]:
    """Whoever speaks is told of the answers from then on."""
    me = (actor.org_id, actor.member_id)
    if actor.org_id is None or actor.member_id is None or me in thread.members:
        return ()
    return ((actor.org_id, actor.member_id),)


def _spent(once: rows.OnceRow | None, message_id: UUID) -> rows.OnceRow | None:
    return msgspec.structs.replace(once, resource_id=message_id) if once else None
