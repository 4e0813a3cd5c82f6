"""Telephone numbers that may be texted: known by a blind index, their consent by evidence."""

from collections.abc import Iterable
from uuid import UUID

import msgspec

from crypto.ports import Keyring
from crypto.sealed import Place
from service.actions.office import Office
from service.domain import ids
from service.domain.patient_texts import TextPurpose
from service.store import text_numbers
from service.store.pool import Scope
from service.store.text_numbers import Evidence


class Number(msgspec.Struct, frozen=True, kw_only=True):
    """A number by its tokens, the one of the index key in use first."""

    id: UUID
    tokens: tuple[bytes, ...]


def place(number_id: UUID) -> Place:
    """Say where a number is sealed; it belongs to the network, not to one organization."""
    return Place(table="text_number", column="sealed", row_id=number_id, org_id=None)


async def known(office: Office, number: str) -> UUID:
    """Return the id of a number in E.164, which is written down where it is met for the first time.

    Found under every version of the index key that opens. A malformed one raises NotIndexable.
    """
    tokens = await office.keys.indexes(None, "phone", number)
    for each in tokens:
        async with office.db.transaction(Scope(lookup=each.digest)) as connection:
            found = await text_numbers.find(connection, each.digest)
        if found is not None:
            return found
    number_id = ids.new_id()
    sealed = await _sealed(office.keys, number_id, number)
    async with office.db.transaction(Scope(lookup=tokens[0].digest)) as connection:
        return await text_numbers.add(
            connection,
            number_id,
            token=tokens[0].digest,
            key_version=tokens[0].version,
            sealed=sealed,
        )


async def _sealed(keys: Keyring, number_id: UUID, number: str) -> bytes:
    return await keys.seal_field(None, number.encode(), place=place(number_id))


def evidence(
    *,
    number_id: UUID,
    org_id: UUID,
    contact_id: UUID,
    member_id: UUID | None,
    given: Iterable[TextPurpose],
    how: str,
) -> list[Evidence]:
    """Spell what a contact allowed and what not: a line for each purpose."""
    allowed = frozenset(given)
    return [
        Evidence(
            id=ids.new_id(),
            number_id=number_id,
            org_id=org_id,
            purpose=purpose,
            given=purpose in allowed,
            how=how,
            contact_id=contact_id,
            member_id=member_id,
        )
        for purpose in TextPurpose
    ]
