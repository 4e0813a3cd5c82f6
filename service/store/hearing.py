"""What phones say to us: heard once, answered, put before a person; as the worker sees it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from service.domain import ids
from service.store import queries
from service.store.pool import Connection

Q = queries.load("hearing")


class ContextRow(msgspec.Struct, frozen=True, kw_only=True):
    """How a number stands, what it was last told, and the question that is open for it."""

    state: str
    org_id: UUID | None
    referral_id: UUID | None
    contact_id: UUID | None
    question_id: UUID | None
    question: str | None
    asked_by: UUID | None
    asked_about: UUID | None
    asked_leg: UUID | None
    asked_contact: UUID | None


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One text to us as it is kept: what it meant; its words where a person has to read them."""

    provider: str
    provider_event_id: str
    id: UUID
    number_id: UUID
    org_id: UUID | None
    referral_id: UUID | None
    meaning: str
    at: datetime
    sealed: bytes | None = None

    def __repr__(self) -> str:
        return f"<heard {self.id}>"


class WordsRow(msgspec.Struct, frozen=True, kw_only=True):
    """What a phone wrote, for a person; sealed under the patient's key."""

    id: UUID
    at: datetime
    meaning: str
    sealed: bytes
    contact_id: UUID | None
    referral_id: UUID
    reference: str

    def __repr__(self) -> str:
        return f"<heard {self.id}>"


class ClaimRow(msgspec.Struct, frozen=True, kw_only=True):
    """What a patient says of a referral."""

    id: UUID
    referral_id: UUID
    org_id: UUID
    leg_id: UUID | None
    contact_id: UUID | None
    kind: str
    value: str
    source: str
    contradicts: bool


async def find(connection: Connection, tokens: Sequence[bytes]) -> UUID | None:
    """Find a number under any version of its token."""
    found: UUID | None = await connection.fetchval(Q.find, list(tokens))
    return found


async def add(
    connection: Connection, number_id: UUID, *, token: bytes, key_version: int, sealed: bytes
) -> UUID:
    """Write down a number nobody knew, or find who was first."""
    await connection.execute(Q.add, number_id, token, key_version, sealed)
    found: UUID = await connection.fetchval(Q.find, [token])
    return found


async def context(connection: Connection, number_id: UUID) -> ContextRow:
    """Read what a number was told and asked."""
    return ContextRow(**dict(await connection.fetchrow(Q.context, number_id)))


async def first(connection: Connection, line: Line) -> bool:
    """Keep a text to us; False where it was heard before."""
    return await connection.fetchval(Q.first, *msgspec.structs.astuple(line)) is not None


async def silence(connection: Connection, number_id: UUID, *, state: str) -> bool:
    """Text a number no more; False where that was so already. Nothing is asked of it either."""
    await connection.execute(Q.end_questions, number_id, state)
    return bool(await connection.fetchval(Q.silence, number_id, state))


async def reopen(connection: Connection, number_id: UUID) -> bool:
    """Text a number again that had said stop."""
    return bool(await connection.fetchval(Q.open, number_id))


async def evidence(connection: Connection, line: Line, *, given: bool, how: str = "text") -> None:
    """Keep a phone's own yes or no; `wrong_number` is a no that a person may take back."""
    await connection.execute(
        Q.evidence, ids.new_id(), line.number_id, given, line.provider, line.provider_event_id, how
    )


async def answered(connection: Connection, question_id: UUID, *, value: str) -> bool:
    """End a question with its answer; False where somebody was first."""
    return bool(await connection.fetchval(Q.answered, question_id, value))


async def leg_state(connection: Connection, leg_id: UUID | None) -> str | None:
    """Say how the agency's part stands."""
    found: str | None = await connection.fetchval(Q.leg_state, leg_id)
    return found


class OpposedRow(msgspec.Struct, frozen=True, kw_only=True):
    """A claim that a recipient's later word stands against; of the sender of its referral."""

    claim_id: UUID
    referral_id: UUID
    leg_id: UUID
    org_id: UUID


async def claim(connection: Connection, row: ClaimRow) -> None:
    """Write a claim into the ledger of witnesses."""
    await connection.execute(Q.claim, *msgspec.structs.astuple(row))


async def opposed(
    connection: Connection, event_ids: list[UUID], against: list[tuple[str, str, str]]
) -> list[OpposedRow]:
    """List claims that events stand against; `against` is kind, value and state of a leg."""
    kinds, values, states = ([each[at] for each in against] for at in range(3))
    rows = await connection.fetch(Q.opposed, event_ids, kinds, values, states)
    return [OpposedRow(**dict(row)) for row in rows]


async def oppose(connection: Connection, claim_id: UUID) -> bool:
    """Mark that a claim stands against what is said; False where it was marked."""
    return bool(await connection.fetchval(Q.oppose, claim_id))


async def task(
    connection: Connection, kind: str, *, referral_id: UUID, leg_id: UUID | None = None
) -> None:
    """Open work for the referral's owner."""
    await connection.execute(Q.task, ids.new_id(), kind, referral_id, leg_id)


async def no_contact(connection: Connection, referral_id: UUID) -> None:
    """Write to this patient no more."""
    await connection.execute(Q.no_contact, referral_id)


async def reply(
    connection: Connection, number_id: UUID, *, code: str, org_id: UUID | None
) -> UUID | None:
    """Queue an answer to a phone; None where it had too many already."""
    found: UUID | None = await connection.fetchval(Q.reply, ids.new_id(), number_id, org_id, code)
    return found


async def ask_next(
    connection: Connection, question_id: UUID, *, kind: str, effect_id: UUID
) -> None:
    """Open the question that follows an answer, asked by the same reply."""
    await connection.execute(Q.ask_next, ids.new_id(), question_id, kind, effect_id)


async def patient_of(connection: Connection, org_id: UUID, referral_id: UUID) -> UUID | None:
    """Say whose referral it is, if the patient is this organization's and can still be read."""
    found: UUID | None = await connection.fetchval(Q.patient_of, org_id, referral_id)
    return found


async def words(connection: Connection, org_id: UUID, *, patient_id: UUID) -> list[WordsRow]:
    """List what phones wrote about a patient, the newest first."""
    found = await connection.fetch(Q.words, org_id, patient_id)
    return [WordsRow(**dict(row)) for row in found]


READS = {"context": ContextRow, "words": WordsRow, "opposed": OpposedRow}
"""Which Struct the columns of a query feed; a test compares them."""
