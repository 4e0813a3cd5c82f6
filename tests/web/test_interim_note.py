"""An interim note on the referral's page: the service goes on, and the next report has a day."""

from datetime import date
from typing import Any

from service.domain.rules import Step
from tests.web import forms
from tests.web.pair import Pair
from tests.web.registering import rows
from tests.web.test_appointments import booked
from tests.web.test_staff_pages import _as


async def begun(pair: Pair, browser: Any, typed: dict[str, str]) -> tuple[str, Any]:
    """Book a referral, and send the form that says the service goes on."""
    made = await booked(pair, "2030-01-02", "10:30")
    where = f"/referrals/{made['id']}"
    form = forms.of_step((await browser.get(where)).text, Step.START)
    return where, await browser.post(form.action, data=form.fields | typed)


async def test_an_interim_note_is_filed_while_the_service_goes_on(pair: Pair) -> None:
    typed = {"note": "Better; again in March.", "next_report_on": "2030-03-04"}
    async with await _as(pair, pair.recipient) as browser:
        where, done = await begun(pair, browser, typed)
        assert done.status_code == 303, done.text
    (leg,) = await rows(pair.site, "select state, next_report_on from leg")
    assert tuple(leg) == ("in_service", date(2030, 3, 4))
    assert [
        row["type_code"] for row in await rows(pair.site, "select type_code from document")
    ] == ["11506-3"]
    (due,) = await rows(
        pair.site,
        "select (late_at at time zone 'America/Los_Angeles')::date as day from timer"
        " where clock = 'report' and state = 'armed'",
    )
    assert due["day"] >= date(2030, 3, 4)
    async with await _as(pair, pair.sender) as browser:
        assert "Better; again in March." in (await browser.get(where)).text


async def test_service_goes_on_without_a_note(pair: Pair) -> None:
    async with await _as(pair, pair.recipient) as browser:
        _, done = await begun(pair, browser, {})
        assert done.status_code == 303, done.text
    assert await rows(pair.site, "select 1 from document") == []


async def test_a_wrong_day_and_a_nameless_note_are_said_together(pair: Pair) -> None:
    typed = {"note": "Better.", "author": "", "next_report_on": "soon"}
    async with await _as(pair, pair.recipient) as browser:
        _, wrong = await begun(pair, browser, typed)
    assert wrong.status_code == 422
    assert 'href="#author"' in wrong.text
    assert 'href="#next_report_on"' in wrong.text
    assert forms.of_step(wrong.text, Step.START).fields["note"] == "Better."
    assert [row["state"] for row in await rows(pair.site, "select state from leg")] == ["scheduled"]
