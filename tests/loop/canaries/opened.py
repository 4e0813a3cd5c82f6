"""With the root key: sealed columns opened by the keyring, so that the marks are seen to lie there.

What is under a key of a conversation or a referral is read where those who take part read it.
"""

import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from crypto.sealed import Place
from tests.making import House


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """One sealed column, and what in its row names its place."""

    table: str
    column: str = "sealed"
    row: str = "id"
    org: str | None = "org_id"
    patient: str | None = None
    revision: str | None = None


COLUMNS = (
    Column(table="patient", patient="id", revision="revision"),
    Column(table="contact", patient="patient_id", revision="version"),
    Column(table="consent", patient="patient_id"),
    Column(table="external_id", row="subject_id"),
    Column(table="address"),
    Column(table="address", column="phrase_sealed"),
    Column(table="person", column="login_sealed", org=None),
    Column(table="agency_worker"),
    Column(table="break_glass"),
    Column(table="break_glass", column="review_sealed"),
    Column(table="parked_form"),
    Column(table="agency_note"),
)
"""Columns sealed under a key of one organization, or of the network."""

READ = frozenset(
    {
        "attachment.head",
        "attachment.label",
        "attachment_copy.head",
        "attachment_copy.label",
        "content.envelope",
        "message.envelope",
        "message.retract_sealed",
        "message_copy.envelope",
        "message_draft.sealed",
        "thread_note.sealed",
        "thread_title.envelope",
        "webhook.sealed",
        "text_number.sealed",
        "inbound_text.sealed",
        "text_heard.sealed",
    }
)
"""Columns under a key of a referral or a conversation, or padded: what is in them is read."""

UNWRITTEN = frozenset(
    {
        "attachment_copy.head",
        "attachment_copy.label",
        "webhook.sealed",
        "text_number.sealed",
        "inbound_text.sealed",
        "text_heard.sealed",
    }
)
"""Columns the town need not write into: no past is forwarded, nobody texted, no system told."""

WORDLESS = re.compile(
    r"\w+\.(\w*hash|\w*token|body_mac|key_id|wrapped|public|public_key|credential_id|signature"
    r"|previous|root|path|heads_root|node|probe)|seal\.sealed|person\.totp_sealed"
)
"""Columns of bytes that hold no words of anybody: keys, digests, signatures."""


async def fields(house: House, database_url: str) -> list[bytes]:
    """Open every value of every such column; each of them has some, and so have the others."""
    connection = await asyncpg.connect(database_url)
    try:
        opened: list[bytes] = []
        for column in COLUMNS:
            rows = await connection.fetch(
                f"select * from lk.{column.table} where {column.column} is not null"
            )
            assert rows, column
            opened += [await _open(house, column, row) for row in rows]
        for name in READ - UNWRITTEN:
            table, _, column = name.partition(".")
            some = f"select 1 from lk.{table} where {column} is not null limit 1"
            assert await connection.fetchval(some), name
    finally:
        await connection.close()
    return opened


async def _open(house: House, column: Column, row: Any) -> bytes:
    org_id: UUID | None = row[column.org] if column.org else None
    place = Place(
        table=column.table,
        column=column.column,
        row_id=row[column.row],
        org_id=org_id,
        revision=row[column.revision] if column.revision else 0,
    )
    patient_id = row[column.patient] if column.patient else None
    return await house.keys.open_field(
        org_id, row[column.column], place=place, patient_id=patient_id
    )


async def columns_of_bytes(database_url: str) -> set[str]:
    """Name every column of bytes of the database."""
    connection = await asyncpg.connect(database_url)
    try:
        rows: Sequence[Any] = await connection.fetch(
            "select table_name || '.' || column_name as name from information_schema.columns"
            " where table_schema = 'lk' and data_type = 'bytea'"
        )
    finally:
        await connection.close()
    return {row["name"] for row in rows}
