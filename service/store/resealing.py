"""Values under an organization's field key, or the network's, that an older version sealed.

As the role `lk_keys`. Each column is walked by its row's id, so that a walk costs its rows once
however often it stops; rows of one id that a batch cuts apart are met by the next walk.
"""

from typing import Any
from uuid import UUID

import msgspec

from service.store import queries
from service.store.pool import Connection

Q = queries.load("resealing")

FIRST = UUID(int=0)
"""Before every row."""


class Column(msgspec.Struct, frozen=True):
    """A column of small sealed values; its table and name are part of what is sealed."""

    table: str
    name: str

    @property
    def query(self) -> str:
        """The name of its queries."""
        return f"{self.table}_{self.name}"


class OldValue(msgspec.Struct, frozen=True, kw_only=True):
    """A value under a key that seals no more; `org_id` is None under the network's."""

    org_id: UUID | None
    row_id: UUID
    sealed: bytes

    def __repr__(self) -> str:
        return f"<old value of {self.row_id}>"


COLUMNS = (
    Column("address", "sealed"),
    Column("address", "phrase_sealed"),
    Column("agency_worker", "sealed"),
    Column("external_id", "sealed"),
    Column("break_glass", "sealed"),
    Column("break_glass", "review_sealed"),
    Column("parked_form", "sealed"),
    Column("agency_note", "sealed"),
    Column("thread_note", "sealed"),
    Column("message_draft", "sealed"),
    Column("webhook", "sealed"),
    Column("text_number", "sealed"),
    Column("inbound_text", "sealed"),
    Column("person", "login_sealed"),
    Column("person", "totp_sealed"),
)
"""Every column under a field key. What is sealed under a patient's key moves with nothing."""


async def old_values(
    connection: Connection, column: Column, after: UUID, *, limit: int
) -> list[OldValue]:
    """List values of a column under an old key, from the row after this one."""
    found = await connection.fetch(getattr(Q, column.query), after, limit)
    return [OldValue(**dict(row)) for row in found]


async def store(connection: Connection, column: Column, before: OldValue, sealed: bytes) -> bool:
    """Keep a value sealed anew; False where somebody changed it meanwhile, under the new key."""
    statement = getattr(Q, f"store_{column.query}")
    return await connection.fetchval(statement, before.row_id, before.sealed, sealed) is not None


READS: dict[str, Any] = {each.query: OldValue for each in COLUMNS}
"""Which Struct the columns of a query feed; a test compares them."""
