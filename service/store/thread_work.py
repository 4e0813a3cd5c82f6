"""What is done with threads besides speaking: lists, notes, drafts, forwarding, taking back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from crypto.keys import SealRow
from service.domain.people import Actor
from service.store import queries
from service.store.pool import Connection

Q = queries.load("thread_work")


class HeldEpoch(msgspec.Struct, frozen=True, kw_only=True):
    """An epoch that an organization holds, and the first message it sees in it."""

    epoch: int
    key_id: bytes
    sealed: bytes
    first_seq: int | None

    def seal(self, thread_id: UUID, sensitivity: str, *, org_id: UUID) -> SealRow:
        """Return the seal as the keyring takes it."""
        return SealRow(
            context_id=thread_id,
            sensitivity=sensitivity,
            epoch=self.epoch,
            org_id=org_id,
            key_id=self.key_id,
            sealed=self.sealed,
        )


class SealedMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message's envelope, with who sealed it."""

    id: UUID
    seq: int
    envelope: bytes
    author_org_id: UUID


class SealedTitle(msgspec.Struct, frozen=True, kw_only=True):
    """What a thread is called, sealed."""

    id: UUID
    epoch: int
    envelope: bytes | None
    author_org_id: UUID


class MessageHead(msgspec.Struct, frozen=True, kw_only=True):
    """A message as taking it back needs it."""

    id: UUID
    seq: int
    author_org_id: UUID
    author_member_id: UUID | None
    retracted_at: datetime | None
    held: bool


class ReaderRow(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who has had a message opened, and when first."""

    org_id: UUID
    org: str
    member_id: UUID | None
    member: str | None
    by_link: bool
    opened_at: datetime


class KnownRow(msgspec.Struct, frozen=True, kw_only=True):
    """A thread that is this organization's: its class, and how far it has come."""

    id: UUID
    sensitivity: str
    referral_id: UUID | None
    last_seq: int
    from_seq: int


class DraftRow(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody has begun to write, sealed."""

    sealed: bytes
    saved_at: datetime


class ListRow(msgspec.Struct, frozen=True, kw_only=True):
    """One conversation of a list, its title sealed."""

    touched_at: datetime
    id: UUID
    reference: str
    sensitivity: str
    last_seq: int
    created_at: datetime
    from_seq: int
    referral_id: UUID | None
    referral_reference: str | None
    read_seq: int | None
    participants: list[dict[str, Any]]
    title_id: UUID | None
    title_epoch: int | None
    title_envelope: bytes | None
    title_author_org_id: UUID | None
    key_id: bytes | None
    sealed: bytes | None


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """Which conversations are looked for."""

    participant: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    unread: bool = False
    reference: str | None = None
    referral_id: UUID | None = None


async def held(connection: Connection, thread_id: UUID, *, org_id: UUID) -> list[HeldEpoch]:
    """List the epochs an organization holds of a thread, oldest first."""
    return [HeldEpoch(**dict(row)) for row in await connection.fetch(Q.held, thread_id, org_id)]


async def since(
    connection: Connection, thread_id: UUID, *, epoch: int, seq: int, limit: int
) -> list[SealedMessage]:
    """List the messages of one epoch from a number on."""
    rows = await connection.fetch(Q.since, thread_id, epoch, seq, limit)
    return [SealedMessage(**dict(row)) for row in rows]


async def title(connection: Connection, thread_id: UUID) -> SealedTitle | None:
    """Return what a thread is called now."""
    row = await connection.fetchrow(Q.title, thread_id)
    return SealedTitle(**dict(row)) if row is not None else None


async def message(
    connection: Connection, thread_id: UUID, *, message_id: UUID
) -> MessageHead | None:
    """Read the head of one message, or nothing where this organization sees none."""
    row = await connection.fetchrow(Q.message, thread_id, message_id)
    return MessageHead(**dict(row)) if row is not None else None


async def readers(connection: Connection, thread_id: UUID, *, seq: int) -> list[ReaderRow]:
    """List who has had a message opened."""
    return [ReaderRow(**dict(row)) for row in await connection.fetch(Q.readers, thread_id, seq)]


async def officers(connection: Connection, org_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Name one privacy officer of each organization that has any."""
    rows = await connection.fetch(Q.officers, list(org_ids))
    return {row["org_id"]: row["id"] for row in rows}


async def known(connection: Connection, thread_id: UUID, *, org_id: UUID) -> KnownRow | None:
    """Find a thread that an organization takes part in."""
    row = await connection.fetchrow(Q.known, thread_id, org_id)
    return KnownRow(**dict(row)) if row is not None else None


async def add_note(
    connection: Connection, actor: Actor, thread_id: UUID, *, note_id: UUID, sealed: bytes
) -> None:
    """Keep a note of one organization."""
    await connection.execute(Q.add_note, note_id, actor.org_id, thread_id, actor.member_id, sealed)


async def keep_draft(
    connection: Connection, actor: Actor, thread_id: UUID, *, sealed: bytes
) -> None:
    """Keep what somebody has begun to write."""
    await connection.execute(Q.keep_draft, actor.org_id, actor.member_id, thread_id, sealed)


async def draft(connection: Connection, actor: Actor, thread_id: UUID) -> DraftRow | None:
    """Return what somebody has begun to write."""
    row = await connection.fetchrow(Q.draft, actor.member_id, thread_id)
    return DraftRow(**dict(row)) if row is not None else None


async def drop_draft(connection: Connection, actor: Actor, thread_id: UUID) -> None:
    """Forget what somebody has begun to write."""
    await connection.execute(Q.drop_draft, actor.member_id, thread_id)


async def turn(connection: Connection, thread_id: UUID, *, referral_id: UUID, org_id: UUID) -> bool:
    """Hang a conversation on a referral of its owner's; False where it hangs on one already."""
    return await connection.fetchval(Q.turn, thread_id, referral_id, org_id) is not None


async def of_leg(connection: Connection, org_id: UUID, *, leg_id: UUID, limit: int) -> list[UUID]:
    """List the conversations in which an agency takes part by one leg, the newest first."""
    return [row["thread_id"] for row in await connection.fetch(Q.of_leg, org_id, leg_id, limit)]


async def page_of(
    connection: Connection,
    actor: Actor,
    *,
    before: tuple[datetime, UUID],
    limit: int,
    wanted: Filter,
    classes: Sequence[str],
) -> list[ListRow]:
    """List one page of an organization's conversations, the one last spoken in first."""
    rows = await connection.fetch(
        Q.page_of,
        actor.org_id,
        *before,
        limit,
        actor.member_id,
        wanted.participant,
        wanted.since,
        wanted.until,
        wanted.unread,
        wanted.reference,
        wanted.referral_id,
        list(classes),
    )
    return [ListRow(**dict(row)) for row in rows]


READS: dict[str, Any] = {
    "held": HeldEpoch,
    "since": SealedMessage,
    "title": SealedTitle,
    "message": MessageHead,
    "readers": ReaderRow,
    "known": KnownRow,
    "draft": DraftRow,
    "page_of": ListRow,
}
"""Which Struct the columns of a query feed; a test compares them."""
