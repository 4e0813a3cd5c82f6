"""Keys of a thread: the epoch that exactly its parties open, or the next one for them.

The seals of an act are made here and written by its one statement, with a disclosure row each: on
the account of whoever let that organization in, on the basis it was let in on.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from crypto.faults import CannotOpen, KeyMissing, KeyRefused
from crypto.keys import SealRow
from service import faults
from service.actions.office import Office
from service.store.rows import DisclosureRow, EpochRow
from service.store.threads import Party, Standing

GONE = (CannotOpen, KeyMissing, KeyRefused)
"""What a keyring raises where a key is not there any more, or is not what it should be."""

NO_PATIENT = "no_patient"
"""The basis of a thread that is about nobody."""


class Writing(msgspec.Struct, frozen=True, kw_only=True):
    """The epoch that is written in: this organization's seal, who reads, and rows if it is new."""

    own: SealRow
    holders: tuple[UUID, ...]
    epochs: tuple[EpochRow, ...] = ()
    seals: tuple[SealRow, ...] = ()
    disclosures: tuple[DisclosureRow, ...] = ()


async def writing(office: Office, thread: Standing, org_id: UUID) -> Writing:
    """Find the open epoch if exactly today's parties hold it, or open the next one for them."""
    own = thread.seal_of(org_id)
    full = thread.version - (thread.since or 0) >= office.writes_per_epoch
    if own is not None and not full and set(thread.holders) == set(thread.org_ids):
        return Writing(own=own, holders=thread.holders)
    return await opened(office, thread, org_id, epoch=thread.newest + 1, parties=thread.parties)


async def opened(
    office: Office, thread: Standing, org_id: UUID, *, epoch: int, parties: Sequence[Party]
) -> Writing:
    """Open an epoch for these parties; the one before is closed by the same statement."""
    holders = tuple(sorted(party.org_id for party in parties))
    try:
        made = await office.keys.new_epoch(
            thread.id, thread.sensitivity, epoch=epoch, org_ids=holders
        )
    except GONE as reason:
        raise faults.NoLongerReadable("One of the organizations here has no key.") from reason
    return Writing(
        own=next(seal for seal in made if seal.org_id == org_id),
        holders=holders,
        epochs=(EpochRow(context_id=thread.id, sensitivity=thread.sensitivity, epoch=epoch),),
        seals=tuple(made),
        disclosures=told(made, parties, thread=thread),
    )


def told(
    made: Sequence[SealRow], parties: Sequence[Party], *, thread: Standing
) -> tuple[DisclosureRow, ...]:
    """Say of each seal who was told by it, on whose account; one's own is none."""
    by_org = {party.org_id: party for party in parties}
    return tuple(
        _disclosure(seal, by_org[seal.org_id], thread=thread)
        for seal in made
        if seal.org_id != thread.owner_org_id
    )


def _disclosure(seal: SealRow, party: Party, *, thread: Standing) -> DisclosureRow:
    account = party.admitted_by_org_id or thread.owner_org_id
    of_owner = account == thread.owner_org_id
    return DisclosureRow(
        org_id=account,
        patient_id=thread.patient_id if of_owner else None,
        to_org_id=seal.org_id,
        context_id=seal.context_id,
        sensitivity=seal.sensitivity,
        epoch=seal.epoch,
        basis=party.basis or NO_PATIENT,
        consent_id=party.consent_id,
    )


async def sealed(
    office: Office,
    own: SealRow,
    words: Any,
    *,
    message_id: UUID,
    holders: Collection[UUID],
    now: datetime,
) -> bytes:
    """Seal words (any json) in an epoch."""
    try:
        return await office.keys.seal_content(
            own,
            message_id=message_id,
            revision=1,
            content_type="application/json",
            plaintext=msgspec.json.encode(words),
            created_ms=int(now.timestamp() * 1000),
            recipients=sorted(holders),
        )
    except GONE as reason:
        raise faults.NoLongerReadable("The keys of this thread are gone.") from reason


async def words(
    office: Office, seal: SealRow | None, envelope: bytes | None, *, message_id: UUID, author: UUID
) -> Any | None:
    """Open what an organization sealed, or answer nothing where no key opens it."""
    if seal is None or envelope is None:
        return None
    try:
        found = await office.keys.open_content(seal, envelope, message_id=message_id)
    except GONE:
        return None
    if found.header.sender_org != author:
        return None
    return msgspec.json.decode(found.plaintext)
