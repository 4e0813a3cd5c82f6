"""An agency's own note on a request: kept sealed, and seen by nobody but its people."""

from service.store.pool import Scope
from tests.web import link_making
from tests.web.link_person import Person
from tests.web.site import Site

WORDS = "Bring two boxes on Tuesday."


async def test_a_note_is_kept_changed_and_thrown_away(here: Site) -> None:
    link = await link_making.minted(here.house)
    person = Person(here, link)
    async with person.client:
        await person.come_in()
        for words in ("First.", WORDS):
            done = await person.send("/r/card", "note", own_note=words)
            assert done.headers["location"] == "/r/card#own", done.text
        assert WORDS in (await person.get("/r/card")).text
        found = await link_making.rows(here.house, "select id, leg_id from agency_note")
        assert [row["leg_id"] for row in found] == [link.leg_id]
        long = await person.send("/r/card", "note", own_note="x" * 2001)
        assert long.status_code == 422
        assert "Make this shorter" in long.text
        await person.send("/r/card", "note", own_note=" ")
        assert WORDS not in (await person.get("/r/card")).text
    assert await link_making.rows(here.house, "select 1 from agency_note") == []


async def test_it_is_sealed_and_the_sender_does_not_see_it(here: Site) -> None:
    link = await link_making.minted(here.house)
    person = Person(here, link)
    async with person.client:
        await person.come_in()
        await person.send("/r/card", "note", own_note=WORDS)
    async with here.house.office.db.transaction(Scope(org_id=link.agency.id)) as connection:
        sealed = await connection.fetchval("select sealed from agency_note")
    assert WORDS.encode() not in sealed
    async with here.house.office.db.transaction(Scope(org_id=link.sender.id)) as connection:
        assert await connection.fetch("select 1 from agency_note") == []
    browser, _ = await here.browser(link.sender.actor)
    async with browser:
        assert WORDS not in (await browser.get(f"/referrals/{link.referral_id}")).text
