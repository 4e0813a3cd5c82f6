"""An agency answers several requests together, by the link of one, and sees of whom nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2

from service.actions import link_inbox
from service.domain import ids
from service.domain.rules import Step
from tests.web import forms, link_making
from tests.web.link_person import Person
from tests.web.site import Site


@asynccontextmanager
async def three(here: Site) -> AsyncIterator[tuple[list[link_making.Minted], Person]]:
    """Three requests of one agency, and somebody who entered the code of the first."""
    house = here.house
    first = await link_making.minted(house)
    links = [first]
    for _ in range(2):
        taken = await house.sent(first.sender, [first.agency], consent_basis="signed_form")
        leg = taken.plan.referral.legs[0]
        links.append(
            await link_making.link_to(
                house, first.sender, first.agency, leg_id=leg.id, referral_id=taken.referral_id
            )
        )
    person = Person(here, first)
    async with person.client:
        await person.come_in()
        yield links, person


async def sent(person: Person, **typed: str) -> httpx2.Response:
    """Fill the form of the page and send it."""
    text = (await person.get("/r/inbox")).text
    form = next(each for each in forms.every(text) if each.fields.get("act") == "inbox")
    return await person.client.post("/r/act", data=form.fields | typed)


async def states(here: Site) -> list[str]:
    found = await link_making.rows(here.house, "select state from leg order by created_at, id")
    return [row["state"] for row in found]


async def references(here: Site, links: list[link_making.Minted]) -> list[str]:
    found = await link_making.rows(
        here.house, "select l.id, r.reference from leg l join referral r on r.id = l.referral_id"
    )
    named = {row["id"]: row["reference"] for row in found}
    return [named[each.leg_id] for each in links]


async def test_several_are_answered_together_each_by_its_own_link(here: Site) -> None:
    async with three(here) as (links, person):
        shown = (await person.get("/r/inbox")).text
        assert shown.count("Your answer") == 3
        assert "López" not in shown
        assert "Can you help" not in shown
        first, second, third = (f"answer-{each.leg_id}" for each in links)
        done = await sent(person, **{first: "accept", second: "no_capacity"}, owner_name="Sam Lee")
        assert done.headers["location"] == "/r/inbox?done=2", done.text
        after = (await person.get("/r/inbox?done=2")).text
        assert "2 requests answered." in after
        assert third in after
        assert second not in after
        assert await states(here) == ["accepted", "declined", "sent"]
        acted = await link_making.rows(
            here.house, "select leg_id, link_id from event where step in ('accept', 'decline')"
        )
        assert {row["leg_id"]: row["link_id"] for row in acted} == {
            each.leg_id: each.id for each in links[:2]
        }
        looks = await link_making.rows(
            here.house, "select distinct resource_id from audit where action = 'link.read_card'"
        )
        assert {each.leg_id for each in links} <= {row["resource_id"] for row in looks}


async def test_all_that_is_wrong_is_said_at_once_and_nothing_is_taken(here: Site) -> None:
    async with three(here) as (links, person):
        first, second, _ = (f"answer-{each.leg_id}" for each in links)
        wrong = await sent(person, **{first: "accept", second: "sing"}, expected_by="soon")
        assert wrong.status_code == 422
        assert wrong.text.count("govuk-error-message") >= 3
        assert (await sent(person)).status_code == 422
        assert await states(here) == ["received", "sent", "sent"]


async def test_more_answers_than_a_page_has_are_none_of_its_own(here: Site) -> None:
    async with three(here) as (_, person):
        many = {f"answer-{ids.new_id()}": "no_capacity" for _ in range(link_inbox.AT_ONCE + 1)}
        assert (await sent(person, **many)).status_code == 400
        assert await states(here) == ["received", "sent", "sent"]


async def test_one_that_was_answered_meanwhile_keeps_the_others_not_back(here: Site) -> None:
    async with three(here) as (links, person):
        text = (await person.get("/r/inbox")).text
        form = next(each for each in forms.every(text) if each.fields.get("act") == "inbox")
        await here.house.step(links[1].sender.actor, links[1].leg_id, Step.WITHDRAW)
        both = {f"answer-{each.leg_id}": "no_capacity" for each in links[1:]}
        late = await person.client.post("/r/act", data=form.fields | both)
        assert late.status_code == 409
        assert await states(here) == ["received", "cancelled", "declined"]
        lost, kept = await references(here, links[1:])
        assert "1 request answered." in late.text
        assert f"taken back. <b>{lost}</b>" in late.text
        assert kept not in late.text
        assert f"#answer-{links[1].leg_id}" not in late.text


async def test_a_page_that_is_sent_twice_gives_each_of_its_answers_once(here: Site) -> None:
    async with three(here) as (links, person):
        text = (await person.get("/r/inbox")).text
        form = next(each for each in forms.every(text) if each.fields.get("act") == "inbox")
        first, second, third = (f"answer-{each.leg_id}" for each in links)
        typed = form.fields | {first: "accept", second: "no_capacity", "owner_name": "Sam Lee"}
        taps = [person.client.post("/r/act", data=typed) for _ in range(2)]
        for tap in [*await asyncio.gather(*taps), await person.client.post("/r/act", data=typed)]:
            assert tap.headers.get("location") == "/r/inbox?done=2", tap.text
        assert await states(here) == ["accepted", "declined", "sent"]
        events = await link_making.rows(
            here.house, "select 1 from event where step in ('accept', 'decline')"
        )
        assert len(events) == 2
        other = await person.client.post("/r/act", data=typed | {first: "no_capacity", third: ""})
        assert other.status_code == 409
        assert await states(here) == ["accepted", "declined", "sent"]


async def test_another_agencys_and_a_revoked_link_are_not_on_it(here: Site) -> None:
    async with three(here) as (links, person):
        other = await link_making.minted(here.house, sender=links[0].sender)
        assert str(other.leg_id) not in (await person.get("/r/inbox")).text
        stolen = {f"answer-{other.leg_id}": "no_capacity", f"seen-{other.leg_id}": "1"}
        late = await sent(person, **stolen)
        assert late.status_code == 409
    assert await states(here) == ["received", "sent", "sent", "sent"]
