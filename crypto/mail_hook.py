"""Proof of a call to our hook for mail: who knows the secret signed these bytes, at this moment.

`Loopkeeper-Signature: t=UNIX,v1=HEX`, HMAC-SHA256 over "t.provider." and the body as it was sent.
"""

import re

from crypto import primitives

WINDOW_SECONDS = 300
_FORM = re.compile(r"t=([0-9]{1,12}),v1=([0-9a-f]{64})")


def signature(secret: str, *, provider: str, body: bytes, at: int) -> str:
    """Return the header that goes with a call."""
    message = f"{at}.{provider}.".encode() + body
    return f"t={at},v1={primitives.hmac_sha256(secret.encode(), message).hex()}"


def signed(secret: str, given: str, *, provider: str, body: bytes, now: float) -> bool:
    """Say whether a call is signed, within five minutes of now either way."""
    found = _FORM.fullmatch(given)
    if found is None:
        return False
    at = int(found[1])
    made = signature(secret, provider=provider, body=body, at=at)
    return primitives.same(made.encode(), given.encode()) and abs(now - at) <= WINDOW_SECONDS
