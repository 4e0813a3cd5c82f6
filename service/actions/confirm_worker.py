"""Confirm a named person of an organization without accounts, by calling the number on file.

What was typed into a page of the link proves nothing; the telephone number that the network has
of the organization does. Source: the design of the e-mail link, 1.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import msgspec

from crypto import primitives
from crypto.sealed import Place
from service import clock, faults
from service.actions import hashing, human_tasks, permission
from service.actions.office import Office
from service.domain import policy
from service.domain.people import Actor, Capacity
from service.store import audit, confirmations, organizations, tasks
from service.store.pool import Scope
from service.store.rows import AuditRow

PIN_LIFE = timedelta(days=1)
PIN_DIGITS = 8


class How(StrEnum):
    """How a person was confirmed: called, who then uses a PIN of their own; or told a new one."""

    CALLED = "called"
    PIN = "pin"


class AgencyWorker(msgspec.Struct, frozen=True, kw_only=True):
    """A named person as the caller sees them; `call` is the number on file, never one typed."""

    id: UUID
    name: str
    call: str | None
    confirmed_at: datetime | None
    pin_expires_at: datetime | None

    def __repr__(self) -> str:
        return f"<agency person {self.id}>"


class Confirmed(msgspec.Struct, frozen=True, kw_only=True):
    """What was done; `pin` is told by telephone, this once, and works until it expires."""

    pin: str | None = None
    expires_at: datetime | None = None

    def __repr__(self) -> str:
        return "<confirmed>"


async def list_workers(office: Office, actor: Actor, *, org_id: UUID) -> list[AgencyWorker]:
    """List the people of an organization that one deals with; raises Missing, Refused."""
    scope = await dealing(office, actor, org_id=org_id)
    async with office.db.transaction(scope) as connection:
        organization = await organizations.fetch(connection, org_id)
        rows = await confirmations.people(connection, org_id)
    return [
        AgencyWorker(
            id=row.id,
            name=await _name(office, org_id, row=row),
            call=organization.phone,
            confirmed_at=row.confirmed_at,
            pin_expires_at=row.pin_expires_at,
        )
        for row in rows
    ]


async def confirm_worker(
    office: Office, actor: Actor, *, org_id: UUID, worker_id: UUID, how: How
) -> Confirmed:
    """Confirm a person after a call; raises Missing, Refused, Invalid (no PIN of their own)."""
    scope = await dealing(office, actor, org_id=org_id)
    if actor.member_id is None:
        raise faults.Refused
    pin = _new_pin() if how is How.PIN else None
    pin_hash = await hashing.make(pin) if pin is not None else None
    expires_at = clock.real_now() + PIN_LIFE if pin is not None else None
    async with office.db.transaction(scope) as connection:
        known = {row.id: row for row in await confirmations.people(connection, org_id)}
        if worker_id not in known:
            raise faults.Missing
        if pin_hash is not None and expires_at is not None:
            await confirmations.give_pin(
                connection,
                org_id,
                worker_id=worker_id,
                member_id=actor.member_id,
                pin_hash=pin_hash,
                expires_at=expires_at,
            )
        elif not await confirmations.confirm(
            connection, org_id, worker_id=worker_id, member_id=actor.member_id
        ):
            detail = "This person has no PIN of their own; give a PIN by telephone instead."
            raise faults.Invalid(errors=[{"field": "how", "detail": detail}])
        note = AuditRow(
            org_id=org_id,
            action="worker.confirm",
            resource_kind="agency_worker",
            resource_id=worker_id,
            detail={"how": how},
        )
        await audit.insert(connection, actor, note)
    if all(row.confirmed_at is not None for row in known.values() if row.id != worker_id):
        await _settle(office, actor, org_id=org_id)
    return Confirmed(pin=pin, expires_at=expires_at)


async def _settle(office: Office, actor: Actor, *, org_id: UUID) -> None:
    """Take the task off the list of whoever has just done it."""
    if actor.org_id is None or not policy.ever(actor, policy.Action.TASK_RESOLVE):
        return
    async with office.db.transaction(Scope(org_id=actor.org_id)) as connection:
        done = await tasks.to_confirm(connection, actor.org_id, about_org_id=org_id)
    for task_id in done:
        await human_tasks.resolve(office, actor, task_id, resolution="reached")


async def dealing(office: Office, actor: Actor, *, org_id: UUID) -> Scope:
    """Allow who sends to this organization, or coordinates; return the scope of its people."""
    if actor.org_id is None:
        raise faults.Refused
    async with office.db.transaction(Scope(org_id=actor.org_id)) as connection:
        capacity = await confirmations.dealings(connection, actor.org_id, with_org_id=org_id)
        there = await organizations.get(connection, org_id)
    if actor.cco and there is not None:
        capacity = Capacity.CCO
    resource = policy.Resource(
        org_id=org_id, capacity=Capacity(capacity) if capacity is not None else None
    )
    permission.require(actor, policy.Action.LINK_CONFIRM, resource=resource)
    if capacity is None:
        # Whatever the policy said: its people's names are for those who deal with them.
        raise faults.Missing
    return Scope(org_id=org_id)


async def _name(office: Office, org_id: UUID, *, row: confirmations.PersonRow) -> str:
    place = Place(table="agency_worker", column="sealed", row_id=row.id, org_id=org_id)
    plain = await office.keys.open_field(org_id, row.sealed, place=place)
    name: str = msgspec.json.decode(plain)["name"]
    return name


def _new_pin() -> str:
    # 64 bits against 10^8: no digit is more likely than another by any amount that matters.
    return str(int.from_bytes(primitives.random_bytes(8)) % 10**PIN_DIGITS).zfill(PIN_DIGITS)
