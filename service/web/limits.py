"""How often is too often: one Lua script in Redis, and a stricter memory where Redis is away.

The generic cell rate algorithm: one number a key, the moment at which the next call would be on
time. Atomic, so that many processes share one limit. What a process let through while Redis was
away it owes: the first question afterwards pays it, so that both never add up to more than one.
"""

import time
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError

from crypto.cache import Lru
from service import faults, logs


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """So many in a row, and one more every `seconds / burst`.

    `ahead`: how many calls of somebody busy may be counted at once, before they are made.
    """

    name: str
    burst: int
    seconds: float
    ahead: int = 1

    @property
    def interval(self) -> float:
        """Seconds that one call costs."""
        return self.seconds / self.burst


MEMBER = Limit(name="member", burst=6000, seconds=60, ahead=16)
ADDRESS_SIGN_IN = Limit(name="sign_in", burst=20, seconds=600)
ADDRESS_LINK = Limit(name="link", burst=60, seconds=600)
ACCOUNT_FORGOTTEN = Limit(name="forgotten", burst=3, seconds=3600)
"""Mails to one address, so that nobody's mailbox is flooded by a stranger."""

MESSAGES = Limit(name="messages", burst=20, seconds=20, ahead=4)
"""Messages of one member: twenty at once, then one a second."""

UPLOAD = Limit(name="upload", burst=300, seconds=3600)
"""Files of one member."""

MAIL_HOOK = Limit(name="mail_hook", burst=60, seconds=60)
"""Calls to the hook for mail from one place that did not prove themselves."""
HOOK = Limit(name="hook", burst=600, seconds=60)
"""Calls to a hook of ours from one place that did not prove themselves."""
RESEND = Limit(name="resend", burst=60, seconds=3600)
"""Asks of one organization to tell its webhooks again."""

PICK_UP = Limit(name="pick_up", burst=60, seconds=3600)
"""Pick-up words that one agency types: a busy counter's hour, and no search of two million."""

LOOK_UP = Limit(name="look_up", burst=120, seconds=60)

_SITE_BITS = 64
"""A household or an office has 2^64 addresses of IPv6: it is one caller, as behind one of IPv4."""


def place_of(address: str) -> str:
    """Return what calls from an address are counted under: itself, of IPv6 its first half."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ip_network((found, _SITE_BITS), strict=False))
    return address


_GCRA = """
local now = redis.call('TIME')
now = tonumber(now[1]) + tonumber(now[2]) / 1000000
local interval, burst, count = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local owed, known = tonumber(ARGV[4]), tonumber(ARGV[5])
local due = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now) + interval * owed
due = math.max(due, now + known)
local wait = due - interval * (burst - count) - now
if wait <= 0 then due = due + interval * count end
if wait <= 0 or owed > 0 or known > 0 then
  redis.call('SET', KEYS[1], string.format('%.6f', due), 'EX', math.ceil(due - now) + 1)
end
return tostring(math.max(wait, 0))
"""
_AWAY_SECONDS = 2.0
_AHEAD_SECONDS = 0.5
"""How long calls counted ahead are good; what is not made by then is lost to the caller."""

_STRICTER = 4
_ROUNDING_S = 1e-6
"""What hundreds of small waits added up may be wrong by."""
"""Without Redis each process counts for itself, and allows a quarter."""


class _Ahead(msgspec.Struct):
    """Calls of somebody that are counted already: how many are left of how many."""

    left: int
    taken: int


class _Own(msgspec.Struct):
    """What this process let through itself: until when that reaches, and what Redis is owed.

    `strict`: the same by the stricter limit; `outages`: how many Redis knows all of this since.
    """

    outages: int
    due: float = 0.0
    strict: float = 0.0
    owed: int = 0


class Limits:
    """Asks Redis; while it is away, counts in this process and allows less."""

    def __init__(self, redis: "Redis", *, clock: Callable[[], float] = time.monotonic) -> None:
        self._redis = redis
        self._script = redis.register_script(_GCRA)
        self._clock = clock
        self._away_until = 0.0
        self._outages = 0
        self._own: Lru[str, _Own] = Lru(size=20_000, ttl=3600, clock=clock)
        self._ahead: Lru[str, _Ahead] = Lru(size=4096, ttl=_AHEAD_SECONDS, clock=clock)

    @property
    def degraded(self) -> bool:
        """Whether Redis did not answer lately."""
        return self._clock() < self._away_until

    async def answers(self) -> bool:
        """Ask Redis whether it is there."""
        try:
            return bool(await self._redis.ping())
        except (RedisError, OSError, TimeoutError):
            return False

    async def spend(self, limit: Limit, who: str) -> None:
        """Count one call of somebody; raises RateLimited with `retry_after`."""
        wait = await self._wait(limit, f"limit:{limit.name}:{who}")
        if wait > 0:
            raise faults.RateLimited(retry_after=max(1, round(wait + 0.5)))

    async def _wait(self, limit: Limit, key: str) -> float:
        if self.degraded:
            return self._here(limit, key)
        held = self._ahead.get(key)
        if held is not None and held.left:
            held.left -= 1
            return 0.0
        # Twice what was just used up, so that nobody loses much more than they use.
        count = min(2 * held.taken, limit.ahead) if held is not None else 1
        try:
            wait = await self._asked(limit, key, count)
            if wait > 0 and count > 1:
                count, wait = 1, await self._asked(limit, key, 1)
        except (RedisError, OSError, TimeoutError) as reason:
            # Not asked again for a moment: a dead Redis must not cost every request its timeout.
            self._away_until = self._clock() + _AWAY_SECONDS
            self._outages += 1
            logs.broke("limits_degraded", reason)
            return self._here(limit, key)
        if wait <= 0 and limit.ahead > 1:
            # Another request of theirs may have asked meanwhile: nothing counted is thrown away.
            spare = self._ahead.get(key)
            left = count - 1 + (spare.left if spare is not None else 0)
            self._ahead.put(key, _Ahead(left=left, taken=count))
        return wait

    async def _asked(self, limit: Limit, key: str, count: int) -> float:
        own, now = self._known(key), self._clock()
        owed, behind = own.owed, own.outages != self._outages
        known = max(0.0, own.due - now) if behind else 0.0
        # Taken away first: another request of theirs must not pay the same again.
        own.owed, own.outages = 0, self._outages
        try:
            args = [limit.interval, limit.burst, count, owed, known]
            answer: Any = await self._script(keys=[key], args=args)
        except BaseException:
            own.owed, own.outages = own.owed + owed, -1
            raise
        wait = float(answer)
        if wait <= 0:
            own.due = max(own.due, now) + limit.interval * count
        return wait

    def _known(self, key: str) -> _Own:
        """Return what this process knows of a caller, kept a while longer by every question."""
        found = self._own.get(key)
        return self._own.put(key, found if found is not None else _Own(self._outages))

    def _here(self, limit: Limit, key: str) -> float:
        """Let through a quarter, and with all before it never more than the whole."""
        own, now, burst = self._known(key), self._clock(), max(1, limit.burst // _STRICTER)
        strict = limit.seconds / burst
        wait = -_ROUNDING_S + max(
            max(own.strict, now) - strict * (burst - 1) - now,
            max(own.due, now) - limit.interval * (limit.burst - 1) - now,
        )
        if wait <= 0:
            own.strict = max(own.strict, now) + strict
            own.due = max(own.due, now) + limit.interval
            own.owed, own.outages = own.owed + 1, -1
        return wait
