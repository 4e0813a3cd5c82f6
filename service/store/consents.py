"""What patients allowed to be told, to whom, and when they took it back."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from service import faults
from service.domain import consent as rules
from service.domain import ids
from service.store import queries
from service.store.pool import Connection

Q = queries.load("consents")


class NewConsentRow(msgspec.Struct, frozen=True, kw_only=True):
    """A consent to be stored; `sealed` holds its words."""

    org_id: UUID
    id: UUID
    patient_id: UUID
    basis: str
    classes: list[str]
    to_org_ids: list[UUID]
    purpose: str
    signed_on: date
    expires_at: datetime | None
    document_hash: bytes | None
    sealed: bytes | None
    recorded_by_member_id: UUID | None
    elements: list[str] = []
    ends_with_event: bool = False

    def __repr__(self) -> str:
        return f"<consent {self.id}>"


class ConsentRow(msgspec.Struct, frozen=True, kw_only=True):
    """A consent as stored; `sealed` opens with the patient's key."""

    id: UUID
    patient_id: UUID
    basis: str
    classes: list[str]
    to_org_ids: list[UUID]
    purpose: str
    signed_on: date
    expires_at: datetime | None
    revoked_at: datetime | None
    document_hash: bytes | None
    sealed: bytes | None
    recorded_by_member_id: UUID | None
    elements: list[str]
    ends_with_event: bool
    ended_why: str | None
    created_at: datetime

    def __repr__(self) -> str:
        return f"<consent {self.id}>"


class Touched(msgspec.Struct, frozen=True, kw_only=True):
    """A referral that stood on a withdrawn consent; none where there is no id."""

    revoked_at: datetime
    referral_id: UUID | None
    owner_org_id: UUID | None
    owner_member_id: UUID | None
    open: bool


class Withdrawn(msgspec.Struct, frozen=True, kw_only=True):
    """What a withdrawal touched: open referrals to decide on, and how many epochs closed."""

    referral_ids: tuple[UUID, ...]
    epochs: int


async def insert(connection: Connection, row: NewConsentRow) -> None:
    """Store a consent; a patient who is not there raises Missing."""
    try:
        await connection.execute(Q.insert, *msgspec.structs.astuple(row))
    except asyncpg.ForeignKeyViolationError as reason:
        raise faults.Missing from reason


async def ask_to_look(
    connection: Connection, org_id: UUID, *, patient_id: UUID, consent_id: UUID
) -> None:
    """Ask a privacy officer to look at an override, within three days."""
    await connection.execute(Q.ask_to_look, ids.new_id(), org_id, patient_id, consent_id)


async def watch(connection: Connection, org_id: UUID, *, consent_id: UUID) -> None:
    """Arm the clock that asks for a renewal before a consent expires, if it does."""
    await connection.execute(Q.watch, ids.new_id(), org_id, consent_id, rules.EXPIRY_NOTICE)


async def of_patient(connection: Connection, org_id: UUID, *, patient_id: UUID) -> list[ConsentRow]:
    """List a patient's consents, the newest first."""
    found = await connection.fetch(Q.of_patient, org_id, patient_id)
    return [ConsentRow(**dict(row)) for row in found]


async def withdraw(
    connection: Connection, org_id: UUID, *, patient_id: UUID, consent_id: UUID, why: str
) -> Withdrawn:
    """End a consent, and the epochs that were sealed on it; raises Missing.

    `why` is withdrawn or event. A task is opened for each open referral's owner. What was told
    stays told and readable.
    """
    found = await connection.fetch(Q.withdraw, org_id, patient_id, consent_id, why)
    if not found:
        raise faults.Missing
    touched = [Touched(**dict(row)) for row in found]
    standing = [each.referral_id for each in touched if each.referral_id is not None]
    closed = await connection.fetch(Q.close_epochs, standing)
    closed += await _close_threads(connection, org_id, consent_id)
    undecided = [each for each in touched if each.open and each.referral_id is not None]
    for each in undecided:
        await connection.execute(
            Q.insert_task, ids.new_id(), each.owner_org_id, each.owner_member_id, each.referral_id
        )
    return Withdrawn(
        referral_ids=tuple(each.referral_id for each in undecided if each.referral_id is not None),
        epochs=len(closed),
    )


async def let_in_again(
    connection: Connection, referral_id: UUID, *, org_ids: Collection[UUID]
) -> None:
    """Let those whose emergency was taken back stand on the order's own consent."""
    if org_ids:
        await connection.execute(Q.let_in_again, referral_id, list(org_ids))


async def renewed(
    connection: Connection, referral_id: UUID, *, member_id: UUID | None
) -> frozenset[UUID]:
    """End the open work of a referral that asked for a new consent, and say which it was."""
    rows = await connection.fetch(Q.renewed, referral_id, member_id)
    return frozenset(row["id"] for row in rows)


_WITHDRAWN, _EXPIRED = "consent_withdrawn", "consent_expired"


async def _close_threads(connection: Connection, org_id: UUID, consent_id: UUID) -> list[Any]:
    closed: list[Any] = []
    for row in await connection.fetch(Q.threads, consent_id):
        await connection.execute(Q.open_thread, str(row["id"]))
        closed += await connection.fetch(Q.close_thread, row["id"], consent_id, org_id, _WITHDRAWN)
    return closed


async def run_out(
    connection: Connection, thread_id: UUID, *, owner_org_id: UUID, consent_ids: Collection[UUID]
) -> None:
    """End the parts in a conversation, opened before, that stood on consents which have expired."""
    for consent_id in consent_ids:
        await connection.fetch(Q.close_thread, thread_id, consent_id, owner_org_id, _EXPIRED)


READS = {"of_patient": ConsentRow, "withdraw": Touched}
