"""Destroy the keys of a unit, unless a hold stands, with its line in the record.

The operator's act, from the command line: nobody who is signed in can do it.
"""

from enum import StrEnum
from uuid import UUID

import msgspec

from service import faults
from service.actions.permission import OPERATOR
from service.store import audit, holds, shredding
from service.store.pool import Connection, Pool, Scope
from service.store.rows import AuditRow
from service.store.shredding import Shredded


class Why(StrEnum):
    """Why something is destroyed; coded, because the record keeps no words."""

    PATIENT_ASKED = "patient_asked"
    RETENTION_OVER = "retention_over"
    COURT_ORDER = "court_order"
    ENTERED_IN_ERROR = "entered_in_error"
    ORGANIZATION_LEFT = "organization_left"


class Unit(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be destroyed; `sensitivity` narrows a referral or thread to one class."""

    kind: str
    id: UUID
    sensitivity: str | None = None


async def shred(keeper: Pool, unit: Unit, *, why: Why) -> Shredded:
    """Destroy a unit's keys and record it in the same transaction; raises Missing, Held, NotLeft.

    Nothing to destroy is no act and leaves no line.
    """
    async with keeper.transaction(Scope()) as connection:
        owner = await holds.owner(connection, unit.kind, unit.id)
        if owner is None or not await holds.known(connection, unit.kind, unit.id):
            raise faults.Missing
        await holds.refuse_held(connection, unit.kind, unit.id, sensitivity=unit.sensitivity)
        done = await _destroyed(connection, unit, owner)
        if done:
            note = AuditRow(
                org_id=owner,
                action="key.shred",
                resource_kind=unit.kind,
                resource_id=unit.id,
                sensitivity=unit.sensitivity,
                detail={"why": why, **msgspec.structs.asdict(done)},
            )
            await audit.insert(connection, OPERATOR, note)
    return done


async def _destroyed(connection: Connection, unit: Unit, owner: UUID) -> Shredded:
    match unit.kind:
        case "message":
            return await shredding.message(connection, unit.id)
        case "referral" | "thread":
            return await shredding.context(connection, unit.id, sensitivity=unit.sensitivity)
        case "patient":
            return await shredding.patients(connection, owner, ids=[unit.id])
        case _:
            return await shredding.organization(connection, unit.id)


async def hold(keeper: Pool, kind: str, subject_id: UUID, *, reason: str) -> UUID | None:
    """Keep a unit, all that lies in it and all it lies in from being destroyed; raises Missing."""
    async with keeper.transaction(Scope()) as connection:
        placed = await holds.place(connection, kind, subject_id, reason=reason)
        if placed is not None:
            await _note(connection, "key.hold", kind, subject_id, hold_id=placed)
    return placed


async def release(keeper: Pool, hold_id: UUID, *, reason: str) -> None:
    """End a hold; raises Missing."""
    async with keeper.transaction(Scope()) as connection:
        kind, subject_id = await holds.release(connection, hold_id, reason=reason)
        await _note(connection, "key.release", kind, subject_id, hold_id=hold_id)


async def _note(
    connection: Connection, action: str, kind: str, subject_id: UUID, *, hold_id: UUID
) -> None:
    note = AuditRow(
        org_id=await holds.owner(connection, kind, subject_id),
        action=action,
        resource_kind=kind,
        resource_id=subject_id,
        detail={"hold_id": str(hold_id)},
    )
    await audit.insert(connection, OPERATOR, note)
