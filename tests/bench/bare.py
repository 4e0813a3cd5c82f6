"""What P8 stands beside: fifty full open orders as bare library calls, one query, one insert.

The checks of an envelope in the design's order, straight on `cryptography`: unseal the epoch's key,
compare the context embedded in it, unwrap the message's key, compare the commitment, verify the
signature, decrypt. No parsing (the offsets are known), no cache, no policy, no row-level security.
"""

import hashlib
import hmac
from uuid import UUID

import asyncpg
import msgspec
from cryptography.hazmat.primitives import hashes, hpke
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from crypto import classes, header
from crypto.chest import Chest
from service.domain import ids
from service.store.keys import StoredKeyRows
from service.store.pool import Pool
from tests.bench.written import FLOOR_SCHEMA
from tests.fixtures import keys as test_keys

MESSAGES = 50
_SUITE = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
_FIRST_AND_LAST = bytes(11) + b"\1"

_READ = """select s.sealed, array(select m.envelope from lk.message m where m.thread_id = $1
                                   order by m.seq desc limit 50) as envelopes
             from lk.seal s where s.context_id = $1 and s.org_id = $2"""


class Kept(msgspec.Struct, frozen=True):
    """What opening one thread needs: parsed keys, and where the parts of its envelopes are."""

    thread_id: UUID
    org_id: UUID
    private: hpke.MLKEM768X25519PrivateKey
    info: bytes
    context: bytes
    authors: tuple[ed25519.Ed25519PublicKey, ...]
    head: int


class Bare:
    """Opens threads with nothing but the libraries; `line` is a line of the record like ours."""

    def __init__(self, owner: asyncpg.Connection, line: dict[str, object]) -> None:
        self._owner = owner
        self._columns = {name: value for name, value in line.items() if value is not None}
        places = ", ".join(f"${place + 1}" for place in range(len(self._columns)))
        names = ", ".join(self._columns)
        self._insert = f"insert into {FLOOR_SCHEMA}.audit ({names}) values ({places})"

    async def kept(self, pool: Pool, thread_id: UUID, org_id: UUID) -> Kept:
        """Find and parse the keys of a thread, unmeasured."""
        chest = Chest(test_keys.root_key(), StoredKeyRows(pool))
        seal = await self._owner.fetchrow(
            "select key_id, class, epoch from lk.seal where context_id = $1 and org_id = $2",
            thread_id,
            org_id,
        )
        found = await self._owner.fetchrow(_READ, thread_id, org_id)
        assert seal is not None
        assert found is not None
        first, head = header.parse(found["envelopes"][0])
        parsed = [header.parse(each)[0] for each in found["envelopes"]]
        code = bytes([classes.code_of(seal["class"])])
        context = thread_id.bytes + code + seal["epoch"].to_bytes(4, "big")
        return Kept(
            thread_id=thread_id,
            org_id=org_id,
            private=await chest.unsealer(org_id, seal["key_id"]),
            info=b"lk1/rek" + bytes([first.suite]) + context + org_id.bytes + seal["key_id"],
            context=context,
            authors=tuple(
                [await chest.verifier(each.sender_org, each.sender_key_id) for each in parsed]
            ),
            head=head,
        )

    async def open(self, of: Kept, *, unseals: int = MESSAGES) -> list[bytes]:
        """Read, open and record; the key of the epoch is unsealed so many times."""
        found = await self._owner.fetchrow(_READ, of.thread_id, of.org_id)
        assert found is not None
        rek, texts = b"", []
        for place, value in enumerate(found["envelopes"]):
            if place < unseals:
                rek = _unsealed(of, found["sealed"])
            texts.append(_opened(rek, value, of.head, of.authors[place]))
        await self._owner.execute(self._insert, *{**self._columns, "id": ids.new_id()}.values())
        return texts


def _unsealed(of: Kept, sealed: bytes) -> bytes:
    inner = _SUITE.decrypt(sealed, of.private, of.info)
    rek = inner[:32]
    expected = rek + hashlib.sha256(b"lk1/rek" + rek).digest() + of.context
    if not hmac.compare_digest(inner, expected):
        raise ValueError("This seal is of another epoch.")
    return rek


def _opened(rek: bytes, value: bytes, head: int, author: ed25519.Ed25519PublicKey) -> bytes:
    """Open one message; every library call raises where its check fails."""
    wrapped, rest = value[head : head + 60], value[head + 60 :]
    signature, chunk = rest[:64], rest[64:]
    hh = hashlib.sha256(b"lk1/header" + value[:head]).digest()
    dek = AESGCM(rek).decrypt(wrapped[:12], wrapped[12:], b"lk1/dek" + hh)
    made = HKDFExpand(algorithm=hashes.SHA512(), length=64, info=b"lk1/content").derive(dek)
    if not hmac.compare_digest(made[32:], value[head - 64 : head - 32]):
        raise ValueError("This message commits to another key.")
    author.verify(signature, b"lk1/sig" + hh + hashlib.sha256(chunk).digest())
    return AESGCM(made[:32]).decrypt(_FIRST_AND_LAST, chunk, hh + bytes(4))
