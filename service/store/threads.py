"""Threads as they are read: to write in one, to open a page of it, to invite to it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from crypto.keys import SealRow
from service.domain import ids
from service.domain.leg import TERMINAL
from service.domain.people import Actor
from service.domain.threads import Guest
from service.store import queries
from service.store.pool import Connection

Q = queries.load("threads")


class Party(msgspec.Struct, frozen=True, kw_only=True):
    """An organization that takes part, and on whose account and basis it was told.

    `over`: the consent has run out since.
    """

    org_id: UUID
    leg_id: UUID | None = None
    admitted_by_org_id: UUID | None = None
    basis: str | None = None
    consent_id: UUID | None = None
    over: bool = False


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How a thread stands to somebody who writes in it.

    `epoch`, `key_id`, `sealed`, `holders`: of the open epoch, where this organization holds it;
    `newest` is the last epoch there is.
    """

    id: UUID
    reference: str
    referral_id: UUID | None
    sensitivity: str
    owner_org_id: UUID
    created_org_id: UUID
    patient_id: UUID | None
    consent_basis: str | None
    consent_id: UUID | None
    org_ids: tuple[UUID, ...]
    circle: int
    last_seq: int
    version: int
    from_seq: int
    leg_id: UUID | None
    newest: int
    epoch: int | None
    since: int | None
    key_id: bytes | None
    sealed: bytes | None
    holders: tuple[UUID, ...]
    parties: tuple[Party, ...]
    members: tuple[tuple[UUID, UUID], ...]
    reply_known: bool
    drafted: bool
    opening: str
    now: datetime

    def __repr__(self) -> str:
        return f"<Standing {self.id}>"

    def seal_of(self, org_id: UUID) -> SealRow | None:
        """Return this organization's seal of the open epoch, if it holds one."""
        if self.epoch is None or self.key_id is None or self.sealed is None:
            return None
        return SealRow(
            context_id=self.id,
            sensitivity=self.sensitivity,
            epoch=self.epoch,
            org_id=org_id,
            key_id=self.key_id,
            sealed=self.sealed,
        )


class PartyCard(msgspec.Struct, frozen=True, kw_only=True):
    """An organization of a thread under the name it may be called."""

    org_id: UUID
    name: str
    channel: str
    from_seq: int
    started_at: datetime
    ended_at: datetime | None


class MemberCard(msgspec.Struct, frozen=True, kw_only=True):
    """A person whom messages are told to by name."""

    org_id: UUID
    member_id: UUID
    name: str


class MessageCard(msgspec.Struct, frozen=True, kw_only=True):
    """A message without its words, or its tombstone."""

    id: UUID
    seq: int
    author_org_id: UUID
    author_member_id: UUID | None
    by_link: bool
    reply_to: UUID | None
    epoch: int
    created_at: datetime
    retracted_at: datetime | None
    retracted_by_member_id: UUID | None
    retract_reason: str | None
    copy_id: UUID | None
    copied_by_org_id: UUID | None


class NoteCard(msgspec.Struct, frozen=True, kw_only=True):
    """A note of the reader's own organization, without its words."""

    id: UUID
    member_id: UUID
    name: str
    created_at: datetime


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """A thread as one reader opens it; bytes stand beside the cards they belong to."""

    id: UUID
    reference: str
    sensitivity: str
    owner_org_id: UUID
    created_org_id: UUID
    org_ids: tuple[UUID, ...]
    version: int
    circle: int
    last_seq: int
    created_at: datetime
    from_seq: int
    leg_id: UUID | None
    referral_id: UUID | None
    referral_reference: str | None
    parties: tuple[PartyCard, ...]
    members: tuple[MemberCard, ...]
    authors: tuple[tuple[UUID, str], ...]
    messages: tuple[MessageCard, ...]
    envelopes: tuple[bytes | None, ...]
    comments: tuple[bytes | None, ...]
    epochs: tuple[int, ...]
    key_ids: tuple[bytes, ...]
    seals: tuple[bytes, ...]
    title_id: UUID | None
    title_epoch: int | None
    title_envelope: bytes | None
    title_author_org_id: UUID | None
    notes: tuple[NoteCard, ...]
    note_sealed: tuple[bytes | None, ...]
    read_seq: int | None
    news: bool
    opening: str
    now: datetime

    def __repr__(self) -> str:
        return f"<Page of {self.id}>"

    def seals_of(self, org_id: UUID) -> dict[int, SealRow]:
        """Return this organization's seals of what is shown, by epoch."""
        return {
            epoch: SealRow(
                context_id=self.id,
                sensitivity=self.sensitivity,
                epoch=epoch,
                org_id=org_id,
                key_id=key_id,
                sealed=sealed,
            )
            for epoch, key_id, sealed in zip(self.epochs, self.key_ids, self.seals, strict=True)
        }


