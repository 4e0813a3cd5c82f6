"""Calls to the hook for mail prove themselves, within five minutes."""

import pytest

from crypto import mail_hook

SECRET, BODY, AT = "a secret of the provider", b'{"event_id":"1"}', 1_800_000_000


def test_a_signature_is_what_others_would_reckon() -> None:
    made = mail_hook.signature("key", provider="mailer", body=b"x", at=1)
    # printf '1.mailer.x' | openssl dgst -sha256 -hmac key
    assert made == "t=1,v1=82b266372ac2fcd34fd4d9961b82d342cd5461c56b2dc7a2fd31d5d20a60fb68"


@pytest.mark.parametrize(
    ("change", "holds"),
    [
        ({}, True),
        ({"now": AT + 300}, True),
        ({"now": AT - 300}, True),
        ({"now": AT + 301}, False),
        ({"now": AT - 301}, False),
        ({"body": BODY + b" "}, False),
        ({"provider": "other"}, False),
        ({"secret": "another secret"}, False),
    ],
)
def test_only_these_bytes_of_this_provider_at_this_time_are_signed(change, holds) -> None:
    given = mail_hook.signature(SECRET, provider="mailer", body=BODY, at=AT)
    call = {"secret": SECRET, "provider": "mailer", "body": BODY, "now": AT} | change
    assert mail_hook.signed(call.pop("secret"), given, **call) is holds


@pytest.mark.parametrize(
    "given", ["", "t=1", "v1=00", f"t={AT},v1=" + "0" * 64, "t=-1,v1=x", "\ud800"]
)
def test_nonsense_is_no_signature(given) -> None:
    assert not mail_hook.signed(SECRET, given, provider="mailer", body=BODY, now=AT)
