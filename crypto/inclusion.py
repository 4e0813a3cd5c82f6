"""The proof that one line of the record is under a signed checkpoint; it is checked without us.

It goes from the line to its leaf, up the tree of its log to the log's head, from there up the tree
of heads to what the checkpoint signs.
"""

from collections.abc import Mapping
from uuid import UUID

import msgspec

from crypto import checkpoint, faults, layout, merkle, primitives

FORM = "loopkeeper-proof/1"

_LINE = b"lk1/line"
_HASH = 32


class Proof(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A line's columns as they are hashed, its place, the two paths in hexadecimal, what is signed.

    `line` has the columns in base64, `seq` counts from 1 and `heads_place` from 0.
    """

    form: str = FORM
    audit_id: UUID
    log_id: UUID
    line: bytes
    leaf: str
    seq: int
    size: int
    path: tuple[str, ...]
    heads_place: int
    heads_path: tuple[str, ...]
    checkpoint: str


def leaf_of(columns: bytes) -> bytes:
    """Hash the columns of a line as the leaf it is in its log."""
    return merkle.leaf_hash(_LINE + columns)


def check(proof: Proof, keys: Mapping[bytes, primitives.VerifyingKey]) -> checkpoint.Signed:
    """Return the checkpoint that stands for the line; raises CannotOpen where it does not."""
    signed = checkpoint.read(proof.checkpoint)
    signed.check(keys)
    leaf = leaf_of(proof.line)
    owned = layout.split_columns(proof.line)[:2]
    whose = [proof.audit_id.bytes, proof.log_id.bytes if proof.log_id.int else None]
    if proof.form != FORM or leaf.hex() != proof.leaf or owned != whose:
        raise faults.CannotOpen
    root = merkle.root_by(leaf, proof.seq - 1, proof.size, _hashes(proof.path))
    head = checkpoint.head_hash(checkpoint.Head(log_id=proof.log_id, size=proof.size, root=root))
    made = signed.checkpoint
    above = merkle.root_by(head, proof.heads_place, made.heads, _hashes(proof.heads_path))
    if above != made.heads_root:
        raise faults.CannotOpen
    return signed


def _hashes(path: tuple[str, ...]) -> list[bytes]:
    try:
        found = [bytes.fromhex(each) for each in path]
    except ValueError:
        raise faults.CannotOpen from None
    if any(len(each) != _HASH for each in found):
        raise faults.CannotOpen
    return found