async def standing(
    connection: Connection, thread_id: UUID, actor: Actor, *, reply_to: UUID | None = None
) -> Standing | None:
    """Read a thread to write in it, and open it to this transaction; nothing where not ours."""
    row = await connection.fetchrow(Q.standing, thread_id, actor.org_id, actor.member_id, reply_to)
    return msgspec.convert(dict(row), Standing) if row is not None else None


async def page(
    connection: Connection,
    thread_id: UUID,
    actor: Actor,
    *,
    before: int,
    limit: int,
    worker_id: UUID | None = None,
) -> Page | None:
    """Read one page of a thread; nothing where it is not this organization's."""
    row = await connection.fetchrow(
        Q.page, thread_id, actor.org_id, actor.member_id, before, limit, worker_id
    )
    return msgspec.convert(dict(row), Page) if row is not None else None


async def opened(
    connection: Connection,
    thread_id: UUID,
    actor: Actor,
    *,
    first: int,
    last: int,
    worker_id: UUID | None = None,
) -> None:
    """Keep that somebody had these messages opened."""
    await connection.execute(
        Q.opened,
        ids.new_id(),
        thread_id,
        actor.org_id,
        actor.member_id,
        worker_id,
        actor.link_id,
        first,
        last,
    )


async def read_up_to(connection: Connection, thread_id: UUID, actor: Actor, *, seq: int) -> None:
    """Keep how far a person says to have read, forward or back."""
    await connection.execute(Q.read_up_to, actor.org_id, actor.member_id, thread_id, seq)


async def read_on(connection: Connection, thread_id: UUID, actor: Actor, *, seq: int) -> None:
    """Keep that somebody has read to a number, and on through what they had opened before."""
    await connection.execute(Q.read_on, actor.org_id, actor.member_id, thread_id, seq)


async def guests(
    connection: Connection, org_ids: Sequence[UUID], *, referral_id: UUID | None
) -> dict[UUID, Guest]:
    """Read organizations as guests of a thread, by id; unknown ones are left out."""
    over = [str(state) for state in TERMINAL]
    rows = await connection.fetch(Q.guests, list(org_ids), referral_id, over)
    made = [{**dict(row), "classes": row["classes"] or ()} for row in rows]
    return {row["org_id"]: msgspec.convert(row, Guest) for row in made}


async def colleagues(connection: Connection, member_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Say where each of these people works now; those who do not are left out."""
    rows = await connection.fetch(Q.colleagues, list(member_ids))
    return {row["id"]: row["org_id"] for row in rows}


async def open_to(connection: Connection, thread_id: UUID) -> None:
    """Open one thread, and nothing else, to the rest of this transaction."""
    await connection.execute(Q.open_to, thread_id)


class Where(msgspec.Struct, frozen=True, kw_only=True):
    """Where a message stands."""

    thread_id: UUID
    reference: str
    message_id: UUID
    seq: int
    version: int


async def where(connection: Connection, made_id: UUID) -> Where | None:
    """Find a message by its id, or the first one of a thread by the thread's."""
    row = await connection.fetchrow(Q.where, made_id)
    return Where(**dict(row)) if row is not None else None


async def seq_of(connection: Connection, thread_id: UUID, *, message_id: UUID) -> int | None:
    """Return the number of a message, or nothing where this reader sees none."""
    found: int | None = await connection.fetchval(Q.seq_of, thread_id, message_id)
    return found


READS: dict[str, Any] = {"standing": Standing, "page": Page, "guests": Guest, "where": Where}
"""Which Struct the columns of a query feed; a test compares them."""
