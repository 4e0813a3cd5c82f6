"""Vectors of what opens and of what never may: a whole one, what was done to it, and its digest.

Whoever writes the format again needs no code of ours: the bases are written out, or are made from a
seed as `make_vectors` says, and an edit is one of

    ["put", at, hex]   these bytes in place of those there
    ["cut", at]        nothing from there on
    ["take", at, n]    n bytes less from there
    ["add", hex]       these bytes at the end
"""

import hashlib
from collections.abc import Iterator
from typing import Any

from crypto import envelope, header, layout, primitives
from tests.crypto import make_vectors, salamander

CLASSES = ("general", "behavioral", "part2", "psychotherapy", "social_sensitive")
LENGTHS = (0, 1, 11, 247, 248, 249, 255, 256, 257, 1000)
LONG = (65_527, 65_528, 65_535, 65_536, 65_537, 131_064, 131_065)
BASE, THREE = ("general", 11), ("general", 140_000)
STRANGER = bytes(range(1, 33))
_FRONT, _TYPE, _BACK = 81, 10, 77
HEAD = _FRONT + _TYPE + _BACK
DEK, SIG, CHUNKS = HEAD, HEAD + envelope.WRAPPED_DEK_SIZE, HEAD + envelope.WRAPPED_DEK_SIZE + 64
CHUNK = header.CHUNK_SIZE + primitives.TAG_SIZE
_AT = {
    "magic": (0, 4),
    "flags": (6, 1),
    "message id": (7, 16),
    "context id": (23, 16),
    "epoch": (39, 4),
    "revision": (43, 4),
    "sender organization": (47, 16),
    "sender key id": (63, 8),
    "time": (71, 8),
    "content type": (81, 10),
    "commitment": (HEAD - 64, 32),
    "recipients digest": (HEAD - 32, 32),
    "wrapped key": (DEK, 60),
    "signature": (SIG, 64),
    "first chunk": (CHUNKS, 256),
    "tag": (CHUNKS + 256, 16),
}
_GROUP_ORDER = 2**252 + 27742317777372353535851937790883648493

Edit = list[Any]
Case = dict[str, Any]


def whole(base: tuple[str, int]) -> bytes:
    """Build a base."""
    return make_vectors.make(*base)


def edited(value: bytes, edits: list[Edit]) -> bytes:
    """Do to a value what a vector says."""
    for kind, *how in edits:
        if kind == "put":
            at, put = how[0], bytes.fromhex(how[1])
            value = value[:at] + put + value[at + len(put) :]
        elif kind == "cut":
            value = value[: how[0]]
        elif kind == "take":
            value = value[: how[0]] + value[how[0] + how[1] :]
        else:
            value += bytes.fromhex(how[0])
    return value


def valid() -> Iterator[Case]:
    """Yield every class with every edge of a size."""
    for name in CLASSES:
        for length in LENGTHS:
            yield _case(f"{name} of {length} bytes", (name, length))
    for length in LONG:
        yield _case(f"general of {length} bytes", ("general", length))


def broken() -> Iterator[Case]:
    """Yield everything that was done to a whole one; what changes nothing breaks nothing."""
    seen = {case["sha256"] for case in valid()}
    for make in (_fields, _bytes_of_the_table, _sizes, _cuts, _swapped, _chunks, _crafted):
        for case in make():
            if case["sha256"] not in seen:
                seen.add(case["sha256"])
                yield case


def _case(why: str, base: tuple[str, int], *edits: Edit) -> Case:
    value = edited(whole(base), list(edits))
    digest = hashlib.sha256(value).hexdigest()
    return {"why": why, "base": list(base), "edits": list(edits), "sha256": digest}


