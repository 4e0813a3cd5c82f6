"""Checkpoints of the record: what is signed, and how it is written down outside the database.

A checkpoint names the one before it, so that one that is kept elsewhere stands for all before it.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from crypto import faults, layout, merkle, primitives

FIRST = bytes(32)
"""What the first checkpoint names as the one before it."""

_MARK = "loopkeeper-checkpoint/1"
_KEY_MARK = "loopkeeper-record-key/1"


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """How far one organization's log had come, and the root of its tree then."""

    log_id: UUID
    size: int
    root: bytes


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """What is signed: its number and time, the one before, and the heads that changed since."""

    number: int
    at_us: int
    previous: bytes
    heads: int
    heads_root: bytes

    def body(self) -> bytes:
        """Return the bytes that are signed."""
        return layout.lp(
            b"lk1/checkpoint",
            layout.u64(self.number),
            layout.u64(self.at_us),
            self.previous,
            layout.u32(self.heads),
            self.heads_root,
        )

    def digest(self) -> bytes:
        """Return the hash by which the next checkpoint names this one."""
        return primitives.sha256(self.body())


class Signed(msgspec.Struct, frozen=True, kw_only=True):
    """A checkpoint with its signature and the id of the key that made it."""

    checkpoint: Checkpoint
    key_id: bytes
    signature: bytes

    def line(self) -> str:
        """Spell it as one line of text, to be kept where nobody reaches it from the database."""
        made = self.checkpoint
        words = (made.previous, made.heads_root, self.key_id, self.signature)
        numbers = f"{made.number} {made.at_us} {made.heads}"
        return f"{_MARK} {numbers} {' '.join(word.hex() for word in words)}"

    def check(self, keys: Mapping[bytes, primitives.VerifyingKey]) -> None:
        """Return if a known key signed it, raise CannotOpen if not."""
        key = keys.get(self.key_id)
        if key is None:
            raise faults.CannotOpen
        primitives.verify(key, self.signature, self.checkpoint.body())


def head_hash(head: Head) -> bytes:
    """Hash a head as the leaf it is among the heads of its checkpoint."""
    data = layout.lp(b"lk1/head", head.log_id.bytes, layout.u64(head.size), head.root)
    return merkle.leaf_hash(data)


class Way(msgspec.Struct, frozen=True):
    """A head's place among those of its checkpoint, and the hashes beside its way up, joined."""

    place: int
    path: bytes


def ways(heads: Sequence[Head]) -> list[Way]:
    """Say for each head, in the order given, how it leads to what is signed."""
    ordered = sorted(heads, key=lambda head: head.log_id.bytes)
    frontier = merkle.Frontier()
    kept: dict[int, tuple[bytes, bytes]] = {}
    for place, head in enumerate(ordered, 1):
        leaf = head_hash(head)
        kept[place] = leaf, frontier.push(leaf)
    found = {
        head.log_id: Way(place, b"".join(merkle.path(place, len(ordered), kept)))
        for place, head in enumerate(ordered)
    }
    return [found[head.log_id] for head in heads]


def after(previous: bytes, heads: Sequence[Head], *, number: int, at_us: int) -> Checkpoint:
    """Make the checkpoint of these heads; `previous` is the digest of the one before, or FIRST."""
    ordered = sorted(heads, key=lambda head: head.log_id.bytes)
    return Checkpoint(
        number=number,
        at_us=at_us,
        previous=previous,
        heads=len(ordered),
        heads_root=merkle.root_of([head_hash(head) for head in ordered]),
    )


def read(line: str) -> Signed:
    """Read what `line` spelled; anything else is CannotOpen. The signature is not looked at."""
    match line.split():
        case [mark, number, at_us, heads, previous, heads_root, key_id, signature] if mark == _MARK:
            try:
                made = Checkpoint(
                    number=int(number),
                    at_us=int(at_us),
                    previous=bytes.fromhex(previous),
                    heads=int(heads),
                    heads_root=bytes.fromhex(heads_root),
                )
                return Signed(
                    checkpoint=made,
                    key_id=bytes.fromhex(key_id),
                    signature=bytes.fromhex(signature),
                )
            except ValueError:
                raise faults.CannotOpen from None
        case _:
            raise faults.CannotOpen


def key_line(key_id: bytes, public: bytes) -> str:
    """Spell a public key as one line of text, to be pinned outside."""
    return f"{_KEY_MARK} {key_id.hex()} {public.hex()}"


def read_key(line: str) -> tuple[bytes, primitives.VerifyingKey]:
    """Read what `key_line` spelled; anything else is CannotOpen or KeyRefused."""
    match line.split():
        case [mark, key_id, public] if mark == _KEY_MARK:
            try:
                return bytes.fromhex(key_id), primitives.verifying_key(bytes.fromhex(public))
            except ValueError:
                raise faults.CannotOpen from None
        case _:
            raise faults.CannotOpen
