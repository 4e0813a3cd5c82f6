"""Signatures of webhooks: Standard Webhooks 1.0.0, symmetric (v1)."""

import base64
import binascii

from crypto import primitives

PREFIX = "whsec_"
_SECRET_BYTES = 32


def new_secret() -> str:
    """Make a secret as its receiver is told it: a prefix and 256 random bits in base64."""
    return PREFIX + base64.b64encode(primitives.random_bytes(_SECRET_BYTES)).decode()


def signatures(secrets: list[str], *, message_id: str, at: int, body: bytes) -> str:
    """Sign a body with every valid secret, one signature each, parted by blanks."""
    signed = f"{message_id}.{at}.".encode() + body
    return " ".join("v1," + _sign(secret, signed) for secret in secrets)


def _sign(secret: str, signed: bytes) -> str:
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        # The secret must not stand in a traceback.
        raise ValueError("not a secret of a webhook") from None
    return base64.b64encode(primitives.hmac_sha256(key, signed)).decode()
