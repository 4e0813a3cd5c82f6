"""An open page says that something is new; the person looks again when they like."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec
import pytest
from redis.asyncio import Redis

from service.actions import number_events
from service.domain import live
from service.domain.rules import Step
from service.store import live as rings
from service.store.pool import Scope
from service.web.listening import CHANNEL
from tests.browser.served import Served, served
from tests.making import House, Org
from tests.web import signing

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
NEW = "Something is new here."


class Loop(msgspec.Struct):
    """A referral under way, and the clinic's sign-in."""

    clinic: Org
    pantry: Org
    referral_id: UUID
    leg_id: UUID
    address: str


async def begun(house: House) -> Loop:
    await house.organization("Valley CCO", kind="coordination", cco=True)
    clinic = await house.organization("Northside Clinic")
    pantry = await house.organization("Harbor Food Bank", kind="social_service")
    sent = await house.sent(clinic, [pantry])
    return Loop(
        clinic=clinic,
        pantry=pantry,
        referral_id=sent.plan.referral.id,
        leg_id=sent.plan.new_legs[0].id,
        address=await signing.may_sign_in(house, clinic.actor, "ana@northside.example"),
    )


@pytest.fixture
def running(fresh_database: str, redis_url: str, tmp_path: Path) -> Iterator[Served]:
    with served(fresh_database, redis_url, tmp_path) as site:
        yield site


@contextmanager
def at(running: Served, browser: "Browser", loop: Loop, path: str) -> Iterator["Page"]:
    context = browser.new_context(viewport={"width": 320, "height": 800})
    page = context.new_page()
    page.goto(running.url + path)
    page.get_by_label("E-mail address").fill(loop.address)
    page.get_by_label("Password").fill(signing.PASSWORD)
    with page.expect_response(lambda answer: "/live?" in answer.url):
        page.get_by_role("button", name="Sign in", exact=True).click()
    yield page
    context.close()


def rung(running: Served, redis_url: str) -> None:
    """Number what happened and ring it, as the workers do."""

    async def ring(house: House) -> None:
        await number_events.number_events(house.worker_office)
        async with house.worker.transaction(Scope(numbering=True)) as connection:
            found = await rings.fresh(connection, UUID(int=0), limit=100)
        async with Redis.from_url(redis_url) as redis:
            await redis.publish(CHANNEL, live.spell(found))

    running.run(ring)


def test_an_open_referral_says_that_the_other_side_has_answered(
    running: Served, browser: "Browser", redis_url: str
) -> None:
    loop = running.run(begun)
    with at(running, browser, loop, f"/referrals/{loop.referral_id}") as page:
        assert page.get_by_text(NEW).count() == 0
        running.run(lambda house: house.step(loop.pantry.actor, loop.leg_id, Step.ACCEPT))
        rung(running, redis_url)
        page.get_by_text(NEW).wait_for(timeout=10_000)
        assert page.locator("[data-live]").inner_text().startswith(NEW)
        page.get_by_role("link", name="Look again").click()
        assert "Accepted" in page.inner_text("main")
        assert page.get_by_text(NEW).count() == 0


def test_without_script_the_page_is_the_same_and_says_nothing(
    running: Served, browser: "Browser"
) -> None:
    loop = running.run(begun)
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(running.url + "/")
    page.get_by_label("E-mail address").fill(loop.address)
    page.get_by_label("Password").fill(signing.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    assert NEW not in page.inner_text("body")
    context.close()
