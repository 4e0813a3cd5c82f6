"""The hours of an organization's week are changed on its page; what waits is reckoned by them."""

from tests.web import forms
from tests.web.pair import Pair
from tests.web.registering import rows
from tests.web.test_staff_pages import _as


async def test_the_hours_of_a_week_are_kept_and_half_a_day_is_an_error(pair: Pair) -> None:
    where = f"/organizations/{pair.recipient.id}/calendar"
    async with await _as(pair, pair.recipient) as browser:
        form = forms.sent_to((await browser.get(where)).text, where.replace("calendar", "hours"))
        assert form.fields["open-0"]
        assert form.fields["open-6"] == ""
        wrong = {"open-5": "10:00", "open-0": "17:00", "shut-0": "09:00", "shut-1": "late"}
        late = await browser.post(form.action, data=form.fields | wrong)
        assert late.status_code == 422
        assert late.text.count("govuk-error-message") == 3
        assert forms.sent_to(late.text, form.action).fields["open-5"] == "10:00"
        closed = {name: "" for name in form.fields if name.startswith(("open-", "shut-"))}
        never = await browser.post(form.action, data=form.fields | closed)
        assert "Give at least one day with hours" in never.text
        done = await browser.post(
            form.action, data=form.fields | {"open-5": "10:00", "shut-5": "14:30"}
        )
        assert "These hours hold from now on." in done.text
        again = await browser.post(form.action, data=form.fields)
        assert again.status_code == 412
    asked = f"select hours from organization where id = '{pair.recipient.id}'"
    ((hours,),) = await rows(pair.site, asked)
    assert hours[5] == [600, 870]
    assert hours[6] is None


async def test_nobody_sets_anothers_hours(pair: Pair) -> None:
    where = f"/organizations/{pair.recipient.id}/hours"
    async with await _as(pair, pair.sender) as browser:
        home = (await browser.get("/")).text
        csrf = next(each.fields["csrf"] for each in forms.every(home) if each.action == "/sign-out")
        stolen = {"csrf": csrf, "seen": "1", "open-0": "00:00", "shut-0": "00:01"}
        assert (await browser.post(where, data=stolen)).status_code == 404
