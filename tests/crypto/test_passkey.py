"""What is no passkey's answer is one fault, whatever it is made of."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from crypto import faults, passkey

PARTY = passkey.Party(id="localhost", origin="http://localhost:8080")
ANYTHING = some.recursive(
    some.none() | some.text() | some.integers() | some.binary(),
    lambda inner: some.lists(inner) | some.dictionaries(some.text(), inner),
    max_leaves=8,
)
PARTS = ("clientDataJSON", "authenticatorData", "signature", "userHandle", "attestationObject")
ANSWERS = some.fixed_dictionaries(
    {
        "id": some.sampled_from(["AAAA", "", "!"]),
        "rawId": some.sampled_from(["AAAA", "", "!"]),
        "type": some.sampled_from(["public-key", "x"]),
        "response": some.dictionaries(some.sampled_from(PARTS), some.text() | ANYTHING),
    }
)


@given(answer=ANSWERS | some.dictionaries(some.text(), ANYTHING))
def test_nonsense_is_refused_in_one_word(answer: dict[str, Any]) -> None:
    for check in (
        lambda: passkey.challenge_of(answer),
        lambda: passkey.check_made(PARTY, answer, challenge=bytes(32)),
        lambda: passkey.check_signed(PARTY, answer, challenge=bytes(32), public_key=bytes(65)),
    ):
        with pytest.raises(faults.CannotOpen) as refused:
            check()
        assert refused.value.__cause__ is None
