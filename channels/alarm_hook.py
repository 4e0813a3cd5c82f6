"""A plain HTTPS POST of a few words of ours to an address that an operator set.

Not for anybody else's address: there is no guard here against where it leads.
"""

from __future__ import annotations

import asyncio
import http.client
import ssl
from urllib.parse import urlsplit

_PATIENCE_S = 10.0


async def post(url: str, body: bytes) -> bool:
    """Post JSON and say whether it was taken; raise nothing but cancellation."""
    return await asyncio.to_thread(_post, url, body)


def _post(url: str, body: bytes) -> bool:
    parts = urlsplit(url)
    where = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    asked = _connection(parts.scheme, parts.hostname or "", parts.port)
    try:
        asked.request("POST", where, body, {"Content-Type": "application/json"})
        return 200 <= asked.getresponse().status < 300
    except (OSError, http.client.HTTPException, ValueError):
        return False
    finally:
        asked.close()


def _connection(scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
    if scheme == "https":
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(host, port, timeout=_PATIENCE_S, context=context)
    return http.client.HTTPConnection(host, port, timeout=_PATIENCE_S)
