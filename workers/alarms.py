"""Alarms to the operators: by mail straight to the mail server, and by a POST; without a table.

The product's own outbox cannot tell that it is stuck, nor PostgreSQL that it is away. What is
raised is remembered by the process alone; one that starts anew tells what it finds once more. An
alarm is told when it is raised, again every hour while it lasts, and when it is cleared; one that
comes and goes is told every ten minutes at most.
"""

import asyncio
from collections.abc import Callable
from typing import Protocol

import msgspec

from channels import alarm_hook
from channels.mail import MailChannel
from channels.parcel import Parcel, Sent
from service import clock, logs
from service.domain import ids
from service.metrics import Registry
from service.settings import Settings
from workers import mailing

AGAIN_S = 3600.0
APART_S = 600.0

SAYS = {
    "invariant": "Something is not as it must always be: run `loopkeeper check`.",
    "nightly_proof": "The nightly proof found a referral that nobody is at work on.",
    "breaker": "A way out cannot be reached; what should go out waits.",
    "outbox_old": "What should go out is late.",
    "dead_letters": "Something could not be delivered: see `loopkeeper outbox list`.",
    "clock_jump": "The clock jumped and timers do not fire: see `loopkeeper clock release`.",
    "timers_overdue": "Timers are overdue.",
    "loops_untimed": "Open referrals that nothing waits for: run `loopkeeper check`.",
    "sealer_lag": "The record is not being sealed.",
    "worker_silent": "A worker gives no sign of life.",
    "database_away": "The database does not answer.",
    "backup_old": "There is no backup of late.",
}
"""Every alarm there is, and what it says; a key may add a code of ours, as `breaker:mail`."""


class Way(Protocol):
    """A way to the operators."""

    async def tell(self, notice: "Notice") -> bool:
        """Carry a notice and say whether it was taken."""
        ...


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """What is told: which alarm, raised or cleared, and a sentence; no id, address or name."""

    alarm: str
    about: str
    state: str
    says: str
    at: str


class _Kept(msgspec.Struct, kw_only=True):
    """What is remembered of one key."""

    up: bool = False
    told_up: bool = False
    told_at: float = float("-inf")


class Alarms:
    """Raises and clears; tells as often as it must and no oftener."""

    def __init__(
        self, ways: list[Way], registry: Registry, *, monotonic: Callable[[], float] | None = None
    ) -> None:
        self._ways = ways
        self._registry = registry
        self._now = monotonic or clock.monotonic
        self._kept: dict[str, _Kept] = {}

    async def stands(self, key: str, *, up: bool) -> None:
        """Say how an alarm stands now; called again and again, it tells what changed."""
        if key.partition(":")[0] not in SAYS:
            raise KeyError(f"there is no alarm {key}")
        kept = self._kept.setdefault(key, _Kept())
        kept.up = up
        self._count(key.partition(":")[0])
        now = self._now()
        wait = AGAIN_S if kept.up and kept.told_up else APART_S
        if (not kept.up and not kept.told_up) or now - kept.told_at < wait:
            return
        if await self._tell(key, "raised" if kept.up else "cleared"):
            kept.told_at, kept.told_up = now, kept.up

    def raised(self) -> frozenset[str]:
        """Name the alarms that are up."""
        return frozenset(key for key, kept in self._kept.items() if kept.up)

    def _count(self, alarm: str) -> None:
        number = sum(key.partition(":")[0] == alarm for key in self.raised())
        self._registry.put("lk_alarms_raised", number, alarm=alarm)

    async def _tell(self, key: str, state: str) -> bool:
        """Tell by every way at once; one that took it is enough, and else the next turn tries."""
        alarm, _, about = key.partition(":")
        logs.say("alarm", kind=key, outcome=state)
        notice = Notice(
            alarm=alarm,
            about=about,
            state=state,
            says=SAYS[alarm],
            at=clock.real_now().isoformat(timespec="seconds"),
        )
        took = await asyncio.gather(*(way.tell(notice) for way in self._ways))
        return any(took) or not self._ways


class Post:
    """Tells by a POST of JSON."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def tell(self, notice: Notice) -> bool:
        """Post a notice."""
        return await alarm_hook.post(self._url, msgspec.json.encode(notice))


class Mail:
    """Tells by mail, over a connection of its own for each time."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    async def tell(self, notice: Notice) -> bool:
        """Mail a notice to every operator; taken for one is taken."""
        channel = MailChannel(mailing.route(self._settings))
        try:
            took = [
                isinstance(await channel.carry(self._parcel(notice, to_address)), Sent)
                for to_address in self._settings.alarm_mail
            ]
            return any(took)
        finally:
            await channel.close()

    def _parcel(self, notice: Notice, to_address: str) -> Parcel:
        name = notice.alarm.replace("_", " ") + (f" ({notice.about})" if notice.about else "")
        domain = self._settings.mail_from.rpartition("@")[2]
        return Parcel(
            to_address=to_address,
            subject=f"Loopkeeper: {name} {notice.state}",
            text=f"{notice.says}\n\n{name} {notice.state} at {notice.at}\n"
            f"{self._settings.public_url}\n",
            message_id=f"<{ids.new_id().hex}@{domain}>",
            sender=f"Loopkeeper <{self._settings.mail_from}>",
            date=clock.real_now(),
        )


def of(settings: Settings, registry: Registry) -> Alarms:
    """Make the alarms of one process, with the ways that the settings name."""
    ways: list[Way] = [Mail(settings)] if settings.alarm_mail else []
    if settings.alarm_webhook is not None:
        ways.append(Post(settings.alarm_webhook.reveal()))
    return Alarms(ways, registry)
