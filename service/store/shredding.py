"""Destroying keys: after it nobody opens what they sealed, here at once and in backups with age.

Every function works in the caller's transaction, as the role `lk_keys`, and counts what it did; a
second time it finds nothing to do. Holds are the caller's to ask about.
"""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from service import faults
from service.store import queries
from service.store.pool import Connection

Q = queries.load("shredding")


class Shredded(msgspec.Struct, frozen=True, kw_only=True):
    """What was destroyed: keys and seals, and the contents and values that nothing opens now."""

    keys: int = 0
    seals: int = 0
    contents: int = 0
    values: int = 0

    def __bool__(self) -> bool:
        """Whether there was anything to destroy."""
        return any(msgspec.structs.astuple(self))


class NotLeft(faults.Fault):
    """This organization still takes part."""

    kind, slug = faults.Kind.CONFLICT, "still-takes-part"
    advice = "Let it leave the network and end what it has open, then destroy its keys."


async def message(connection: Connection, message_id: UUID) -> Shredded:
    """Destroy one content of a referral or one message of a conversation."""
    done = await connection.fetch(Q.content, message_id)
    done += await connection.fetch(Q.message, message_id)
    done += await connection.fetch(Q.files, message_id)
    return Shredded(contents=len(done))


async def context(
    connection: Connection, context_id: UUID, *, sensitivity: str | None = None
) -> Shredded:
    """Destroy the keys of a referral with its conversations, or of one conversation.

    With a class, those of that class only.
    """
    found = await connection.fetch(Q.contexts, context_id, sensitivity)
    places = [row["id"] for row in found]
    await connection.execute(Q.moved, places)
    seals = await connection.fetch(Q.seals, places, sensitivity)
    epochs = await connection.fetch(Q.epochs, places, sensitivity)
    gone = 0
    for statement in (Q.contents, Q.messages, Q.titles, Q.context_files):
        gone += len(await connection.fetch(statement, places, sensitivity))
    if seals or epochs:
        await bump(connection)
    return Shredded(keys=len(epochs), seals=len(seals), contents=gone)


async def patients(connection: Connection, org_id: UUID, *, ids: Sequence[UUID]) -> Shredded:
    """Destroy who these patients of an organization are; that they were there stays."""
    destroyed = await connection.fetch(Q.patient_keys, org_id, list(ids))
    values = 0
    for statement in (Q.identities, Q.contacts, Q.consents, Q.tokens, Q.foreign_ids):
        values += len(await connection.fetch(statement, org_id, list(ids)))
    if destroyed:
        await bump(connection)
    return Shredded(keys=len(destroyed), values=values)


async def organization(connection: Connection, org_id: UUID) -> Shredded:
    """Destroy every key of an organization that has left; raises NotLeft.

    What it holds opens for it no more; others keep what was sealed to them.
    """
    if not await connection.fetchval(Q.has_left, org_id):
        raise NotLeft
    found = await connection.fetch(Q.patients, org_id)
    people = await patients(connection, org_id, ids=[row["id"] for row in found])
    destroyed = await connection.fetch(Q.organization_keys, org_id)
    await connection.execute(Q.public_keys, org_id)
    if destroyed:
        await bump(connection)
    return msgspec.structs.replace(people, keys=people.keys + len(destroyed))


async def bump(connection: Connection) -> None:
    """Let every process forget the keys it remembers, within a second of this commit."""
    await connection.execute(Q.bump)


async def copies(connection: Connection, patient_id: UUID) -> int:
    """Count the referrals that still hold a copy of who a patient is."""
    return int(await connection.fetchval(Q.copies, patient_id))