def _fields() -> Iterator[Case]:
    value = whole(BASE)
    for name, (at, size) in _AT.items():
        for place in sorted({0, size // 2, size - 1}):
            changed = bytes([value[at + place] ^ 1]).hex()
            yield _case(f"{name}: a bit of byte {place}", BASE, ["put", at + place, changed])
        yield _case(f"{name}: zeros", BASE, ["put", at, bytes(size).hex()])
        yield _case(f"{name}: ones", BASE, ["put", at, "ff" * size])


def _bytes_of_the_table() -> Iterator[Case]:
    for code in (0, 2, 3, 4, 0x7F, 0x80, 0x81, 0xFF):
        kind = "reserved" if code in (2, 3) else "unknown"
        yield _case(f"suite {code}: {kind}", BASE, ["put", 4, f"{code:02x}"])
    for code in (0, 2, 3, 4, 5, 6, 0x80, 0xFF):
        yield _case(f"class {code} in place of 1", BASE, ["put", 5, f"{code:02x}"])


def _sizes() -> Iterator[Case]:
    back = _FRONT + _TYPE
    for length in (0, 9, 11, 127, 128, 0xFFFF):
        yield _case(f"content type of {length} bytes", BASE, ["put", 79, f"{length:04x}"])
    for total in (0, 1, 255, 257, 512, 65_536, 2**32, 2**63, 2**64 - 1):
        yield _case(f"total length {total}", BASE, ["put", back, f"{total:016x}"])
    for log2 in (0, 8, 15, 17, 255):
        yield _case(f"chunks of 2^{log2}", BASE, ["put", back + 8, f"{log2:02x}"])
    for count in (0, 2, 256, 2**31, 2**32 - 1):
        yield _case(f"{count} chunks", BASE, ["put", back + 9, f"{count:08x}"])


def _cuts() -> Iterator[Case]:
    end = len(whole(BASE))
    for at in (0, 1, 3, 4, 5, 6, 7, 80, 81, 90, 91, HEAD - 1, HEAD, DEK + 12, SIG - 1, SIG):
        yield _case(f"cut after {at} bytes", BASE, ["cut", at])
    for at in (CHUNKS - 1, CHUNKS, CHUNKS + 1, end - 16, end - 1):
        yield _case(f"cut after {at} bytes", BASE, ["cut", at])
    for more in ("00", "00" * 16, "ff" * 256, whole(("part2", 1)).hex()):
        yield _case(f"{len(more) // 2} bytes after the end", BASE, ["add", more])
    for at, size in ((0, 1), (4, 1), (79, 2), (DEK, 12), (SIG, 64), (CHUNKS, 16)):
        yield _case(f"{size} bytes taken out at {at}", BASE, ["take", at, size])


def _swapped() -> Iterator[Case]:
    for other in (("part2", 11), ("general", 1), ("general", 248)):
        value = whole(other)
        for name in ("wrapped key", "signature", "commitment", "recipients digest", "first chunk"):
            at, size = _AT[name]
            put = ["put", at, value[at : at + size].hex()]
            yield _case(f"the {name} of {other[0]} {other[1]}", BASE, put)
        head = ["put", 0, value[:HEAD].hex()]
        yield _case(f"the header of {other[0]} {other[1]}", BASE, head)


def _chunks() -> Iterator[Case]:
    value = whole(THREE)
    one, two = value[CHUNKS : CHUNKS + CHUNK], value[CHUNKS + CHUNK : CHUNKS + 2 * CHUNK]
    yield _moved(
        "chunks in another order", value[:CHUNKS] + two + one + value[CHUNKS + 2 * CHUNK :]
    )
    yield _moved("a chunk replayed", value[:CHUNKS] + one + one + value[CHUNKS + 2 * CHUNK :])
    yield _moved("a chunk missing", value[:CHUNKS] + one + value[CHUNKS + 2 * CHUNK :])
    yield _moved("the last chunk missing", value[: CHUNKS + 2 * CHUNK])
    yield _moved("a chunk too many", value[: CHUNKS + 2 * CHUNK] + value[CHUNKS + CHUNK :])
    yield _moved("the last chunk first", value[:CHUNKS] + value[CHUNKS + 2 * CHUNK :] + one + two)


def _moved(why: str, value: bytes) -> Case:
    """Describe a long value by what the sender's own signature over it makes of it, too."""
    return {"why": why, "moved": why, "sha256": hashlib.sha256(value).hexdigest(), "value": value}


def _crafted() -> Iterator[Case]:
    """Yield what only somebody with keys can make, written out."""
    parts = envelope.split(whole(BASE))
    raw = whole(BASE)[:HEAD]
    stranger = primitives.signing_key(STRANGER)
    signed = envelope.signed_bytes(parts.header_hash, parts.chunks)
    front, tail = raw + parts.wrapped_dek, parts.chunks
    yield _written(
        "signed by another organization", front + primitives.sign(stranger, signed) + tail
    )
    half = int.from_bytes(parts.signature[32:], "little") + _GROUP_ORDER
    moved = parts.signature[:32] + half.to_bytes(32, "little")
    yield _written("a signature moved by the group's order", front + moved + tail)
    yield _written("a low-order signature", front + bytes([1]) + bytes(63) + tail)
    yield _written("a commitment to another key, signed", _uncommitted())
    yield _written("a ciphertext that two keys open, the other key", salamander.envelope_of(1))
    other = primitives.aead_seal(
        bytes(32), bytes(32), aad=b"lk1/dek" + parts.header_hash, entropy=make_vectors.steady("x")
    )
    yield _written("wrapped under another epoch's key", raw + other + parts.signature + tail)


def _uncommitted() -> bytes:
    """Seal honestly under one key and commit to another; everything else fits."""
    dek, padded = bytes([7]) * 32, layout.u64(248) + b"x" * 248
    key, _ = envelope.content_keys(dek)
    _, commitment = envelope.content_keys(bytes([8]) * 32)
    stamp = make_vectors.STAMPS["general"]
    raw = header.encode(header.finish(stamp, total_len=256, commitment=commitment))
    hh = envelope.header_hash(raw)
    chunks = primitives.Aead(key).seal(envelope.chunk_nonce(0, 1), padded, hh + layout.u32(0))
    entropy = make_vectors.steady("uncommitted")
    wrapped = primitives.aead_seal(make_vectors.REK, dek, aad=b"lk1/dek" + hh, entropy=entropy)
    signer = primitives.signing_key(make_vectors.SIGN_SEED)
    signature = primitives.sign(signer, envelope.signed_bytes(hh, chunks))
    return raw + wrapped + signature + chunks


def _written(why: str, value: bytes) -> Case:
    return {"why": why, "hex": value.hex(), "sha256": hashlib.sha256(value).hexdigest()}


def resigned(value: bytes) -> bytes:
    """Sign chunks that were moved as their sender would, so that only their nonces refuse them."""
    parts = envelope.split(whole(THREE))
    chunks = value[CHUNKS:]
    signer = primitives.signing_key(make_vectors.SIGN_SEED)
    signature = primitives.sign(signer, envelope.signed_bytes(parts.header_hash, chunks))
    return value[:SIG] + signature + chunks


def seals_broken() -> Iterator[Case]:
    """Yield what was done to the one pinned seal: its row, and its bytes."""
    low = ("00" * 32, "01" + "00" * 31, "ec" + "ff" * 30 + "7f", "ed" + "ff" * 30 + "7f")
    more = (
        "ee" + "ff" * 30 + "7f",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    )
    for point in (*low, *more):
        yield {"why": f"low-order share {point[:8]}", "edits": [["put", 1088, point]]}
    for at in (0, 1, 1087, 1088, 1119, 1120, 1150, 1200):
        yield {"why": f"byte {at} is zero", "edits": [["put", at, "00"]]}
        yield {"why": f"cut after {at} bytes", "edits": [["cut", at]]}
    yield {"why": "a byte more", "edits": [["add", "00"]]}
    yield {"why": "all zeros", "edits": [["put", 0, "00" * 1220]]}
    for name, other in (
        ("sensitivity", "general"),
        ("epoch", 8),
        ("epoch", 0),
        ("org_id", 5),
        ("context_id", 3),
        ("key_id", "6f736b2d69642d39"),
    ):
        yield {"why": f"for another {name}: {other}", "row": {name: other}}


def everything() -> dict[str, Any]:
    """Return the file's content; what moved whole chunks is told by its digest only."""
    found = [{name: value for name, value in case.items() if name != "value"} for case in broken()]
    signer = primitives.signing_key(make_vectors.SIGN_SEED)
    return {
        "rek": make_vectors.REK.hex(),
        "sender": signer.public_key().public_bytes_raw().hex(),
        "bases": {f"{name}/{size}": whole((name, size)).hex() for name, size in (BASE,)},
        "valid": list(valid()),
        "broken": found,
        "seals": list(seals_broken()),
    }
