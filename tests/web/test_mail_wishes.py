"""When routine mail comes is everybody's own to say, on the account page and over the API."""

from __future__ import annotations

from service.store.pool import Scope
from tests.web import forms
from tests.web.site import Site

PATH = "/api/v1/account/mail"


async def test_the_same_wish_over_the_api_and_on_the_page_each_on_record(here: Site) -> None:
    org = await here.house.organization()
    browser, opened = await here.browser(org.actor)
    header = {"x-csrf-token": opened.csrf}
    async with browser:
        found = (await browser.get(PATH)).json()
        assert found == {"routine": None, "organization": "digest"}
        said = await browser.put(PATH, json={"routine": "none"}, headers=header)
        assert said.json() == {"routine": "none", "organization": "digest"}
        wrong = await browser.put(PATH, json={"routine": "never"}, headers=header)
        assert wrong.status_code == 422
        page = (await browser.get("/account", headers={"accept": "text/html"})).text
        form = forms.sent_to(page, "/account/mail")
        assert form.fields["routine"] == "none"
        for routine, status in (("never", 422), ("at_once", 303)):
            fields = form.fields | {"routine": routine}
            answer = await browser.post(form.action, data=fields, headers={"accept": "text/html"})
            assert answer.status_code == status
        assert (await browser.get(PATH)).json()["routine"] == "at_once"
    async with here.house.check.transaction(Scope()) as connection:
        lines = await connection.fetch(
            "select detail->>'routine' as said from audit where action = 'mail.wish' order by at"
        )
    assert [line["said"] for line in lines] == ["none", "at_once"]


async def test_an_administrator_says_it_for_the_organization(here: Site) -> None:
    org = await here.house.organization()
    browser, opened = await here.browser(org.actor)
    path = f"/api/v1/organizations/{org.id}"
    header = {"x-csrf-token": opened.csrf, "if-match": '"1"'}
    async with browser:
        for routine, status in (("none", 422), ("at_once", 200)):
            answer = await browser.patch(path, json={"routine_mail": routine}, headers=header)
            assert answer.status_code == status
        assert (await browser.get(PATH)).json()["organization"] == "at_once"
