"""Sealing and opening an organization's mailbox and its phrase."""

from uuid import UUID

import msgspec

from crypto.faults import NotIndexable
from crypto.ports import Keyring
from crypto.sealed import Place
from service import faults
from service.domain import ids, texts
from service.store.addresses import AddressRow, NewAddress


class Mailbox(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where an organization gets its mail.

    `shared`: a role mailbox, read by several people. `phrase`: a few words of theirs that stand
    in each of our mails, so that a forged one is missed less often.
    """

    address: texts.Name
    shared: bool = True
    phrase: texts.Line | None = None

    def __repr__(self) -> str:
        return "<mailbox>"


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """A mailbox in the clear, for those who administer it."""

    id: UUID
    address: str
    shared: bool
    phrase: str | None

    def __repr__(self) -> str:
        return f"<mailbox {self.id}>"


def _place(address_id: UUID, org_id: UUID, *, column: str) -> Place:
    return Place(table="address", column=column, row_id=address_id, org_id=org_id)


async def sealed(
    keys: Keyring, org_id: UUID, *, mailbox: Mailbox, attested_by_org_id: UUID | None
) -> NewAddress:
    """Seal a mailbox under the organization's key; a malformed address raises Invalid."""
    address_id = ids.new_id()
    try:
        newest, *_ = await keys.indexes(None, "email", mailbox.address)
    except NotIndexable as reason:
        detail = "Write it as name@domain."
        raise faults.Invalid(errors=[{"field": "mailbox.address", "detail": detail}]) from reason
    return NewAddress(
        org_id=org_id,
        id=address_id,
        sealed=await keys.seal_field(
            org_id,
            mailbox.address.strip().encode(),
            place=_place(address_id, org_id, column="sealed"),
        ),
        token=newest.digest,
        key_version=newest.version,
        shared=mailbox.shared,
        phrase_sealed=await sealed_phrase(keys, org_id, address_id, phrase=mailbox.phrase),
        attested_by_org_id=attested_by_org_id,
    )


async def sealed_phrase(
    keys: Keyring, org_id: UUID, address_id: UUID, *, phrase: str | None
) -> bytes | None:
    """Seal the phrase of a mailbox; none stays none."""
    if not phrase:
        return None
    place = _place(address_id, org_id, column="phrase_sealed")
    return await keys.seal_field(org_id, phrase.encode(), place=place)


async def opened(keys: Keyring, org_id: UUID, *, row: AddressRow) -> Opened:
    """Open a mailbox and its phrase."""
    place = _place(row.id, org_id, column="sealed")
    address = (await keys.open_field(org_id, row.sealed, place=place)).decode()
    phrase = None
    if row.phrase_sealed is not None:
        place = _place(row.id, org_id, column="phrase_sealed")
        phrase = (await keys.open_field(org_id, row.phrase_sealed, place=place)).decode()
    return Opened(id=row.id, address=address, shared=row.shared, phrase=phrase)
