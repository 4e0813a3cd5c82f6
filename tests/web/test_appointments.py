"""A day's appointments: who came is said in one column, and accepting books in the same form."""

from datetime import timedelta
from typing import Any

from service.domain.rules import Step
from tests.web import forms
from tests.web.pair import Pair
from tests.web.registering import rows
from tests.web.test_staff_pages import _as


async def booked(pair: Pair, day: str, clock: str) -> dict[str, Any]:
    """Send a referral, and let its recipient accept and book it on its page."""
    made = await pair.sent()
    async with await _as(pair, pair.recipient) as browser:
        form = forms.of_step((await browser.get(f"/referrals/{made['id']}")).text, Step.ACCEPT)
        typed = {"starts_on": day, "starts_at": clock, "modality": "in_person"}
        done = await browser.post(form.action, data=form.fields | typed)
        assert done.status_code == 303, done.text
    return made


async def today(pair: Pair) -> Any:
    (row,) = await rows(
        pair.site,
        "select (lk.now() at time zone time_zone)::date as day from organization limit 1",
    )
    return row["day"]


async def test_accepting_and_booking_are_two_steps_of_one_form(pair: Pair) -> None:
    made = await booked(pair, "2030-01-02", "10:30")
    steps = await rows(pair.site, "select step, detail from event order by seq")
    assert [row["step"] for row in steps][-2:] == ["accept", "schedule"]
    (leg,) = await rows(pair.site, "select state, owner_member_id from leg")
    assert tuple(leg) == ("scheduled", pair.recipient.actor.member_id)
    assert made["legs"][0]["state"] == "sent"


async def test_half_an_appointment_is_said_at_its_field_and_nothing_is_taken(pair: Pair) -> None:
    made = await pair.sent()
    async with await _as(pair, pair.recipient) as browser:
        form = forms.of_step((await browser.get(f"/referrals/{made['id']}")).text, Step.ACCEPT)
        place = await browser.post(form.action, data=form.fields | {"modality": "phone"})
        assert place.status_code == 422
        half = await browser.post(form.action, data=form.fields | {"starts_on": "2030-01-02"})
        assert half.status_code == 422
        again = forms.of_step(half.text, Step.ACCEPT)
        assert again.fields["starts_on"] == "2030-01-02"
    assert [row["state"] for row in await rows(pair.site, "select state from leg")] == ["sent"]


async def test_yesterdays_appointments_are_marked_in_one_column(pair: Pair, connect: Any) -> None:
    tomorrow = (await today(pair) + timedelta(days=1)).isoformat()
    came, stayed, later = [
        await booked(pair, tomorrow, clock) for clock in ("09:00", "09:30", "15:00")
    ]
    owner = await connect(pair.site.owner_url)
    await owner.execute("update lk.clock_offset set writable = true, offset_by = interval '2 days'")
    async with await _as(pair, pair.recipient) as browser:
        page = (await browser.get("/appointments")).text
        for made in (came, stayed, later):
            assert made["reference"] in page
        assert page.index(came["reference"]) < page.index(later["reference"])
        form = forms.sent_to(page.partition("Say of each who came")[2], "/appointments")
        none = await browser.post("/appointments", data=form.fields)
        assert none.status_code == 422
        assert "Mark at least one appointment" in none.text
        legs = {made["id"]: made["legs"][0]["id"] for made in (came, stayed)}
        marks = {f"mark-{legs[came['id']]}": "seen", f"mark-{legs[stayed['id']]}": "no_show"}
        done = await browser.post("/appointments", data=form.fields | marks)
        assert done.status_code == 303, done.text
        after = (await browser.get(done.headers["location"])).text
        assert "2 appointments marked" in after
        assert came["reference"] not in after
        assert later["reference"] in after
        twice = await browser.post("/appointments", data=form.fields | marks)
        assert twice.status_code == 409
    states = await rows(pair.site, "select state from appointment order by starts_at")
    assert [row["state"] for row in states] == ["attended", "no_show", "booked"]


async def test_nobody_marks_anothers_appointment(pair: Pair) -> None:
    tomorrow = (await today(pair) + timedelta(days=1)).isoformat()
    made = await booked(pair, tomorrow, "09:00")
    async with await _as(pair, pair.cco) as browser:
        page = (await browser.get(f"/appointments?day={tomorrow}")).text
        assert made["reference"] not in page
        csrf = next(each.fields["csrf"] for each in forms.every(page) if each.action == "/sign-out")
        leg = made["legs"][0]["id"]
        mark = {"csrf": csrf, "day": tomorrow, f"mark-{leg}": "seen", f"seen-{leg}": "3"}
        assert (await browser.post("/appointments", data=mark)).status_code == 409
    assert await rows(pair.site, "select 1 from event where step = 'start'") == []
