"""Project Wycheproof's vectors through our own wrappers."""

import hmac
import json
import os
from pathlib import Path
from typing import Any

import pytest

from crypto import faults, primitives

_BESIDE = Path(__file__).parents[3] / "shared" / "data"
FOLDER = Path(os.environ.get("LOOPKEEPER_SHARED_DATA") or _BESIDE) / "crypto"

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(),
    reason="no Wycheproof vectors; name their folder's parent in LOOPKEEPER_SHARED_DATA",
)


COUNTS = {
    "aes_gcm_test.json": 316,
    "ed25519_test.json": 151,
    "hkdf_sha256_test.json": 86,
    "hkdf_sha512_test.json": 83,
    "x25519_test.json": 518,
}
"""How many there are of each, so that a file that was cut is noticed."""


def cases(name: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    whole = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    found = [(group, case) for group in whole["testGroups"] for case in group["tests"]]
    assert len(found) == whole["numberOfTests"] == COUNTS[name]
    return found


def raw(case: dict[str, Any], *names: str) -> list[bytes]:
    return [bytes.fromhex(case[name]) for name in names]


def test_aes_gcm_opens_the_valid_and_refuses_the_rest():
    opened = 0
    for group, case in cases("aes_gcm_test.json"):
        key, iv, aad, msg, ct, tag = raw(case, "key", "iv", "aad", "msg", "ct", "tag")
        if group["keySize"] != 256:
            with pytest.raises(ValueError, match="32 bytes"):
                primitives.Aead(key)
            continue
        aead = primitives.Aead(key)
        if case["result"] == "valid" and group["ivSize"] == 96:
            assert aead.open(iv, ct + tag, aad) == msg
            assert aead.seal(iv, msg, aad) == ct + tag
            opened += 1
        else:
            with pytest.raises(faults.CannotOpen):
                aead.open(iv, ct + tag, aad)
    assert opened == 39


def test_ed25519_verifies_the_valid_and_refuses_the_rest():
    for group, case in cases("ed25519_test.json"):
        key = primitives.verifying_key(bytes.fromhex(group["publicKey"]["pk"]))
        msg, sig = raw(case, "msg", "sig")
        if case["result"] == "valid":
            primitives.verify(key, sig, msg)
        else:
            with pytest.raises(faults.CannotOpen):
                primitives.verify(key, sig, msg)


def test_hkdf_sha256_derives_the_expected_keys():
    for _, case in cases("hkdf_sha256_test.json"):
        ikm, salt, info = raw(case, "ikm", "salt", "info")
        if case["result"] == "valid":
            made = primitives.hkdf_sha256(ikm, info=info, length=case["size"], salt=salt)
            assert made.hex() == case["okm"]
        else:
            with pytest.raises(ValueError, match=r"\w"):
                primitives.hkdf_sha256(ikm, info=info, length=case["size"], salt=salt)


def test_hkdf_expand_sha512_derives_the_expected_keys():
    for _, case in cases("hkdf_sha512_test.json"):
        ikm, salt, info = raw(case, "ikm", "salt", "info")
        prk = hmac.digest(salt or bytes(64), ikm, "sha512")
        if case["result"] == "valid":
            made = primitives.hkdf_expand_sha512(prk, info=info, length=case["size"])
            assert made.hex() == case["okm"]
        else:
            with pytest.raises(ValueError, match=r"\w"):
                primitives.hkdf_expand_sha512(prk, info=info, length=case["size"])


def test_the_x25519_half_of_a_key_is_refused_where_it_would_share_a_zero_secret():
    _, public = primitives.hpke_generate()
    refused = 0
    for _, case in cases("x25519_test.json"):
        hybrid = primitives.hpke_public(public[:1184] + bytes.fromhex(case["public"]))
        if case["shared"] == "00" * 32:
            with pytest.raises(faults.KeyRefused):
                primitives.hpke_seal(hybrid, b"key", info=b"test")
            refused += 1
        else:
            primitives.hpke_seal(hybrid, b"key", info=b"test")
    assert refused == 31
