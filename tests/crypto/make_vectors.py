"""Write the pinned vectors of our own formats; `python -m tests.crypto.make_vectors`.

They are written once. A vector that changes is a format that changed: that needs a new
version byte, not a new run of this file.
"""

import hashlib
import json
from pathlib import Path
from uuid import UUID

import msgspec

from crypto import blind, envelope, keys, primitives, root, sealed, seals, token

FOLDER = Path(__file__).parent / "vectors"
SIGN_SEED = bytes(range(32))
REK = bytes(range(32, 64))
STAMP = envelope.Stamp(
    sensitivity="general",
    message_id=UUID(int=1),
    context_id=UUID(int=2),
    epoch=1,
    revision=1,
    sender_org=UUID(int=3),
    sender_key_id=b"key-id-8",
    created_ms=1_700_000_000_000,
    content_type="text/plain",
    recipients_digest=envelope.recipients_digest([UUID(int=3), UUID(int=4)]),
)
STAMPS = {
    "general": STAMP,
    "part2": msgspec.structs.replace(STAMP, sensitivity="part2", epoch=7, revision=3),
    "psychotherapy": msgspec.structs.replace(STAMP, sensitivity="psychotherapy", flags=1),
    "behavioral": msgspec.structs.replace(STAMP, sensitivity="behavioral"),
    "social_sensitive": msgspec.structs.replace(STAMP, sensitivity="social_sensitive"),
    "document": msgspec.structs.replace(STAMP, content_type="application/pdf", revision=2**31),
}
LENGTHS = (0, 1, 11, 248, 249, 1000, 4096)
LONG_LENGTHS = (65_528, 65_529, 200_000)


