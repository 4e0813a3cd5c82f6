"""The past of a conversation as a newcomer is given it: epochs whole, or messages sealed again."""

from typing import Any
from uuid import UUID

import msgspec

from crypto.keys import SealRow
from service import faults
from service.actions import share_files, thread_guests, thread_keys
from service.actions.office import Office
from service.actions.thread_keys import Writing
from service.domain import ids
from service.domain.people import Actor
from service.store import attachments, thread_work
from service.store.pool import Connection
from service.store.rows import FileCopyRow
from service.store.thread_work import HeldEpoch
from service.store.thread_writes import CopyRow, PartyRow, TitleRow
from service.store.threads import Standing

MOST_COPIES = 200
"""Messages of one epoch that are sealed once more at most, and files that are shared."""


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the newcomer's keys are made of."""

    office: Office
    connection: Connection
    actor: Actor
    org_id: UUID
    thread: Standing
    party: PartyRow
    held: list[HeldEpoch]

    def seal(self, epoch: HeldEpoch) -> SealRow:
        """Return this organization's seal of an epoch."""
        return epoch.seal(self.thread.id, self.thread.sensitivity, org_id=self.org_id)


async def extend(case: Case, epoch: HeldEpoch) -> list[SealRow]:
    """Seal an epoch that was to the newcomer."""
    try:
        return await case.office.keys.extend(case.seal(epoch), [case.party.org_id])
    except thread_keys.GONE as reason:
        raise faults.NoLongerReadable("A key of this conversation is gone.") from reason


async def copies_for(case: Case, given: list[HeldEpoch], seen: Writing) -> tuple[CopyRow, ...]:
    """Seal once more what the newcomer is given of an epoch that it is not given whole."""
    first = case.party.from_seq
    if first is None:
        return ()
    part = [
        each
        for each in case.held
        if each not in given and each.first_seq is not None and each.first_seq < first
    ]
    made: list[CopyRow] = []
    for epoch in part[-1:]:
        found = await thread_work.since(
            case.connection, case.thread.id, epoch=epoch.epoch, seq=first, limit=MOST_COPIES + 1
        )
        if len(found) > MOST_COPIES:
            raise thread_guests.wrong("from_message_id", "Begin later, or give all of it.")
        made += [await _copy(case, epoch, each, seen=seen) for each in found]
    return tuple(made)


async def _copy(case: Case, epoch: HeldEpoch, message: Any, *, seen: Writing) -> CopyRow:
    words = await thread_keys.words(
        case.office,
        case.seal(epoch),
        message.envelope,
        message_id=message.id,
        author=message.author_org_id,
    )
    if words is None:
        raise faults.NoLongerReadable("One of these messages cannot be opened any more.")
    copy_id = ids.new_id()
    return CopyRow(
        id=copy_id,
        message_id=message.id,
        seq=message.seq,
        sensitivity=case.thread.sensitivity,
        epoch=seen.own.epoch,
        envelope=await sealed(case, seen, words, row_id=copy_id),
        author_org_id=case.org_id,
    )


async def files_for(case: Case, given: list[HeldEpoch], seen: Writing) -> tuple[FileCopyRow, ...]:
    """Share the files that the newcomer sees and is given no epoch of."""
    first = case.party.from_seq
    if first is None:
        return ()
    found = await attachments.said_since(
        case.connection, case.org_id, thread_id=case.thread.id, seq=first, limit=MOST_COPIES + 1
    )
    if len(found) > MOST_COPIES:
        raise thread_guests.wrong("from_message_id", "Begin later, or give all of it.")
    return await share_files.shared(
        case.office,
        found,
        to=seen.own,
        holders=seen.holders,
        now=case.thread.now,
        known={each.epoch for each in given},
    )


async def sealed(case: Case, seen: Writing, words: Any, *, row_id: UUID) -> bytes:
    """Seal words in the epoch that is written in."""
    return await thread_keys.sealed(
        case.office,
        seen.own,
        words,
        message_id=row_id,
        holders=seen.holders,
        now=case.thread.now,
    )


async def title(case: Case, seen: Writing) -> tuple[TitleRow, ...]:
    """Say in the new epoch what the thread is called."""
    found = await thread_work.title(case.connection, case.thread.id)
    seals = {each.epoch: case.seal(each) for each in case.held}
    if found is None:
        return ()
    words = await thread_keys.words(
        case.office,
        seals.get(found.epoch),
        found.envelope,
        message_id=found.id,
        author=found.author_org_id,
    )
    if words is None:
        return ()
    title_id = ids.new_id()
    row = TitleRow(
        id=title_id,
        sensitivity=case.thread.sensitivity,
        epoch=seen.own.epoch,
        envelope=await sealed(case, seen, words, row_id=title_id),
        author_org_id=case.org_id,
    )
    return (row,)
