"""One call to a partner: one task list of it, one form, each answer recorded on its behalf."""

from service.domain import ids
from service.domain.rules import Step
from service.store.pool import Scope
from tests.web import forms
from tests.web.site import Site


async def test_one_call_answers_everything_that_waits_for_a_partner(here: Site) -> None:
    house = here.house
    await house.organization("Valley CCO", kind="coordination", cco=True)
    sender = await house.organization()
    church = await house.organization("Old Church", kind="social_service", channel="offline")
    sent = [await house.sent(sender, [church]) for _ in range(3)]
    legs = [taken.plan.referral.legs[0].id for taken in sent]
    where = f"/tasks/partners/{church.id}"
    browser, _ = await here.browser(sender.actor)
    browser.headers["accept"] = "text/html"
    async with browser:
        assert f'href="{where}"' in (await browser.get("/tasks")).text
        page = (await browser.get(where)).text
        assert "3 requests wait for them." in page
        form = forms.sent_to(page, where)
        heard = form.fields | {
            f"answer-{legs[0]}": "accept",
            f"by-{legs[0]}": "2030-01-07",
            f"answer-{legs[1]}": "no_capacity",
        }
        assert (await browser.post(where, data=heard)).status_code == 422
        nobody = await browser.post(where, data=form.fields | {"spoke_to": "Kim"})
        assert nobody.status_code == 422
        done = await browser.post(where, data=heard | {"spoke_to": "Kim"})
        assert (done.status_code, done.headers["location"]) == (303, where)
        assert "1 request waits for them." in (await browser.get(where)).text
        # Sent once more the answers meet legs that have moved, and are taken no second time.
        again = await browser.post(where, data=heard | {"spoke_to": "Kim"})
        assert again.status_code == 409
        strange = await browser.get(f"/tasks/partners/{ids.new_id()}")
        assert "Nothing here." in strange.text
    rows = await _events(here)
    assert sorted((row["step"], row["party"], row["on_behalf"]) for row in rows) == [
        ("accept", "RECIPIENT", True),
        ("decline", "RECIPIENT", True),
    ]
    assert {row["source"] for row in rows} == {"phone"}


async def test_who_sent_it_calls_before_anybody_is_late_and_others_see_nothing(here: Site) -> None:
    house = here.house
    sender, other = await house.organization(), await house.organization("Rosehill")
    bank = await house.organization("Harbor", kind="social_service")
    sent = [await house.sent(sender, [bank]) for _ in range(2)]
    theirs = await house.sent(other, [bank])
    await house.step(bank.actor, sent[1].plan.referral.legs[0].id, Step.ACCEPT)
    leg, where = sent[0].plan.referral.legs[0].id, f"/tasks/partners/{bank.id}"
    browser, _ = await here.browser(sender.actor)
    browser.headers["accept"] = "text/html"
    async with browser:
        page = (await browser.get(where)).text
        assert "1 request waits for them." in page
        assert "Waits for their answer" in page
        assert str(theirs.plan.referral.legs[0].id) not in page
        heard = forms.sent_to(page, where).fields | {f"answer-{leg}": "no_capacity"}
        done = await browser.post(where, data=heard | {"spoke_to": "Kim"})
        assert done.status_code == 303, done.text
        assert "Nothing here." in (await browser.get(where)).text
    [row] = [each for each in await _events(here) if each["step"] == "decline"]
    assert (row["party"], row["on_behalf"], row["source"]) == ("RECIPIENT", True, "phone")


async def _events(here: Site) -> list:
    async with here.house.check.transaction(Scope()) as connection:
        return await connection.fetch(
            "select step, party, on_behalf, source from event where step in ('accept', 'decline')"
        )


async def test_the_list_is_kept_to_what_is_mine_nobodys_or_about_one_partner(here: Site) -> None:
    house = here.house
    sender = await house.organization()
    church = await house.organization("Old Church", kind="social_service", channel="offline")
    chapel = await house.organization("Chapel", kind="social_service", channel="offline")
    for each in (church, chapel):
        await house.sent(sender, [each])
    browser, _ = await here.browser(sender.actor)
    async with browser:
        url = "/api/v1/human-tasks"
        every = (await browser.get(url)).json()["items"]
        assert {task["way"] for task in every} == {
            f"/tasks/partners/{church.id}",
            f"/tasks/partners/{chapel.id}",
        }
        assert all(task["due_at"] and task["reference"] for task in every)
        one = (await browser.get(url, params={"partner": str(church.id)})).json()["items"]
        assert [task["about_org_id"] for task in one] == [str(church.id)]
        assert len((await browser.get(url, params={"member": "mine"})).json()["items"]) == 2
        assert (await browser.get(url, params={"member": "unassigned"})).json()["items"] == []
