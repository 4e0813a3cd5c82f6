"""When the mail server, Redis or a courier goes away: nothing is lost, nothing counted wrongly."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

from tests.channels import mail_server
from tests.fixtures import keys
from tests.workers import shop as shops
from workers import courier as couriers

ROOT = Path(__file__).resolve().parents[2]


async def sent(shop, count: int):
    await shop.house.organization("Network", kind="coordination", cco=True)
    clinic = await shop.house.organization("Northside Clinic")
    bank = await shop.house.organization("Harbor", kind="social_service", channel="link")
    patient = await shop.house.patient(clinic)
    for _ in range(count):
        await shop.house.sent(clinic, [bank], patient_id=patient.id)
    await shop.skip(seconds=11)
    return bank


async def test_a_mail_server_that_is_down_parks_its_mail_and_no_try_is_counted(
    fresh_database, redis_url
) -> None:
    office = mail_server.Office()
    port = mail_server.free()
    async with shops.shop(fresh_database, redis_url, office, port) as shop:
        bank = await sent(shop, 6)
        async with shop.working():
            await shop.until(lambda: _all(shop, "parked", 6))
            assert {effect["tries"] for effect in await shop.effects()} == {0}
            tasks = await shop.rows("select * from lk.human_task where kind = 'channel_down'")
            assert [task["state"] for task in tasks] == ["open"]
            # The server comes back on the port where it was looked for.
            with mail_server.running(office, port=port):
                await shop.until(lambda: len(shop.to(bank.mailbox)) == 6)
                await shop.drained()
        assert {(effect["state"], effect["tries"]) for effect in await shop.effects()} == {
            ("done", 1)
        }
        tasks = await shop.rows("select * from lk.human_task where kind = 'channel_down'")
        assert [task["state"] for task in tasks] == ["done"]
        [breaker] = await shop.rows("select opened_at from lk.breaker")
        assert breaker["opened_at"] is None


async def _all(shop, state: str, count: int) -> bool:
    return len(await shop.effects(f"state = '{state}'")) == count


async def test_killed_couriers_lose_nothing_and_repeat_themselves_exactly(
    shop, fresh_database, redis_url, tmp_path
) -> None:
    bank = await sent(shop, 40)
    environ = _environ(shop, fresh_database, redis_url, tmp_path)
    relay = await _worker("relay", environ)
    try:
        for _ in range(3):
            courier = await _worker("courier", environ)
            here = len(shop.office.taken)
            await shop.until(lambda here=here: len(shop.office.taken) > here, seconds=20)
            courier.send_signal(signal.SIGKILL)
            await courier.wait()
            # Nobody waits ten real seconds for a lease of the referral clock.
            await shop.skip(seconds=41)
        courier = await _worker("courier", environ)
        await shop.until(lambda: _all(shop, "done", 40), seconds=30)
        courier.send_signal(signal.SIGTERM)
        assert await courier.wait() == 0
    finally:
        relay.send_signal(signal.SIGTERM)
        assert await relay.wait() == 0
    mails: dict[str, set[bytes]] = {}
    for raw, mail in zip(shop.office.taken, shop.mails, strict=True):
        mails.setdefault(mail["Message-ID"], set()).add(raw)
    assert len(mails) == 40
    assert all(len(copies) == 1 for copies in mails.values())
    assert len(shop.to(bank.mailbox)) - 40 <= 3 * couriers.IN_HAND


def _environ(shop, database_url: str, redis_url: str, folder: Path) -> dict[str, str]:
    key_file = folder / "root.key"
    key_file.write_text(keys.root_key_text())
    key_file.chmod(0o600)
    return os.environ | {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "LOOPKEEPER_ROOT_KEY_FILE": str(key_file),
        "LOOPKEEPER_DEMO": "yes",
        "LOOPKEEPER_SMTP_URL": f"smtp://127.0.0.1:{shop.desk.settings.smtp.port}",
    }


async def _worker(name: str, environ: dict[str, str]) -> asyncio.subprocess.Process:
    program = (
        "import os, sys; from service.settings import Settings; from workers import start;"
        "start.run(sys.argv[1], Settings.read(os.environ))"
    )
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, name, env=environ, cwd=ROOT
    )
