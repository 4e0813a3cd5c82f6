"""The link in a text leads in by a code of another text: one, at once, and not to who said stop."""

from __future__ import annotations

import re

from crypto import token
from service import clock
from service.actions import page_visit, start_page, verify_page
from service.actions.start_page import PagePressed
from service.store import invariants
from service.store.pool import Scope
from tests.workers import texting
from tests.workers.test_hearing import says, told


def secret_of(text: str) -> str:
    found = re.search(r"/p/([A-Za-z0-9_-]{16}) ", text)
    assert found, text
    return found.group(1)


async def pressed(shop, secret: str) -> str:
    office = shop.house.office
    wish = PagePressed(secret=token.secret_hash(secret))
    browser = await start_page.start_page(office, wish, now=clock.real_now())
    assert browser is not None
    return browser


async def test_a_text_carries_a_link_of_which_only_the_digest_is_kept(shop) -> None:
    town = await told(shop)
    secret = secret_of(town.phones.kept[0].text)
    [link] = await shop.rows("select * from lk.patient_link")
    assert link["secret_hash"] == token.secret_hash(secret)
    assert (link["referral_id"], link["contact_id"]) == (town.referral_id, town.contact_id)
    for table in ("patient_link", "delivery", "outbox", "audit"):
        assert secret not in repr(await shop.rows(f"select * from lk.{table}"))


async def test_a_code_goes_by_text_at_once_by_night_too_and_opens_the_page(shop) -> None:
    town = await told(shop)
    await texting.at(shop, "03:00")
    browser = await pressed(shop, secret_of(town.phones.kept[0].text))
    async with shop.working(phones=town.phones):
        await shop.until(lambda: len(town.phones.kept) == 2)
        await shop.drained()
    text = town.phones.kept[1]
    assert text.to_number == texting.NUMBER
    digits = text.text.partition(" ")[0]
    assert text.text == f"{digits} es su clave. Sirve 10 minutos. Nadie de nosotros se la pide."
    assert digits not in repr(await shop.rows("select * from lk.delivery"))
    office, now = shop.house.office, clock.real_now()
    digest = token.secret_hash(browser)
    session = await verify_page.verify_page(office, digest, code=digits, now=now)
    assert session is not None
    found = await page_visit.visit(office, token.secret_hash(session), browser=digest, now=now)
    assert found is not None
    assert found.referral_id == town.referral_id
    async with shop.house.check.transaction(Scope()) as connection:
        wanted = [each for each in invariants.INVARIANTS if each.id in ("I19", "I20")]
        assert not any(each.breaches for each in await invariants.check(connection, wanted))


async def test_who_says_stop_before_the_code_leaves_is_sent_none(shop) -> None:
    town = await told(shop)
    await pressed(shop, secret_of(town.phones.kept[0].text))
    await says(shop, "STOP")
    async with shop.working(phones=town.phones):
        await shop.until(lambda: len(town.phones.kept) == 2)
        await shop.drained()
    assert "No recibe ya mensajes" in town.phones.kept[1].text
    [effect] = await shop.effects("kind = 'patient_code'")
    assert (effect["state"], effect["last_error"]) == ("cancelled", "silent")


async def test_codes_leave_before_other_texts_and_take_no_answer_away(shop) -> None:
    town = await told(shop)
    await pressed(shop, secret_of(town.phones.kept[0].text))
    ranks = await shop.rows("select kind, rank from lk.outbox where channel = 'sms'")
    assert min(ranks, key=lambda each: each["rank"])["kind"] == "patient_code"
    for _ in range(9):
        await says(shop, "HELP")
    assert len(await shop.effects("code = 'help'")) == 5
