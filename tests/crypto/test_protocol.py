"""Our own vectors: what opens, what never may, and that all of it is refused in the same words."""

import hashlib
import json
import re
from typing import Any
from uuid import UUID

import msgspec
import pytest

from crypto import envelope, faults, keys, primitives, seals
from tests.crypto import make_broken, make_vectors

PINNED = json.loads((make_vectors.FOLDER / "protocol.json").read_text(encoding="utf-8"))
SENDER = primitives.verifying_key(bytes.fromhex(PINNED["sender"]))
MOVED = {case["why"]: case["value"] for case in make_broken.broken() if "value" in case}


def refused(value: bytes) -> None:
    """Every refusal is the one error, with the one sentence and nothing behind it."""
    with pytest.raises(faults.CannotOpen) as error:
        envelope.open_(make_vectors.REK, value, sender=SENDER)
    assert type(error.value) is faults.CannotOpen
    assert str(error.value) == str(faults.CannotOpen())
    assert error.value.__cause__ is None


def bytes_of(case: dict[str, Any]) -> bytes:
    """Return a vector's bytes, which must be those of the day it was made."""
    if "hex" in case:
        value = bytes.fromhex(case["hex"])
    elif "moved" in case:
        value = MOVED[case["moved"]]
    else:
        value = make_broken.edited(make_broken.whole(tuple(case["base"])), case["edits"])
    assert hashlib.sha256(value).hexdigest() == case["sha256"]
    return value


def test_there_are_more_than_two_hundred_and_no_two_are_the_same():
    cases = [*PINNED["valid"], *PINNED["broken"]]
    assert len(PINNED["valid"]) == 57
    assert len({case["sha256"] for case in cases}) == len(cases) > 200
    assert len(PINNED["seals"]) == 31


KINDS = {
    "truncated": ("broken", r"cut after|chunk missing"),
    "lengthened": ("broken", r"after the end|chunk too many"),
    "reordered": ("broken", r"another order|last chunk first|replayed"),
    "another class": ("broken", r"class \d+ in place"),
    "another class's seal": ("seals", r"another sensitivity"),
    "another organization": ("broken", r"sender organization:|another organization"),
    "another organization's seal": ("seals", r"another org_id"),
    "another revision": ("broken", r"revision:"),
    "a ciphertext of two keys": ("broken", r"two keys open"),
    "a low-order key": ("seals", r"low-order share"),
    "a commitment that does not match": ("broken", r"commitment"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_there_is_a_vector_of_every_kind_of_break(kind: str):
    where, words = KINDS[kind]
    assert [case for case in PINNED[where] if re.search(words, case["why"])]


def test_the_generator_makes_the_committed_vectors_again():
    assert json.loads(json.dumps(make_broken.everything())) == PINNED


@pytest.mark.parametrize("case", PINNED["valid"], ids=lambda case: case["why"])
def test_a_whole_one_opens(case: dict[str, Any]):
    opened = envelope.open_(make_vectors.REK, bytes_of(case), sender=SENDER)
    name, length = case["base"]
    assert opened.plaintext == make_vectors.stream(f"{name}/{length}", length)
    assert opened.header.sensitivity == name


@pytest.mark.parametrize("case", PINNED["broken"], ids=lambda case: case["why"])
def test_a_broken_one_is_refused_in_the_same_words(case: dict[str, Any]):
    refused(bytes_of(case))


@pytest.mark.parametrize("why", MOVED)
def test_chunks_that_their_own_sender_moved_are_refused(why: str):
    refused(make_broken.resigned(MOVED[why]))


def test_another_epochs_key_and_another_senders_open_nothing():
    value = make_broken.whole(make_broken.BASE)
    stranger = primitives.signing_key(make_broken.STRANGER).public_key()
    for rek, sender in ((bytes(32), SENDER), (make_vectors.REK, stranger)):
        with pytest.raises(faults.CannotOpen):
            envelope.open_(rek, value, sender=sender)


def test_the_base_is_written_out_for_whoever_writes_the_format_again():
    for name, text in PINNED["bases"].items():
        stamp, _, length = name.partition("/")
        assert make_vectors.make(stamp, int(length)).hex() == text


def row_of(case: dict[str, Any]) -> keys.SealRow:
    pinned = json.loads((make_vectors.FOLDER / "seal.json").read_text(encoding="utf-8"))
    row = keys.SealRow(
        context_id=UUID(int=2),
        sensitivity="part2",
        epoch=7,
        org_id=UUID(int=4),
        key_id=b"osk-id-8",
        sealed=make_broken.edited(bytes.fromhex(pinned["sealed"]), case.get("edits", [])),
    )
    changed = {
        name: UUID(int=value)
        if name in ("org_id", "context_id")
        else bytes.fromhex(value)
        if name == "key_id"
        else value
        for name, value in case.get("row", {}).items()
    }
    return msgspec.structs.replace(row, **changed)


@pytest.mark.parametrize("case", PINNED["seals"], ids=lambda case: case["why"])
def test_a_seal_that_was_changed_or_moved_is_refused_in_the_same_words(case: dict[str, Any]):
    pinned = json.loads((make_vectors.FOLDER / "seal.json").read_text(encoding="utf-8"))
    private = primitives.hpke_private(bytes.fromhex(pinned["private"]))
    with pytest.raises(faults.CannotOpen) as error:
        seals.open_rek(row_of(case), private)
    assert type(error.value) is faults.CannotOpen
    assert str(error.value) == str(faults.CannotOpen())


def test_the_seal_itself_opens():
    pinned = json.loads((make_vectors.FOLDER / "seal.json").read_text(encoding="utf-8"))
    private = primitives.hpke_private(bytes.fromhex(pinned["private"]))
    assert seals.open_rek(row_of({}), private) == make_vectors.REK
