"""One's own side of a conversation: notes nobody else has, a draft, how far one has read."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

import msgspec

from crypto import padding
from crypto.sealed import Place
from service import faults
from service.actions import opening, thread_keys
from service.actions.office import Office
from service.actions.read_thread import note_place
from service.actions.send_message import resource_of
from service.domain import ids
from service.domain.people import Actor
from service.domain.policy import Action
from service.store import audit, idempotency, thread_work, threads
from service.store.pool import Connection, Scope
from service.store.rows import AuditRow, OnceRow
from service.store.thread_work import KnownRow


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody has begun to write."""

    text: str
    reply_to: UUID | None
    saved_at: datetime


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A draft as it is sealed: with whose it is, so that rows cannot be exchanged."""

    member_id: UUID
    text: str
    reply_to: UUID | None = None


async def write_note(
    office: Office,
    actor: Actor,
    thread_id: UUID,
    *,
    text: str,
    once: OnceRow | None = None,
    request_id: str | None = None,
) -> UUID:
    """Keep a note that only this organization has a key and a row for; raises Missing, Refused."""
    note_id = ids.new_id()
    async with _known(office, actor, thread_id, action=Action.THREAD_WRITE) as (connection, thread):
        assert actor.org_id is not None
        sealed = await office.keys.seal_field(
            actor.org_id,
            padding.pad(text.encode()),
            place=note_place(note_id, actor.org_id),
        )
        await thread_work.add_note(connection, actor, thread_id, note_id=note_id, sealed=sealed)
        row = _audited(actor, "thread.note", thread, note=note_id)
        await audit.insert(connection, actor, row, request_id=request_id)
        if once is not None:
            await idempotency.spend(connection, once, resource_id=note_id)
    return note_id


async def keep_draft(
    office: Office, actor: Actor, thread_id: UUID, *, text: str, reply_to: UUID | None = None
) -> None:
    """Keep what somebody has begun to write; nothing at all takes the draft away."""
    async with _known(office, actor, thread_id, action=Action.THREAD_WRITE) as (connection, _):
        if not text:
            await thread_work.drop_draft(connection, actor, thread_id)
            return
        assert actor.member_id is not None
        kept = _Kept(member_id=actor.member_id, text=text, reply_to=reply_to)
        sealed = await office.keys.seal_field(
            actor.org_id,
            padding.pad(msgspec.json.encode(kept)),
            place=_draft_place(actor, thread_id),
        )
        await thread_work.keep_draft(connection, actor, thread_id, sealed=sealed)


async def read_draft(office: Office, actor: Actor, thread_id: UUID) -> Draft | None:
    """Return one's own draft; one whose key is gone is none."""
    async with _known(office, actor, thread_id, action=Action.THREAD_WRITE) as (connection, thread):
        row = await thread_work.draft(connection, actor, thread_id)
        if row is None:
            return None
        await audit.insert(connection, actor, _audited(actor, "draft.read", thread))
    try:
        raw = await office.keys.open_field(
            actor.org_id, row.sealed, place=_draft_place(actor, thread_id)
        )
        kept = msgspec.json.decode(padding.unpad(raw), type=_Kept)
    except thread_keys.GONE:
        return None
    if kept.member_id != actor.member_id:
        return None
    return Draft(text=kept.text, reply_to=kept.reply_to, saved_at=row.saved_at)


async def mark(office: Office, actor: Actor, thread_id: UUID, *, read_seq: int) -> int:
    """Say how far one has read, back or forth; the number that holds then."""
    async with _known(office, actor, thread_id, action=Action.THREAD_READ) as (connection, thread):
        seq = max(0, min(read_seq, thread.last_seq))
        await threads.read_up_to(connection, thread_id, actor, seq=seq)
    return seq


@asynccontextmanager
async def _known(
    office: Office, actor: Actor, thread_id: UUID, *, action: Action
) -> AsyncIterator[tuple[Connection, KnownRow]]:
    """Find a thread of one's own organization and ask the policy; raises Missing, Refused."""
    if actor.org_id is None or actor.member_id is None:
        raise faults.Missing
    async with office.db.transaction(Scope(org_id=actor.org_id)) as connection:
        found = await thread_work.known(connection, thread_id, org_id=actor.org_id)
        if found is None:
            raise faults.Missing
        if opening.obligations(actor, action, resource_of(actor, found)) is None:
            raise faults.Refused
        yield connection, found


def _draft_place(actor: Actor, thread_id: UUID) -> Place:
    return Place(table="message_draft", column="sealed", row_id=thread_id, org_id=actor.org_id)


def _audited(actor: Actor, action: str, thread: KnownRow, **detail: object) -> AuditRow:
    return AuditRow(
        org_id=actor.org_id,
        action=action,
        resource_kind="thread",
        resource_id=thread.id,
        sensitivity=thread.sensitivity,
        detail=detail,
    )
