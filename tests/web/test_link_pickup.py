"""A volunteer at a counter knows three words, and records that somebody was served by them."""

import asyncio
from collections.abc import AsyncIterator

import httpx2
import pytest

from service.actions import mint_link
from service.domain.rules import Step
from service.web import limits
from tests.web import link_making
from tests.web.link_person import Person
from tests.web.site import Site


@pytest.fixture
async def person(here: Site) -> AsyncIterator[Person]:
    """Somebody of an agency that took a request on."""
    person = Person(here, await link_making.minted(here.house))
    async with person.client:
        await person.come_in()
        await person.accept()
        yield person


async def words_of(here: Site, link: link_making.Minted) -> str:
    return await mint_link.pickup_words(here.house.office.keys, link.leg_id)


async def legs(here: Site) -> list[tuple[str, str | None, str | None]]:
    found = await link_making.rows(
        here.house, "select state, outcome, need_met from leg order by created_at, id"
    )
    return [tuple(row.values()) for row in found]


async def test_the_words_close_the_leg_and_say_nothing_of_whom(here: Site, person: Person) -> None:
    assert 'href="/r/pickup"' in (await person.get("/r/card")).text
    page = (await person.get("/r/pickup")).text
    [row] = await link_making.rows(here.house, "select reference from referral")
    for word in ("López", "María", row["reference"], "/r/card", "/r/details"):
        assert word not in page
    words = await words_of(here, person.link)
    done = await person.send("/r/pickup", "pickup", words=words.upper().replace(" ", ", "))
    assert (done.status_code, done.headers["location"]) == (303, "/r/pickup?done=1")
    after = (await person.get("/r/pickup?done=1")).text
    assert "Recorded: served." in after
    assert words not in after
    assert await legs(here) == [("completed", "served", "unknown")]
    [event] = await link_making.rows(
        here.house, "select source, link_id, worker_id from event where step = 'complete'"
    )
    assert tuple(event.values()) == ("link", person.link.id, None)


@pytest.mark.parametrize("words", ["", "mango", "alfa alfa alfa", "López"])
async def test_other_words_record_nothing_and_are_not_shown_again(
    here: Site, person: Person, words: str
) -> None:
    wrong = await person.send("/r/pickup", "pickup", words=words)
    assert wrong.status_code == 422
    assert "govuk-error-summary" in wrong.text
    assert f'value="{words or "?"}"' not in wrong.text
    assert [state for state, _, _ in await legs(here)] == ["accepted"]


async def test_words_of_what_is_not_theirs_are_not_heard(here: Site, person: Person) -> None:
    other = await link_making.minted(here.house, sender=person.link.sender)
    await here.house.step(other.agency.actor, other.leg_id, Step.ACCEPT)
    theirs = await here.house.sent(
        person.link.sender, [person.link.agency], consent_basis="signed_form"
    )
    unanswered = theirs.plan.referral.legs[0].id
    await link_making.link_to(
        here.house,
        person.link.sender,
        person.link.agency,
        leg_id=unanswered,
        referral_id=theirs.referral_id,
    )
    for leg_id in (other.leg_id, unanswered):
        words = await mint_link.pickup_words(here.house.office.keys, leg_id)
        assert (await person.send("/r/pickup", "pickup", words=words)).status_code == 422
    assert sorted(state for state, _, _ in await legs(here)) == ["accepted", "accepted", "sent"]


async def test_a_form_sent_twice_serves_once_and_its_words_are_spent(
    here: Site, person: Person
) -> None:
    words = await words_of(here, person.link)
    form = {"act": "pickup", "nonce": await person.nonce("/r/pickup"), "words": words}
    taps = [person.client.post("/r/act", data=form) for _ in range(2)]
    for tap in [*await asyncio.gather(*taps), await person.client.post("/r/act", data=form)]:
        assert tap.headers.get("location") == "/r/pickup?done=1", tap.text
    assert (await person.send("/r/pickup", "pickup", words=words)).status_code == 422
    done = await link_making.rows(here.house, "select 1 from event where step = 'complete'")
    assert len(done) == 1


async def test_words_cannot_be_searched_for(here: Site, person: Person) -> None:
    nonce = await person.nonce("/r/pickup")
    answers: list[httpx2.Response] = []
    for turn in range(limits.PICK_UP.burst + 2):
        form = {"act": "pickup", "nonce": nonce, "words": f"taxi {turn}"}
        answers.append(await person.client.post("/r/act", data=form))
    assert answers[0].status_code == 422
    assert answers[-1].status_code == 429
    form = {"act": "pickup", "nonce": nonce, "words": await words_of(here, person.link)}
    assert (await person.client.post("/r/act", data=form)).status_code == 429
    assert [state for state, _, _ in await legs(here)] == ["accepted"]
