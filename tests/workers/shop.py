"""A network with its workers at work: real PostgreSQL, Redis and SMTP."""

from __future__ import annotations

import asyncio
import contextlib
import email
import email.policy
import re
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import asyncpg

from channels.mail import MailChannel, MailRoute
from channels.parcel import TextChannel
from service.metrics import Registry
from service.settings import Secret, Settings, Smtp, Tls
from tests import making
from tests.channels.mail_server import Office as MailOffice
from workers import courier, relay
from workers.alarms import Alarms
from workers.bell import Bell
from workers.desk import Desk


def settings(database_url: str, redis_url: str, *, port: int) -> Settings:
    return Settings(
        database_url=Secret(database_url),
        redis_url=Secret(redis_url),
        root_key_file=Path("unused"),
        public_url="http://127.0.0.1:8080",
        mail_from="loopkeeper@demo.example",
        smtp=Smtp(host="127.0.0.1", port=port, tls=Tls.NONE),
        demo=True,
    )


class Shop:
    """A house, its desk, the mail server, and the owner's connection to look behind the fences."""

    def __init__(
        self, house: making.House, desk: Desk, office: MailOffice, owner: asyncpg.Connection
    ) -> None:
        self.house = house
        self.desk = desk
        self.office = office
        self.owner = owner

    @property
    def mails(self) -> list[EmailMessage]:
        found = [
            email.message_from_bytes(raw, policy=email.policy.default) for raw in self.office.taken
        ]
        return [mail for mail in found if isinstance(mail, EmailMessage)]

    def to(self, address: str) -> list[EmailMessage]:
        return [mail for mail in self.mails if address in mail["To"]]

    async def skip(self, **by: int) -> None:
        words = " ".join(f"{count} {unit}" for unit, count in by.items())
        await self.owner.execute(
            "update lk.clock_offset set offset_by = offset_by + $1::text::interval", words
        )

    async def effects(self, where: str = "channel = 'mail'") -> list[dict[str, Any]]:
        """List effects; those of mails, unless somebody asks for others."""
        return [
            dict(row) for row in await self.owner.fetch(f"select * from lk.outbox where {where}")
        ]

    async def rows(self, sql: str, *arguments: Any) -> list[dict[str, Any]]:
        return [dict(row) for row in await self.owner.fetch(sql, *arguments)]

    async def until(self, holds: Callable[[], Any], *, seconds: float = 15.0) -> None:
        deadline = asyncio.get_running_loop().time() + seconds
        while True:
            said = holds()
            if await said if asyncio.iscoroutine(said) else said:
                return
            assert asyncio.get_running_loop().time() < deadline, "it did not happen in time"
            await asyncio.sleep(0.02)

    async def drained(self) -> None:
        """Wait until nothing is due any more."""

        async def nothing() -> bool:
            return not await self.owner.fetchval(
                "select count(*) from lk.outbox where state in ('pending', 'parked')"
                " and due_at <= lk.now()"
            )

        await self.until(nothing)

    @contextlib.asynccontextmanager
    async def working(self, *, phones: TextChannel | None = None) -> AsyncIterator[None]:
        """Run a relay and a courier beside the test; `phones` is the way texts go."""
        stop = asyncio.Event()
        route = self.desk.settings.smtp
        assert route is not None
        ways = [
            MailChannel(MailRoute(host=route.host, port=route.port, insecure_ok=True), timeout_s=3)
            for _ in range(4)
        ]
        tasks = [
            asyncio.create_task(relay.run(self.desk, stop=stop)),
            asyncio.create_task(
                courier.Courier(self.desk, list(ways), phones=phones).run(stop=stop)
            ),
        ]
        try:
            yield
        finally:
            stop.set()
            await asyncio.gather(*tasks)


@contextlib.asynccontextmanager
async def shop(
    database_url: str, redis_url: str, office: MailOffice, port: int
) -> AsyncIterator[Shop]:
    owner = await asyncpg.connect(database_url)
    await owner.execute("update lk.clock_offset set writable = true")
    async with making.house(database_url) as house:
        bell = Bell(redis_url, name="test")
        registry = Registry()
        desk = Desk(
            office=_worker_office(house),
            bell=bell,
            settings=settings(database_url, redis_url, port=port),
            registry=registry,
            alarms=Alarms([], registry),
        )
        try:
            yield Shop(house, desk, office, owner)
        finally:
            await bell.close()
            await owner.close()


def _worker_office(house: making.House) -> Any:
    import msgspec

    return msgspec.structs.replace(house.office, db=house.worker)


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def link_in(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    found = re.search(r"http://127\.0\.0\.1:8080/r/(\S+)", body.get_content())
    assert found
    return found[1]
