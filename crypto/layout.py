"""How parts become bytes: fixed order, big-endian, length-prefixed, never JSON."""

from collections.abc import Iterable
from uuid import UUID

from crypto import faults


def lp(*parts: bytes) -> bytes:
    """Join parts, each behind its length in two bytes, so that no two lists look alike.

    A part longer than 65,535 bytes is an OverflowError.
    """
    return b"".join(len(part).to_bytes(2, "big") + part for part in parts)


def u32(number: int) -> bytes:
    """Return a number as four bytes; negative or too large is an OverflowError."""
    return number.to_bytes(4, "big")


def u64(number: int) -> bytes:
    """Return a number as eight bytes; negative or too large is an OverflowError."""
    return number.to_bytes(8, "big")


def org_bytes(org_id: UUID | None) -> bytes:
    """Return an organization's id, or nothing for the network itself."""
    return b"" if org_id is None else org_id.bytes


def columns(values: Iterable[bytes | None]) -> bytes:
    """Join the columns of a row, each behind its length in four bytes; nothing is not empty."""
    return b"".join(
        b"\x00" if value is None else b"\x01" + len(value).to_bytes(4, "big") + value
        for value in values
    )


def split_columns(data: bytes) -> list[bytes | None]:
    """Read what `columns` joined; anything else is CannotOpen."""
    found: list[bytes | None] = []
    while data:
        if data[:1] == b"\x00":
            found.append(None)
            data = data[1:]
            continue
        end = 5 + int.from_bytes(data[1:5], "big")
        if data[:1] != b"\x01" or len(data) < max(end, 5):
            raise faults.CannotOpen
        found.append(data[5:end])
        data = data[end:]
    return found
