"""The code of a link: who gets one, how often, and how many guesses there are."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from service import clock
from service.actions import link_visit, start_link, verify_link
from service.actions.start_link import Pressed, Started
from service.actions.verify_link import Entered, Opened
from service.domain.rules import Step
from tests import making
from tests.making import House
from tests.web import link_making
from tests.web.link_making import Minted

pytestmark = pytest.mark.anyio


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[House]:
    async with making.house(database_url) as built:
        yield built


async def press(house: House, link: Minted, **brought: bytes) -> Started:
    pressed = Pressed(secret=link.digest, **brought)
    return await start_link.start_link(house.office, pressed, now=clock.real_now())


async def enter(
    house: House, browser: str | None, code: str, *, remember: bool = False
) -> Opened | None:
    entered = Entered(browser=link_making.digest(browser), code=code, remember=remember)
    return await verify_link.verify_link(house.office, entered, now=clock.real_now())


async def leg_state(house: House, link: Minted) -> str:
    found = await link_making.rows(house, "select state from leg where id = $1", link.leg_id)
    return str(found[0]["state"])


def wrong(code: str) -> str:
    return code[:-1] + str((int(code[-1]) + 1) % 10)


async def test_a_right_code_opens_one_visit_and_takes_the_leg_in(house: House) -> None:
    link = await link_making.minted(house)
    started = await press(house, link)
    assert await leg_state(house, link) == "sent"
    opened = await enter(house, started.browser, await link_making.code(house, link))
    assert opened is not None
    assert opened.known is None
    assert await leg_state(house, link) == "received"
    visit = await link_visit.visit(
        house.office,
        link_making.digest(opened.session),
        browser=link_making.digest(started.browser),
        now=clock.real_now(),
    )
    assert visit is not None
    assert visit.leg_id == link.leg_id
    assert not visit.stepped_up


async def test_a_code_belongs_to_the_link_and_any_browser_may_enter_it(house: House) -> None:
    link = await link_making.minted(house)
    await press(house, link)
    person = await press(house, link)
    assert len(await link_making.mails(house, link)) == 1
    assert await enter(house, person.browser, await link_making.code(house, link))


async def test_a_code_is_used_once_and_the_next_one_is_another(house: House) -> None:
    link = await link_making.minted(house)
    first = await press(house, link)
    code = await link_making.code(house, link)
    assert await enter(house, first.browser, code)
    second = await press(house, link)
    assert await enter(house, second.browser, code) is None
    fresh = await link_making.code(house, link)
    assert fresh != code
    assert await enter(house, second.browser, fresh)


async def test_a_hundred_racing_entries_make_one_visit(house: House) -> None:
    link = await link_making.minted(house)
    browsers = [(await press(house, link)).browser for _ in range(20)]
    code = await link_making.code(house, link)
    done = await asyncio.gather(*(enter(house, browsers[n % 20], code) for n in range(100)))
    assert sum(opened is not None for opened in done) == 1
    found = await link_making.rows(
        house, "select count(*) as n from link_session where link_id = $1", link.id
    )
    assert found[0]["n"] == 1
    found = await link_making.rows(house, "select state from link where id = $1", link.id)
    assert found[0]["state"] == "live"


async def test_a_browser_has_five_tries_and_pressing_again_gives_none_back(house: House) -> None:
    link = await link_making.minted(house)
    started = await press(house, link)
    code = await link_making.code(house, link)
    for _ in range(5):
        assert await enter(house, started.browser, wrong(code)) is None
    again = await press(house, link, browser=link_making.digest(started.browser))
    assert again.browser is None
    assert await enter(house, started.browser, code) is None
    assert await enter(house, (await press(house, link)).browser, code) is not None


async def test_ten_wrong_codes_delay_and_twenty_freeze_and_tell_both_sides(house: House) -> None:
    link = await link_making.minted(house)
    code = await guess(house, link, wrong_codes=10)
    late = (await press(house, link)).browser
    assert await enter(house, late, code) is None
    await link_making.change(house, link, "update link set delay_until = null")
    await guess(house, link, wrong_codes=10)
    found = await link_making.rows(house, "select state from link where id = $1", link.id)
    assert found[0]["state"] == "frozen"
    assert await enter(house, (await press(house, link)).browser, code) is None
    told = await link_making.rows(
        house, "select org_id from outbox where link_id = $1 and kind = 'link_frozen'", link.id
    )
    assert {row["org_id"] for row in told} == {link.agency.id, link.sender.id}
    work = await link_making.rows(
        house, "select reason from human_task where leg_id = $1 and state = 'open'", link.leg_id
    )
    assert [row["reason"] for row in work] == ["link_was_frozen"]


async def guess(house: House, link: Minted, *, wrong_codes: int) -> str:
    browsers = [(await press(house, link)).browser for _ in range((wrong_codes + 4) // 5)]
    code = await link_making.code(house, link)
    for n in range(wrong_codes):
        assert await enter(house, browsers[n // 5], wrong(code)) is None
    return code


async def test_racing_guesses_are_never_more_than_twenty(house: House) -> None:
    link = await link_making.minted(house)
    browsers = [(await press(house, link)).browser for _ in range(12)]
    code = wrong(await link_making.code(house, link))
    await asyncio.gather(*(enter(house, browsers[n % 12], code) for n in range(60)))
    found = await link_making.rows(house, "select fail_count from link where id = $1", link.id)
    assert found[0]["fail_count"] <= 20


async def test_a_link_mails_three_codes_in_a_quarter_of_an_hour_and_ten_a_day(
    house: House,
) -> None:
    link = await link_making.minted(house)
    for minutes, expected in ((0, 1), (5, 1), (11, 2), (22, 3), (26, 3)):
        pressed = Pressed(secret=link.digest)
        now = link_making.later(minutes=minutes)
        await start_link.start_link(house.office, pressed, now=now)
        assert len(await link_making.mails(house, link)) == expected
    for hours in range(1, 12):
        now = link_making.later(hours=hours)
        await start_link.start_link(house.office, Pressed(secret=link.digest), now=now)
    assert len(await link_making.mails(house, link)) == 10


async def test_an_expired_link_mails_a_fresh_one_while_the_leg_lives(house: House) -> None:
    link = await link_making.minted(house)
    await link_making.change(house, link, "update link set expires_at = created_at")
    started = await press(house, link)
    assert started.browser
    assert not await link_making.mails(house, link)
    assert len(await link_making.mails(house, link, "link_fresh")) == 1
    await press(house, link)
    assert len(await link_making.mails(house, link, "link_fresh")) == 1


@pytest.mark.parametrize("state", ["frozen", "revoked"])
async def test_an_ended_link_mails_nothing_and_looks_the_same(house: House, state: str) -> None:
    link = await link_making.minted(house)
    await link_making.change(house, link, "update link set state = $1", state)
    started = await press(house, link)
    assert started.browser
    for kind in ("link_code", "link_fresh", "closed"):
        assert not await link_making.mails(house, link, kind)
    assert await enter(house, started.browser, "12345678") is None


async def test_a_remembered_browser_needs_no_code_for_the_same_mailbox(house: House) -> None:
    link = await link_making.minted(house)
    started = await press(house, link)
    code = await link_making.code(house, link)
    opened = await enter(house, started.browser, code, remember=True)
    assert opened is not None
    known = link_making.digest(opened.known)
    taken = await house.sent(link.sender, [link.agency], consent_basis="signed_form")
    leg = taken.plan.referral.legs[0]
    second = await link_making.link_to(
        house, link.sender, link.agency, leg_id=leg.id, referral_id=taken.referral_id
    )
    again = await press(house, second, known=known)
    assert again.session
    assert await leg_state(house, second) == "received"
    assert not await link_making.mails(house, second)
    stranger = await link_making.minted(house)
    other = await press(house, stranger, known=known)
    assert other.session is None
    assert await leg_state(house, stranger) == "sent"


@pytest.mark.parametrize(("minutes", "used_at"), [(16, ()), (61, range(10, 61, 10))])
async def test_a_visit_ends_after_a_quarter_of_an_hour_idle_and_an_hour_in_all(
    house: House, minutes: int, used_at: tuple[int, ...]
) -> None:
    link = await link_making.minted(house)
    started = await press(house, link)
    opened = await enter(house, started.browser, await link_making.code(house, link))
    assert opened is not None

    async def visit(after: int) -> link_visit.Visit | None:
        return await link_visit.visit(
            house.office,
            link_making.digest(opened.session if opened else None),
            browser=link_making.digest(started.browser),
            now=link_making.later(minutes=after),
        )

    for after in used_at:
        if after < 60:
            assert await visit(after) is not None
    assert await visit(minutes) is None


async def test_an_expired_link_of_a_leg_that_is_over_says_that_it_is_closed(house: House) -> None:
    link = await link_making.minted(house)
    await house.step(link.sender.actor, link.leg_id, Step.WITHDRAW)
    await link_making.change(house, link, "update link set expires_at = created_at")
    await press(house, link)
    assert len(await link_making.mails(house, link, "closed")) == 1
    assert not await link_making.mails(house, link, "link_fresh")
