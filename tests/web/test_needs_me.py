"""The first page is what needs me: list by list, each referral once, the soonest first."""

from __future__ import annotations

from service.domain.rules import Step
from tests.web.site import Site

PAGE = {"accept": "text/html"}


async def _three(here: Site):
    """One that waits for its agency, one that came back and needs a recipient, one to review."""
    house = here.house
    await house.organization("Network", kind="coordination", cco=True)
    clinic = await house.organization("Clinic")
    pantry = await house.organization("Pantry", kind="social_service")
    waits, declined = [await house.sent(clinic, [pantry]) for _ in range(2)]
    leg_id = declined.plan.referral.legs[0].id
    await house.step(pantry.actor, leg_id, Step.DECLINE)
    return clinic, pantry, waits.plan.referral.reference, declined.plan.referral.reference


def _section(page: str, heading: str) -> str:
    _, found, rest = page.partition(f">{heading}</a>")
    assert found, heading
    return rest.partition("<section>")[0]


async def test_the_first_page_has_what_needs_me_and_not_what_waits_for_others(here: Site) -> None:
    clinic, pantry, waits, declined = await _three(here)
    browser, _ = await here.browser(clinic.actor)
    async with browser:
        page = (await browser.get("/", headers=PAGE)).text
        waiting = (await browser.get("/?view=waiting_for_others", headers=PAGE)).text
    assert declined in _section(page.partition("</nav>")[2], "Needs a recipient")
    assert waits not in page
    assert waits in waiting
    browser, _ = await here.browser(pantry.actor)
    async with browser:
        theirs = (await browser.get("/", headers=PAGE)).text
    assert waits in _section(theirs.partition("</nav>")[2], "Mine to answer")
    assert declined not in theirs


async def test_what_is_due_before_the_day_is_over_stands_there_once(here: Site, connect) -> None:
    _clinic, pantry, waits, _ = await _three(here)
    owner = await connect(here.owner_url)
    browser, _ = await here.browser(pantry.actor)
    async with browser:
        before = (await browser.get("/", headers=PAGE)).text
        due = await owner.fetchval(
            "select min(coalesce(t.late_at, t.final_at)) from lk.timer t join lk.referral r"
            " on r.id = t.referral_id where r.reference = $1 and t.state = 'armed'",
            waits,
        )
        assert due is not None
        await owner.execute(
            "update lk.clock_offset set writable = true,"
            " offset_by = offset_by + ($1 - lk.now()) - interval '1 second'",
            due,
        )
        today = (await browser.get("/", headers=PAGE)).text
        listed = (await browser.get("/api/v1/referrals?view=due_today")).json()
        await owner.execute("update lk.clock_offset set offset_by = offset_by + interval '1 hour'")
        late = (await browser.get("/", headers=PAGE)).text
    assert "Due today</a>" not in before.partition("</nav>")[2]
    assert waits in _section(today.partition("</nav>")[2], "Due today")
    assert [each["reference"] for each in listed["items"]] == [waits]
    assert waits in _section(late.partition("</nav>")[2], "Overdue")
    for page in (before, today, late):
        assert page.count(f">{waits}</a>") == 1


async def test_only_what_i_answer_for_is_a_click_away(here: Site) -> None:
    clinic, *_, declined = await _three(here)
    colleague = await here.house.member(clinic.id, name="Second Clerk")
    mine, _ = await here.browser(clinic.actor)
    async with mine:
        assert declined in (await mine.get("/?whose=mine", headers=PAGE)).text
    hers, _ = await here.browser(colleague)
    async with hers:
        assert declined in (await hers.get("/", headers=PAGE)).text
        assert declined not in (await hers.get("/?whose=mine", headers=PAGE)).text
        assert (
            declined not in (await hers.get("/?view=needs_routing&whose=mine", headers=PAGE)).text
        )


async def test_a_list_nobody_made_is_not_there(here: Site) -> None:
    org = await here.house.organization()
    browser, _ = await here.browser(org.actor)
    async with browser:
        assert (await browser.get("/?view=everything", headers=PAGE)).status_code == 404
