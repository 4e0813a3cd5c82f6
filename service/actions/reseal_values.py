"""Move small values to the field keys in use, and sign-in addresses to the index key in use.

Beside running processes, in batches, each its own transaction: a value is read, opened, sealed for
the same place and stored if it is still the one that was read. What does not open is left where it
is, and goes on to hang on its key.
"""

from collections.abc import Callable
from uuid import UUID

from crypto.blind import Token
from crypto.faults import CannotOpen, NotIndexable
from crypto.sealed import Place
from service.actions import text_numbers
from service.actions.rotate_keys import Workshop
from service.store import resealing, rotating
from service.store.pool import Scope
from service.store.resealing import Column, OldValue

BATCH = 100
"""How much one transaction moves: few enough that nobody waits for it, about 10 ms."""

VALUES = "values"
"""What the progress of sealing anew is called."""

Progress = Callable[[str, int], None]


async def reseal(shop: Workshop, *, progress: Progress) -> None:
    """Seal every value under a field key anew; walks until a walk finds nothing to move."""
    for column in resealing.COLUMNS:
        while await _walked(shop, column, progress):
            pass


async def _walked(shop: Workshop, column: Column, progress: Progress) -> int:
    after, total = resealing.FIRST, 0
    while True:
        async with shop.keeper.transaction(Scope()) as connection:
            found = await resealing.old_values(connection, column, after, limit=BATCH)
            moved = 0
            for each in found:
                sealed = await _again(shop, column, each)
                if sealed is not None:
                    moved += await resealing.store(connection, column, each, sealed)
        if not found:
            return total
        after, total = found[-1].row_id, total + moved
        if moved:
            progress(VALUES, moved)


async def _again(shop: Workshop, column: Column, value: OldValue) -> bytes | None:
    place = Place(table=column.table, column=column.name, row_id=value.row_id, org_id=value.org_id)
    try:
        plain = await shop.keys.open_field(value.org_id, value.sealed, place=place)
    except CannotOpen:
        return None
    return await shop.keys.seal_field(value.org_id, plain, place=place)


async def reindex(shop: Workshop, *, progress: Progress) -> None:
    """Let everybody be found under the index key in use, then under no other.

    Whoever is stopped in the middle leaves people who are found under two keys, or one of them.
    """
    await _met(shop, progress)
    await _mailboxes(shop, progress)
    await _numbers(shop, progress)
    async with shop.keeper.transaction(Scope()) as connection:
        dropped = await rotating.drop_logins(connection)
    if dropped:
        progress("older tokens", dropped)


async def _met(shop: Workshop, progress: Progress) -> None:
    after = resealing.FIRST
    while True:
        async with shop.keeper.transaction(Scope()) as connection:
            found = await rotating.unmet(connection, after, limit=BATCH)
            for person_id, sealed in found:
                place = Place(table="person", column="login_sealed", row_id=person_id, org_id=None)
                login = await _token(shop, None, sealed, place)
                if login is not None:
                    await rotating.meet(connection, person_id, login=login)
        if not found:
            return
        after = found[-1][0]
        progress("sign-in addresses", len(found))


async def _mailboxes(shop: Workshop, progress: Progress) -> None:
    after = resealing.FIRST
    while True:
        async with shop.keeper.transaction(Scope()) as connection:
            found = await rotating.mailboxes_by_old(connection, after, limit=BATCH)
            for org_id, address_id, sealed in found:
                place = Place(table="address", column="sealed", row_id=address_id, org_id=org_id)
                token = await _token(shop, org_id, sealed, place)
                if token is not None:
                    await rotating.store_mailbox(connection, org_id, address_id, token=token)
        if not found:
            return
        after = found[-1][1]
        progress("mailboxes", len(found))


async def _numbers(shop: Workshop, progress: Progress) -> None:
    after = resealing.FIRST
    while True:
        async with shop.keeper.transaction(Scope()) as connection:
            found, moved = await rotating.numbers_by_old(connection, after, limit=BATCH), 0
            for number_id, sealed in found:
                place = text_numbers.place(number_id)
                token = await _token(shop, None, sealed, place, field="phone")
                if token is not None:
                    await rotating.store_number(connection, number_id, token=token)
                    moved += 1
        if not found:
            return
        after = found[-1][0]
        if moved:
            progress("telephone numbers", moved)


async def _token(
    shop: Workshop, org_id: UUID | None, sealed: bytes, place: Place, *, field: str = "email"
) -> Token | None:
    try:
        plain = (await shop.keys.open_field(org_id, sealed, place=place)).decode()
        newest, *_ = await shop.keys.indexes(None, field, plain)
    except (CannotOpen, NotIndexable):
        return None
    return newest
