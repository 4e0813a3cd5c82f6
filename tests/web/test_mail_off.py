"""The page that ends reminders: inert when opened or sent as it comes, and always the same."""

from __future__ import annotations

import asyncpg
import pytest

from service.actions import reminders
from tests.web import site as sites


@pytest.fixture
async def site(fresh_database, redis_url, tmp_path):
    async with sites.site(fresh_database, redis_url, tmp_path) as opened:
        yield opened


async def way_out(site) -> str:
    bank = await site.house.organization("Harbor", kind="social_service", channel="link")
    headers = await reminders.way_out(
        site.house.keys, "", org_id=bank.id, to_id=bank.address_id, referral_id=None
    )
    return headers["List-Unsubscribe"].strip("<>")


async def off(site) -> int:
    connection = await asyncpg.connect(site.owner_url)
    try:
        return await connection.fetchval(
            "select count(*) from lk.address where reminders_off_at is not null"
        )
    finally:
        await connection.close()


async def test_opening_it_or_sending_it_as_it_comes_changes_nothing(site) -> None:
    where = await way_out(site)
    async with site.caller() as client:
        page = await client.get(where)
        assert page.status_code == 200
        assert (await client.head(where)).status_code in (200, 405)
        assert (await client.post(where, data={})).status_code == 422
        assert "set-cookie" not in page.headers
        assert (await client.get("/mail-off/made-up")).text == page.text
    assert await off(site) == 0


async def test_one_click_ends_reminders_without_a_cookie_from_anywhere(site) -> None:
    where = await way_out(site)
    async with site.caller(
        origin="https://mail.example", **{"sec-fetch-site": "cross-site"}
    ) as client:
        done = await client.post(where, data={"List-Unsubscribe": "One-Click"})
        assert done.status_code == 200
        strange = await client.post("/mail-off/x", data={"List-Unsubscribe": "One-Click"})
        assert (strange.status_code, strange.text) == (200, done.text)
    assert await off(site) == 1


async def test_it_speaks_spanish(site) -> None:
    async with site.caller(**{"accept-language": "es"}) as client:
        page = await client.get("/mail-off/x")
        assert 'lang="es"' in page.text
        assert "Recordatorios por correo" in page.text
