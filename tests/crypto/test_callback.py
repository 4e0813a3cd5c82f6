"""Proofs of callbacks, by Twilio's own vectors."""

import json

import pytest

from crypto import callback
from tests.shape.sources import ROOT

VECTORS = ROOT.parent / "shared/data/sms/twilio_signature_vectors.json"


def _vectors():
    if not VECTORS.exists():
        return []
    told = json.loads(VECTORS.read_text(encoding="utf-8"))
    assert len(told["vectors"]) >= 4
    return [
        pytest.param(
            (
                told["auth_token"],
                each["url"],
                [tuple(pair) for pair in each.get("param_list", [])] or [*told["params"].items()],
                each["signature"],
                each["valid"],
            ),
            id=each["what"],
        )
        for each in told["vectors"]
    ]


@pytest.mark.parametrize("vector", _vectors())
def test_a_signature_is_twilios(vector) -> None:
    secret, url, fields, signature, valid = vector
    assert callback.twilio_signed(secret, url, fields, signature) is valid
    assert not callback.twilio_signed(secret + "x", url, fields, signature)
    assert not callback.twilio_signed(secret, url + "&more=1", fields, signature)
    assert not callback.twilio_signed(secret, url, [*fields, ("More", "1")], signature)
    assert not callback.twilio_signed(secret, url, fields[1:], signature)


def test_the_first_vector_is_known_without_the_file() -> None:
    fields = [
        ("CallSid", "CA1234567890ABCDE"),
        ("Digits", "1234"),
        ("From", "+14158675309"),
        ("To", "+18005551212"),
        ("Caller", "+14158675309"),
    ]
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert callback.twilio_signature("12345", url, fields) == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


@pytest.mark.parametrize("given", ["", "x", "é", "RSOYDt4T1cUTdK1PDd93/VVr8B8= ", "\x00"])
def test_nonsense_is_no_signature(given) -> None:
    assert not callback.twilio_signed("12345", "https://x.example/", [], given)
    assert not callback.basic("kannel", "secret", given)


def test_a_hook_is_proven_by_its_name_and_secret() -> None:
    assert callback.basic("kannel", "secret", "Basic a2FubmVsOnNlY3JldA==")
    assert not callback.basic("kannel", "secret2", "Basic a2FubmVsOnNlY3JldA==")
    assert not callback.basic("twilio", "secret", "Basic a2FubmVsOnNlY3JldA==")
