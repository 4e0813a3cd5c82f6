"""The statement of an act on a thread: one guard, and the parts it has rows for.

The same way as a step of a referral, with one difference: what only adds words does not race. The
guard is the circle (who takes part, which epoch is open), and the number comes from its lock.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from crypto.keys import SealRow
from service import faults
from service.domain import ids
from service.domain.people import Actor
from service.domain.threads import Told
from service.store import queries, rows
from service.store.pool import Connection
from service.store.referrals import KeyUsed
from service.store.rows import AuditRow, DisclosureRow, EpochRow, FileCopyRow, OnceRow

Q = queries.load("saying")
PARTS = queries.parts("thread_writes") | queries.parts("file_binding")

_ROWS = {
    "new_parties": ("parties",),
    "touched": ("messages",),
    "ended_parties": ("leaves",),
    "ended_members": ("leaves", "unnamed"),
    "new_members": ("members",),
    "closed_epochs": ("leaves", "epochs"),
    "new_epochs": ("epochs",),
    "new_seals": ("seals",),
    "new_disclosures": ("disclosures",),
    "new_titles": ("titles",),
    "new_messages": ("messages",),
    "own_words_read": ("messages",),
    "spent_drafts": ("drafts",),
    "retracted": ("retracts",),
    "retracted_copies": ("retracts",),
    "new_copies": ("copies",),
    "new_file_copies": ("file_copies",),
    "bound_files": ("bound",),
    "withdrawn_files": ("retracts",),
    "withdrawn_copies": ("retracts",),
    "new_effects": ("effects",),
    "new_tasks": ("tasks",),
    "new_audits": ("audits",),
    "new_key": ("idempotency",),
}
"""Which fields of the document a part writes; where all are empty the part is left out."""


class MessageRow(msgspec.Struct, frozen=True, kw_only=True):
    """One sealed message; its number is given when it is written."""

    id: UUID
    sensitivity: str
    epoch: int
    envelope: bytes
    author_org_id: UUID
    author_member_id: UUID | None = None
    link_id: UUID | None = None
    worker_id: UUID | None = None
    reply_to: UUID | None = None


class TitleRow(msgspec.Struct, frozen=True, kw_only=True):
    """What a thread is called, sealed in one epoch."""

    id: UUID
    sensitivity: str
    epoch: int
    envelope: bytes
    author_org_id: UUID


class PartyRow(msgspec.Struct, frozen=True, kw_only=True):
    """An organization that is let in; without `from_seq` it sees what is said from now on."""

    org_id: UUID
    from_seq: int | None = None
    referral_id: UUID | None = None
    leg_id: UUID | None = None
    admitted_by_org_id: UUID | None = None
    admitted_by_member_id: UUID | None = None
    basis: str | None = None
    consent_id: UUID | None = None


class CopyRow(msgspec.Struct, frozen=True, kw_only=True):
    """An older message sealed once more, for those whom its epoch's own key is not given."""

    id: UUID
    message_id: UUID
    seq: int
    sensitivity: str
    epoch: int
    envelope: bytes
    author_org_id: UUID


class RetractRow(msgspec.Struct, frozen=True, kw_only=True):
    """A message that is taken back: who, why, and words about it for those who take part."""

    id: UUID
    retracted_by_org_id: UUID
    retracted_by_member_id: UUID
    retract_reason: str
    retract_sealed: bytes | None = None


class TaskRow(msgspec.Struct, frozen=True, kw_only=True):
    """Work for a person that an act on a thread causes."""

    kind: str
    org_id: UUID
    reason: str
    member_id: UUID | None = None
    about_org_id: UUID | None = None
    referral_id: UUID | None = None


class ThreadRows(msgspec.Struct, frozen=True, kw_only=True):
    """Everything one act writes; `thread` are the columns of a new one."""

    thread_id: UUID
    actor: Actor
    now: datetime
    circle: int = 0
    request_id: str | None = None
    worker_id: UUID | None = None
    referral_id: UUID | None = None
    thread: dict[str, Any] | None = None
    org_ids: tuple[UUID, ...] = ()
    parties: tuple[PartyRow, ...] = ()
    leaves: tuple[UUID, ...] = ()
    end_reason: str | None = None
    members: tuple[tuple[UUID, UUID], ...] = ()
    unnamed: tuple[UUID, ...] = ()
    epochs: tuple[EpochRow, ...] = ()
    seals: tuple[SealRow, ...] = ()
    disclosures: tuple[DisclosureRow, ...] = ()
    titles: tuple[TitleRow, ...] = ()
    message: MessageRow | None = None
    files: tuple[UUID, ...] = ()
    drafts: tuple[UUID, ...] = ()
    retracts: tuple[RetractRow, ...] = ()
    copies: tuple[CopyRow, ...] = ()
    file_copies: tuple[FileCopyRow, ...] = ()
    told: tuple[Told, ...] = ()
    tasks: tuple[TaskRow, ...] = ()
    audits: tuple[AuditRow, ...] = ()
    once: OnceRow | None = None


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """What the guard gave: the thread's version now, and the number of the last message."""

    version: int
    last_seq: int


