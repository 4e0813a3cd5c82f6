"""Proofs of callbacks: that a request to a hook of ours comes from whom it says.

Source of Twilio's: "Webhooks security, validating signatures": HMAC-SHA1 with the account's token
over the URL as Twilio calls it and the fields of the form, sorted, name and value run together.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit, urlunsplit

from crypto import primitives

_PORTS = {"https": 443, "http": 80}


def twilio_signature(token: str, url: str, fields: Iterable[tuple[str, str]]) -> str:
    """Return the signature that Twilio sends with such a call; a repeated field counts once."""
    said = "".join(f"{name}{value}" for name, value in sorted(set(fields)))
    # The algorithm is Twilio's; HMAC does not need its hash to be free of collisions.
    made = hmac.new(token.encode(), (url + said).encode(), hashlib.sha1).digest()
    return base64.b64encode(made).decode()


def twilio_signed(token: str, url: str, fields: Iterable[tuple[str, str]], given: str) -> bool:
    """Say whether a call is Twilio's, whether or not it named the port when it signed."""
    listed = list(fields)
    return any(
        primitives.same(twilio_signature(token, each, listed).encode(), given.encode())
        for each in _spellings(url)
    )


def _spellings(url: str) -> Iterator[str]:
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    bare = host.rpartition(":")[0] if parts.port is not None else host
    port = parts.port or _PORTS.get(parts.scheme, 443)
    for netloc in (bare, f"{bare}:{port}"):
        yield urlunsplit((parts.scheme, netloc, parts.path, parts.query, ""))


def basic(name: str, secret: str, given: str) -> bool:
    """Say whether an Authorization header proves this name and secret."""
    made = base64.b64encode(f"{name}:{secret}".encode()).decode()
    return primitives.same(f"Basic {made}".encode(), given.encode())
