"""Sealing and opening the named people of an organization without accounts."""

from uuid import UUID

import msgspec

from crypto.ports import Keyring
from crypto.sealed import Place
from service.store.agency_workers import WorkerRow


class AgencyPerson(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person who answers requests, with the work telephone a call would reach."""

    name: str
    phone: str

    def __repr__(self) -> str:
        return "<agency person>"


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """A person as the organization's own visit sees them; `ready` says the PIN counts."""

    id: UUID
    name: str
    ready: bool

    def __repr__(self) -> str:
        return f"<agency person {self.id}>"


def _place(org_id: UUID, worker_id: UUID) -> Place:
    return Place(table="agency_worker", column="sealed", row_id=worker_id, org_id=org_id)


async def sealed(keys: Keyring, org_id: UUID, *, worker_id: UUID, person: AgencyPerson) -> bytes:
    """Seal a person under the organization's field key."""
    plain = msgspec.json.encode(person)
    return await keys.seal_field(org_id, plain, place=_place(org_id, worker_id))


async def opened(keys: Keyring, org_id: UUID, *, worker_id: UUID, value: bytes) -> AgencyPerson:
    """Open a person."""
    plain = await keys.open_field(org_id, value, place=_place(org_id, worker_id))
    return msgspec.json.decode(plain, type=AgencyPerson)


async def known(keys: Keyring, org_id: UUID, *, row: WorkerRow) -> Known:
    """Open a person's name for a list."""
    person = await opened(keys, org_id, worker_id=row.id, value=row.sealed)
    return Known(id=row.id, name=person.name, ready=row.ready)
