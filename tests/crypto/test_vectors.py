import hashlib
import json
from typing import Any
from uuid import UUID

import pytest

from crypto import envelope, faults, keys, primitives, root, sealed, seals
from tests.crypto import make_vectors


def pinned(name: str) -> Any:
    return json.loads((make_vectors.FOLDER / f"{name}.json").read_text(encoding="utf-8"))


SENDER = primitives.signing_key(make_vectors.SIGN_SEED).public_key()


@pytest.mark.parametrize("case", pinned("envelope"), ids=lambda c: f"{c['stamp']}-{c['length']}")
def test_an_envelope_is_built_and_opened_to_the_same_bytes_for_ever(case: dict[str, Any]):
    made = make_vectors.make(case["stamp"], case["length"])
    if "hex" in case:
        assert made.hex() == case["hex"]
    else:
        assert hashlib.sha256(made).hexdigest() == case["sha256"]
    opened = envelope.open_(make_vectors.REK, made, sender=SENDER)
    assert opened.plaintext == make_vectors.stream(
        f"{case['stamp']}/{case['length']}", case["length"]
    )
    assert opened.content_type == make_vectors.STAMPS[case["stamp"]].content_type


@pytest.mark.parametrize("case", pinned("broken"), ids=lambda c: c["why"])
def test_a_broken_envelope_never_opens(case: dict[str, str]):
    with pytest.raises(faults.CannotOpen):
        envelope.open_(make_vectors.REK, bytes.fromhex(case["hex"]), sender=SENDER)


def test_small_values_keep_their_bytes():
    assert make_vectors.values() == pinned("value")
    for case in pinned("value"):
        place = sealed.Place(
            table="patient",
            column="name",
            row_id=UUID(int=6),
            org_id=None if case["org"] is None else UUID(int=case["org"]),
            revision=case["revision"],
        )
        value = bytes.fromhex(case["hex"])
        opened = sealed.open_value(make_vectors.REK, b"key-id-8", value, place=place)
        assert opened.decode() == case["text"]


def test_indexes_and_normalizers_keep_their_answers():
    assert json.loads(json.dumps(make_vectors.indexes())) == pinned("index")


def test_derived_secrets_keep_their_answers():
    assert make_vectors.derived() == pinned("derived")


def test_a_seal_made_by_an_older_library_still_opens():
    case = pinned("seal")
    row = keys.SealRow(
        context_id=UUID(int=2),
        sensitivity="part2",
        epoch=7,
        org_id=UUID(int=4),
        key_id=b"osk-id-8",
        sealed=bytes.fromhex(case["sealed"]),
    )
    private = primitives.hpke_private(bytes.fromhex(case["private"]))
    assert seals.open_rek(row, private) == make_vectors.REK


def test_a_wrapped_key_still_opens_and_its_public_half_is_still_attested():
    case = pinned("wrapped")
    key = root.RootKey(make_vectors.REK)
    row = keys.KeyRow(
        org_id=UUID(int=4),
        purpose="sig",
        version=1,
        key_id=bytes.fromhex(case["key_id"]),
        state="active",
        suite=1,
        public=bytes.fromhex(case["public"]),
        wrapped=bytes.fromhex(case["wrapped"]),
    )
    public = primitives.signing_key(keys.unwrap(key, row)).public_key()
    assert public.public_bytes_raw() == keys.public_half(key.derive("attest"), row)


def test_the_generator_makes_every_vector_file():
    names = {path.stem for path in make_vectors.FOLDER.glob("*.json")}
    assert {*make_vectors.everything(), "protocol"} == names
