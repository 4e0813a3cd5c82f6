"""Webhooks: which addresses may be told, of what, and how long one that fails is tried.

Source: Standard Webhooks 1.0.0 (retries, secrets, disabling).
"""

from datetime import timedelta
from urllib.parse import urlsplit

from service.domain.leg import LEG_RULES
from service.domain.referral import REFERRAL_RULES

KINDS = frozenset(f"{rule.machine}.{rule.step}" for rule in (*REFERRAL_RULES, *LEG_RULES))
"""Every kind of event there can be."""

MOST = 20
"""Webhooks of one organization."""

OLD_SECRET = timedelta(hours=24)
"""How long the secret before stays valid beside a new one, unless somebody says."""

WAITS = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
)
"""Between the tries of one event: 5 s, 5 min, 30 min, then hours; three days and three hours."""

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_LONGEST = 500


def after_failure(tries: int, *, jitter: float, asked: timedelta | None = None) -> timedelta | None:
    """Return how long to wait after so many failures, or None where it was tried for long enough.

    `jitter` from 0 to 1 lengthens it by up to a tenth; `asked` is the receiver's own wish, kept
    up to a day.
    """
    if tries > len(WAITS):
        return None
    wait = WAITS[tries - 1] * (1 + jitter / 10)
    return max(wait, min(asked or timedelta(), timedelta(days=1)))


def is_fit(url: str, *, loopback: bool) -> bool:
    """Say whether an address has the shape of one that may be told: https, no credentials.

    `loopback` lets http to this machine through, for a demonstration. Where a name leads is
    looked at when something is sent, each time.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    if not _is_plain(url) or not parts.hostname or parts.username is not None or parts.fragment:
        return False
    if loopback and parts.hostname in _LOOPBACK:
        return parts.scheme in ("http", "https")
    return parts.scheme == "https" and (port is None or port == 443 or port >= 1024)


def _is_plain(url: str) -> bool:
    """Say whether it has room in a request line, and nothing that has none."""
    return len(url) <= _LONGEST and url.isascii() and url.isprintable() and " " not in url