async def write(connection: Connection, act: ThreadRows) -> Written | None:
    """Write an act in one statement; nothing means that the circle has changed since it was read.

    Raises KeyUsed where its idempotency key was spent, Busy where somebody held it too long.
    """
    try:
        if _only_says(act):
            row = await connection.fetchrow(Q.say, *_said(act))
        else:
            document = document_of(act)
            row = await connection.fetchrow(
                statement(document), act.thread_id, act.circle, document
            )
    except asyncpg.UniqueViolationError as conflict:
        if getattr(conflict, "constraint_name", None) == "idempotency_pkey":
            raise KeyUsed from conflict
        raise
    except asyncpg.LockNotAvailableError as waited:
        raise faults.Busy(retry_after=1, waited=True) from waited
    return Written(**dict(row)) if row is not None else None


_SAYS = frozenset(
    {"thread_id", "actor", "now", "circle", "request_id", "worker_id", "referral_id"}
    | {"message", "told", "audits", "once"}
)
_MORE = tuple(name for name in ThreadRows.__struct_fields__ if name not in _SAYS)


def _only_says(act: ThreadRows) -> bool:
    """Say whether an act is a message and nothing else, which has a statement of its own."""
    return act.message is not None and not any(getattr(act, name) for name in _MORE)


def _said(act: ThreadRows) -> tuple[Any, ...]:
    """Spell a message as the plain parameters of its statement."""
    message, actor, once, (record,) = act.message, act.actor, act.once, act.audits
    assert message is not None
    return (
        *(act.thread_id, act.circle, act.now),
        *(message.id, message.author_org_id, message.author_member_id),
        *(message.link_id, message.worker_id, message.reply_to),
        *(message.sensitivity, message.epoch, message.envelope, act.referral_id),
        [ids.new_id() for _ in act.told],
        [told.org_id for told in act.told],
        [told.member_id for told in act.told],
        [told.leg_id for told in act.told],
        *(ids.new_id(), actor.kind, actor.api_key_id, act.request_id, record.detail),
        *((once.principal, once.key, once.body_mac) if once else (None, None, None)),
        *((once.route, once.status) if once else (None, None)),
    )


def document_of(act: ThreadRows) -> dict[str, Any]:
    """Spell an act as the one json document of its statement."""
    messages = (act.message,) if act.message else ()
    turns = bool(act.org_ids or act.epochs or act.parties or act.leaves)
    return {
        "now": act.now,
        "turns": int(turns),
        "says": len(messages),
        "thread": act.thread,
        "org_ids": [] if act.thread else list(act.org_ids),
        "parties": _spelled(act.parties),
        "leaves": list(act.leaves),
        "end_reason": act.end_reason,
        "members": [{"org_id": org_id, "member_id": each} for org_id, each in act.members],
        "unnamed": list(act.unnamed),
        "epochs": _spelled(act.epochs),
        "seals": _spelled(act.seals),
        "disclosures": [{"id": ids.new_id(), **rows.classed(row)} for row in act.disclosures],
        "titles": _spelled(act.titles),
        "messages": _spelled(messages),
        "bound": [{"id": each, "message_id": told.id} for told in messages for each in act.files],
        "drafts": list(act.drafts),
        "retracts": _spelled(act.retracts),
        "copies": _spelled(act.copies),
        "file_copies": _spelled(act.file_copies),
        "effects": [_effect(act, told) for told in act.told],
        "tasks": [{"id": ids.new_id(), **rows.classed(row)} for row in act.tasks],
        "audits": [_audit(act, row) for row in act.audits],
        "idempotency": _spelled((act.once,) if act.once else ()),
    }


def _spelled(found: Sequence[msgspec.Struct]) -> list[dict[str, Any]]:
    return [rows.classed(row) for row in found]


def _effect(act: ThreadRows, told: Told) -> dict[str, Any]:
    return {
        "id": ids.new_id(),
        "kind": "message",
        "referral_id": act.referral_id,
        "leg_id": told.leg_id,
        "org_id": told.org_id,
        "about_org_id": act.actor.org_id,
        "member_id": told.member_id,
    }


def _audit(act: ThreadRows, row: AuditRow) -> dict[str, Any]:
    actor = act.actor
    return {
        "id": ids.new_id(),
        "actor_kind": actor.kind,
        "actor_org_id": actor.org_id,
        "actor_member_id": actor.member_id,
        "api_key_id": actor.api_key_id,
        "link_id": actor.link_id,
        "worker_id": act.worker_id,
        "referral_id": act.referral_id,
        "request_id": act.request_id,
        **rows.classed(row),
    }


def statement(document: dict[str, Any]) -> str:
    """Return the statement for a document: $1 thread, $2 circle read, $3 the document."""
    wanted = tuple(part for part, fields in _ROWS.items() if any(document[each] for each in fields))
    return _joined("started" if document["thread"] else "guard", wanted)


@lru_cache(maxsize=256)
def _joined(guard: str, wanted: tuple[str, ...]) -> str:
    parts = ",\n".join(PARTS[name] for name in (guard, *wanted))
    return f"with {parts}\nselect version, last_seq from guard"


def whole(guard: str) -> str:
    """Return the statement with every part, for the test that prepares it."""
    return _joined(guard, tuple(_ROWS))