def stream(seed: str, size: int) -> bytes:
    """Return bytes that only depend on a seed."""
    blocks = (hashlib.sha256(f"{seed}/{i}".encode()).digest() for i in range(size // 32 + 1))
    return b"".join(blocks)[:size]


def steady(seed: str) -> primitives.Entropy:
    """Return a source of bytes that repeats itself in every run."""
    calls = iter(range(1000))
    return lambda count: stream(f"{seed}/{next(calls)}", count)


def make(stamp: str, length: int) -> bytes:
    """Build the envelope of a vector."""
    name = f"{stamp}/{length}"
    return envelope.build(
        REK,
        stream(name, length),
        stamp=STAMPS[stamp],
        sender=primitives.signing_key(SIGN_SEED),
        entropy=steady(name),
    )


def envelopes() -> list[dict[str, object]]:
    """Return small envelopes in full and long ones by their digest."""
    cases: list[dict[str, object]] = []
    for stamp in ("general", "part2", "psychotherapy", "document"):
        lengths = LENGTHS if stamp == "general" else LENGTHS[:3]
        cases += [
            {"stamp": stamp, "length": length, "hex": make(stamp, length).hex()}
            for length in lengths
        ]
    for length in LONG_LENGTHS:
        digest = hashlib.sha256(make("general", length)).hexdigest()
        cases.append({"stamp": "general", "length": length, "sha256": digest})
    return cases


def broken() -> list[dict[str, str]]:
    """Return what must never open, each with why."""
    whole, other = make("general", 1000), make("part2", 11)
    head = len(whole) - 60 - 64 - 1040
    cases = {
        "empty": b"",
        "only the magic": b"LKE1",
        "another magic": b"LKE2" + whole[4:],
        "a reserved suite": whole[:4] + b"\2" + whole[5:],
        "an unknown class": whole[:5] + b"\0" + whole[6:],
        "another class": whole[:5] + b"\3" + whole[6:],
        "another flag": whole[:6] + b"\1" + whole[7:],
        "one byte short": whole[:-1],
        "one byte long": whole + b"\0",
        "the header alone": whole[:head],
        "another envelope's key": whole[:head]
        + other[len(other) - 396 :][:60]
        + whole[head + 60 :],
        "another signature": whole[: head + 60] + bytes(64) + whole[head + 124 :],
        "another commitment": whole[: head - 64] + bytes(32) + whole[head - 32 :],
        "other recipients": whole[: head - 32] + bytes(32) + whole[head:],
        "no chunks": whole[: head + 124],
    }
    return [{"why": why, "hex": value.hex()} for why, value in cases.items()]


def values() -> list[dict[str, object]]:
    """Return small sealed values at several places."""
    cases: list[dict[str, object]] = []
    for org_id, text, revision in ((None, "", 0), (5, "García", 1), (5, "+15035550101", 9)):
        place = sealed.Place(
            table="patient",
            column="name",
            row_id=UUID(int=6),
            org_id=None if org_id is None else UUID(int=org_id),
            revision=revision,
        )
        value = sealed.seal_value(
            REK, b"key-id-8", text.encode(), place=place, entropy=steady(f"value/{revision}")
        )
        cases.append({"org": org_id, "text": text, "revision": revision, "hex": value.hex()})
    return cases


def indexes() -> list[dict[str, object]]:
    """Return normalized spellings and their digests."""
    written: list[tuple[str, blind.Value]] = [
        ("phone", "+15035550101"),
        ("email", " Ana.Ruiz@Example.ORG "),
        ("mrn", "00-12 34a"),
        ("reference", "7F3K-22"),
        ("external_id", ("HTTPS://ehr.example/id", " A-17 ")),
        ("name_initial", ("García", "María")),
        ("name_initial", ("Łukasiewicz-Ødegård", "Þór")),
        ("name_initial", ("Straße", "Ægir")),
        ("birth_initial", ("1980-02-29", "Élodie")),
    ]
    cases: list[dict[str, object]] = []
    for field, value in written:
        normal = blind.normalize(field, value)
        digest = blind.token(REK, field, normal).hex()
        cases.append({"field": field, "value": value, "normalized": normal, "hex": digest})
    return cases


def derived() -> dict[str, str]:
    """Return what is derived and must stay the same for as long as it is in use."""
    key = root.RootKey(REK)
    return {
        "link_secret": token.link_secret(REK, UUID(int=7)),
        "link_code": token.link_code(REK, UUID(int=7), at=1_700_000_000),
        "cursor": token.seal_cursor(REK, [1, "a"], scope="inbox"),
        "idempotency": token.idempotency_digest(REK, route="POST /x", body=b"{}").hex(),
        "database_password": token.database_password(key, "web"),
        "root_key_id": key.key_id.hex(),
        "root_attest": key.derive("attest").hex(),
    }


def seal() -> dict[str, str]:
    """Return one sealed epoch key; HPKE draws its own bytes, so it is opened, not rebuilt."""
    private, public = primitives.hpke_generate()
    epoch = seals.Epoch(context_id=UUID(int=2), sensitivity="part2", epoch=7)
    made = seals.seal_rek(
        REK,
        primitives.hpke_public(public),
        epoch=epoch,
        org_id=UUID(int=4),
        key_id=b"osk-id-8",
    )
    return {"private": private.hex(), "sealed": made.sealed.hex()}


def wrapped() -> dict[str, str]:
    """Return one wrapped and attested key, to be opened again."""
    key = root.RootKey(REK)
    row = keys.mint(key, attest_key=key.derive("attest"), org_id=UUID(int=4), purpose="sig")
    return {
        "key_id": row.key_id.hex(),
        "public": (row.public or b"").hex(),
        "wrapped": row.wrapped.hex(),
    }


def everything() -> dict[str, object]:
    """Return each vector file's content by its name."""
    return {
        "envelope": envelopes(),
        "broken": broken(),
        "value": values(),
        "index": indexes(),
        "derived": derived(),
        "seal": seal(),
        "wrapped": wrapped(),
    }


if __name__ == "__main__":
    from tests.crypto import make_broken

    FOLDER.mkdir(exist_ok=True)
    lines = json.dumps(make_broken.everything(), separators=(",", ":")).replace("},{", "},\n{")
    (FOLDER / "protocol.json").write_text(lines + "\n", encoding="utf-8")
    for name, content in everything().items():
        # HPKE and key generation draw bytes of their own: these were made once and stay.
        if name in ("seal", "wrapped") and (FOLDER / f"{name}.json").exists():
            continue
        text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
        (FOLDER / f"{name}.json").write_text(text, encoding="utf-8")
