"""The header of envelope v1: its fields, in their order, and a parser that forgives nothing."""

import struct
from uuid import UUID

import msgspec

from crypto import classes, faults

MAGIC = b"LKE1"
CHUNK_LOG2 = 16
CHUNK_SIZE = 1 << CHUNK_LOG2  # 64 KiB: small enough to stream, 0.02 % of tags.
_FRONT = struct.Struct(">4sBBB16s16sII16s8sQH")
_BACK = struct.Struct(">QBI32s32s")
_MAX_CONTENT_TYPE = 127
# A counter of four bytes in the header ends here: 256 TiB, far beyond any upload.
_MAX_TOTAL = CHUNK_SIZE * 0xFFFF_FFFF


class Stamp(msgspec.Struct, frozen=True, kw_only=True):
    """What a sender says about content before it is sealed; `created_ms` is Unix time."""

    sensitivity: str
    message_id: UUID
    context_id: UUID
    epoch: int
    revision: int
    sender_org: UUID
    sender_key_id: bytes
    created_ms: int
    content_type: str
    recipients_digest: bytes
    flags: int = 0


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """Everything an envelope says in the clear; `total_len` is the padded length."""

    suite: int
    sensitivity: str
    flags: int
    message_id: UUID
    context_id: UUID
    epoch: int
    revision: int
    sender_org: UUID
    sender_key_id: bytes
    created_ms: int
    content_type: str
    total_len: int
    chunk_log2: int
    n_chunks: int
    commitment: bytes
    recipients_digest: bytes


def chunk_count(total_len: int) -> int:
    """Return how many chunks a padded length fills."""
    return -(-total_len // CHUNK_SIZE)


def finish(stamp: Stamp, *, total_len: int, commitment: bytes) -> Header:
    """Return the header of sealed content from its stamp."""
    return Header(
        suite=classes.DEFAULT_SUITE,
        sensitivity=stamp.sensitivity,
        flags=stamp.flags,
        message_id=stamp.message_id,
        context_id=stamp.context_id,
        epoch=stamp.epoch,
        revision=stamp.revision,
        sender_org=stamp.sender_org,
        sender_key_id=stamp.sender_key_id,
        created_ms=stamp.created_ms,
        content_type=stamp.content_type,
        total_len=total_len,
        chunk_log2=CHUNK_LOG2,
        n_chunks=chunk_count(total_len),
        commitment=commitment,
        recipients_digest=stamp.recipients_digest,
    )


def encode(header: Header) -> bytes:
    """Return a header's bytes; a field that does not fit is a ValueError."""
    content_type = header.content_type.encode()
    if not _is_content_type(content_type):
        raise ValueError("A content type is 1 to 127 printable ASCII characters.")
    if len(header.sender_key_id) != 8 or len(header.recipients_digest) != 32:
        raise ValueError("A key id has 8 bytes and a digest 32.")
    try:
        return _pack(header, content_type)
    except struct.error:
        raise ValueError("A number does not fit the header.") from None


def _pack(header: Header, content_type: bytes) -> bytes:
    front = _FRONT.pack(
        MAGIC,
        header.suite,
        classes.code_of(header.sensitivity),
        header.flags,
        header.message_id.bytes,
        header.context_id.bytes,
        header.epoch,
        header.revision,
        header.sender_org.bytes,
        header.sender_key_id,
        header.created_ms,
        len(content_type),
    )
    back = _BACK.pack(
        header.total_len,
        header.chunk_log2,
        header.n_chunks,
        header.commitment,
        header.recipients_digest,
    )
    return front + content_type + back


def parse(value: bytes) -> tuple[Header, int]:
    """Return the header at the start of a value and its size, or raise CannotOpen."""
    if len(value) < _FRONT.size:
        raise faults.CannotOpen
    front = _FRONT.unpack_from(value)
    size = _FRONT.size + front[-1] + _BACK.size
    if len(value) < size:
        raise faults.CannotOpen
    content_type = value[_FRONT.size : _FRONT.size + front[-1]]
    back = _BACK.unpack_from(value, _FRONT.size + front[-1])
    _refuse_foreign(front[0], front[1], front[2], content_type)
    _refuse_sizes(back[0], back[1], back[2])
    header = Header(
        suite=front[1],
        sensitivity=classes.NAMES[front[2]],
        flags=front[3],
        message_id=UUID(bytes=front[4]),
        context_id=UUID(bytes=front[5]),
        epoch=front[6],
        revision=front[7],
        sender_org=UUID(bytes=front[8]),
        sender_key_id=front[9],
        created_ms=front[10],
        content_type=content_type.decode(),
        total_len=back[0],
        chunk_log2=back[1],
        n_chunks=back[2],
        commitment=back[3],
        recipients_digest=back[4],
    )
    return header, size


def _refuse_foreign(magic: bytes, suite: int, code: int, content_type: bytes) -> None:
    known = magic == MAGIC and classes.is_live(suite) and code in classes.NAMES
    if not known or not _is_content_type(content_type):
        raise faults.CannotOpen


def _refuse_sizes(total_len: int, chunk_log2: int, n_chunks: int) -> None:
    if chunk_log2 != CHUNK_LOG2 or not 0 < total_len <= _MAX_TOTAL:
        raise faults.CannotOpen
    if n_chunks != chunk_count(total_len):
        raise faults.CannotOpen


def _is_content_type(raw: bytes) -> bool:
    return 0 < len(raw) <= _MAX_CONTENT_TYPE and all(32 <= byte < 127 for byte in raw)
