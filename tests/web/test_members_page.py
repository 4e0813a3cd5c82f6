"""People by hand: an act asks for a fresh proof, says what it did, and says why it did not."""

from service.domain.people import Role
from service.store.pool import Scope
from tests.web import forms, signing
from tests.web.site import Site

HTML = {"accept": "text/html"}


async def test_a_leaver_and_a_lost_factor_by_hand(here: Site) -> None:
    org = await here.house.organization()
    leaver = await here.house.member(org.id, roles=frozenset({Role.FRONT_DESK}), name="Jo Park")
    lost = await here.house.member(org.id, roles=frozenset({Role.CLINICIAN}), name="Sam Lee")
    kim = await here.house.member(org.id, roles=frozenset({Role.COORDINATOR}), name="Kim Soo")
    for actor, address in ((org.actor, "ana@n.example"), (kim, "kim@n.example")):
        await signing.may_sign_in(here.house, actor, address)
    async with here.caller(**HTML) as ana, here.caller(**HTML) as second:
        for browser, address in ((ana, "ana@n.example"), (second, "kim@n.example")):
            said = {"address": address, "password": signing.PASSWORD, "next": "/members"}
            await browser.post("/sign-in", data=said)
        page = await ana.get("/members")
        leave = forms.sent_to(page.text, f"/members/{leaver.member_id}/leave").fields
        done = await ana.post(f"/members/{leaver.member_id}/leave", data=leave)
        assert "Their membership has ended" in done.text
        assert "Jo Park" not in done.text
        reset = forms.sent_to(page.text, f"/members/{lost.member_id}/reset").fields
        started = await ana.post(f"/members/{lost.member_id}/reset", data=reset)
        assert "A second person has been asked" in started.text
        (confirm,) = [each for each in forms.every(started.text) if "/confirm" in each.action]
        own = await ana.post(confirm.action, data=confirm.fields)
        assert own.status_code == 409
        assert "nobody is their own second person" in own.text
        page = await second.get("/members")
        assert "/leave" not in page.text
        (confirm,) = [each for each in forms.every(page.text) if "/confirm" in each.action]
        confirmed = await second.post(confirm.action, data=confirm.fields)
        assert "A link to begin anew is on its way" in confirmed.text


async def test_an_old_proof_leads_to_a_new_one_and_back(here: Site) -> None:
    org = await here.house.organization()
    other = await here.house.member(org.id, roles=frozenset({Role.FRONT_DESK}), name="Jo Park")
    browser, opened = await here.browser(org.actor)
    async with here.house.office.db.transaction(Scope(person_id=org.actor.person_id)) as connection:
        await connection.execute("update session set proven_at = proven_at - interval '1 hour'")
    async with browser:
        browser.headers["accept"] = "text/html"
        led = await browser.post(f"/members/{other.member_id}/leave", data={"csrf": opened.csrf})
        assert led.headers["location"] == "/prove?next=/members"
