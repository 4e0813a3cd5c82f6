"""The pages of a link: inert and alike before the code, one act a form after it."""

from typing import Any

import pytest

from service.actions import revoke_link
from service.domain.people import Role
from tests.web import link_making
from tests.web.link_person import Person
from tests.web.site import Site

pytestmark = pytest.mark.anyio

PIN = "271828"


async def every_kind(here: Site) -> dict[str, str]:
    """Give the path of a link of every kind there is."""
    found = {}
    for kind, change in (
        ("live", None),
        ("expired", "update link set expires_at = created_at"),
        ("revoked", "update link set state = 'revoked'"),
        ("frozen", "update link set state = 'frozen'"),
    ):
        link = await link_making.minted(here.house)
        if change:
            await link_making.change(here.house, link, change)
        found[kind] = link.path
    found |= {"unknown": f"/r/{link_making.UNKNOWN}", "malformed": "/r/%00%23x%2Fy"}
    return found | {"deep": "/r/a/b/c", "long": "/r/" + "a" * 4000}


def dressed(answer: Any) -> list[tuple[str, str]]:
    """Give an answer's headers but those that number or time it."""
    return sorted(
        (name, value)
        for name, value in answer.headers.items()
        if name not in {"x-request-id", "date"}
    )


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_opening_any_link_gives_the_same_bytes_and_changes_nothing(
    here: Site, method: str
) -> None:
    answers = {}
    for kind, path in (await every_kind(here)).items():
        async with here.caller(accept="text/html") as client:
            answers[kind] = await client.request(method, path)
    said = {(answer.status_code, answer.content) for answer in answers.values()}
    assert len(said) == 1
    assert len({tuple(dressed(answer)) for answer in answers.values()}) == 1
    one = answers["live"]
    assert one.status_code == 200
    assert "set-cookie" not in one.headers
    assert one.headers["cache-control"] == "no-store"
    assert one.headers["referrer-policy"] == "no-referrer"
    assert "script" not in one.text
    assert (
        await link_making.rows(here.house, "select id from outbox where kind = 'link_code'") == []
    )


async def test_pressing_any_link_answers_the_same_but_for_the_binding(here: Site) -> None:
    said = set()
    for path in (await every_kind(here)).values():
        async with here.caller(accept="text/html") as client:
            pressed = await client.post(path)
            cookie = pressed.headers["set-cookie"]
            shape = cookie.replace(client.cookies["lk_link_browser"], "")
            page = await client.get("/r/code")
            wrong = await client.post("/r/verify", data={"code": "12345678"})
        plain = [pair for pair in dressed(pressed) if pair[0] != "set-cookie"]
        pages = (page.text, page.status_code, wrong.text, wrong.status_code)
        said.add((pressed.status_code, pressed.content, tuple(plain), shape, pages))
    assert len(said) == 1


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
async def test_a_link_takes_no_other_method(here: Site, method: str) -> None:
    async with here.caller() as client:
        assert (await client.request(method, f"/r/{link_making.UNKNOWN}")).status_code == 405


async def test_a_person_comes_in_answers_and_is_told_so(here: Site) -> None:
    link = await link_making.minted(here.house)
    person = Person(here, link)
    entered = await person.come_in()
    assert entered.status_code == 303
    card = await person.get("/r/card")
    assert "Northside Clinic" in card.text
    assert "García" not in card.text
    answered = await person.accept()
    assert answered.headers["location"] == "/r/done/accept"
    assert "We can help" in (await person.get("/r/done/accept")).text
    leg = await link_making.rows(here.house, "select state from leg where id = $1", link.leg_id)
    assert leg[0]["state"] == "accepted"
    event = await link_making.rows(
        here.house,
        "select party, source, link_id from event where leg_id = $1 and step = 'accept'",
        link.leg_id,
    )
    assert [tuple(row) for row in event] == [("LINK", "link", link.id)]


async def test_a_form_sent_twice_is_one_answer_and_the_same_page(here: Site) -> None:
    link = await link_making.minted(here.house)
    person = Person(here, link)
    await person.come_in()
    data = {
        "act": "decline",
        "nonce": await person.nonce("/r/decline"),
        "reason": "no_capacity",
        "no_capacity_until": "2099-01-02",
    }
    first = await person.client.post("/r/act", data=data)
    again = await person.client.post("/r/act", data=data)
    assert first.headers["location"] == again.headers["location"] == "/r/done/decline"
    found = await link_making.rows(
        here.house, "select seq from event where leg_id = $1 and step = 'decline'", link.leg_id
    )
    assert len(found) == 1
    other = await person.client.post("/r/act", data=data | {"reason": "out_of_area"})
    assert other.status_code == 422


async def test_an_answer_is_undone_within_the_quarter_of_an_hour(here: Site) -> None:
    link = await link_making.minted(here.house)
    person = Person(here, link)
    await person.come_in()
    await person.send("/r/decline", "decline", reason="out_of_area")
    undone = await person.send("/r/card", "undo")
    assert undone.headers["location"] == "/r/done/undo"
    leg = await link_making.rows(here.house, "select state from leg where id = $1", link.leg_id)
    assert leg[0]["state"] == "received"


async def test_what_is_missing_is_said_beside_its_field_and_nothing_is_stored(here: Site) -> None:
    link = await link_making.minted(here.house)
    person = Person(here, link)
    await person.come_in()
    answered = await person.send("/r/decline", "decline", reason="other")
    assert answered.status_code == 422
    assert "Say a few words about this choice" in answered.text
    leg = await link_making.rows(here.house, "select state from leg where id = $1", link.leg_id)
    assert leg[0]["state"] == "received"


async def test_a_strangers_cookie_opens_nothing(here: Site) -> None:
    person = Person(here, await link_making.minted(here.house))
    await person.come_in()
    stranger = Person(here, await link_making.minted(here.house))
    await stranger.press()
    visit = person.client.cookies["lk_link_visit"]
    stranger.client.cookies.set("lk_link_visit", visit)
    for path in ("/r/card", "/r/details", "/r/accept", "/r/stepup"):
        answer = await stranger.get(path)
        assert answer.status_code == 403
        assert "Northside" not in answer.text
    assert (await person.get("/r/card")).status_code == 200


async def test_a_revoked_link_throws_its_visitors_out_with_the_next_request(here: Site) -> None:
    link = await link_making.minted(here.house)
    person = Person(here, link)
    await person.come_in()
    assert (await person.get("/r/card")).status_code == 200
    now = link_making.later()
    sender = link.sender.acting(Role.FRONT_DESK)
    ended = await revoke_link.revoke_link(here.house.office, sender, leg_id=link.leg_id, now=now)
    assert ended == 1
    assert (await person.get("/r/card")).status_code == 403


async def test_a_code_that_is_not_in_form_costs_no_try(here: Site) -> None:
    link = await link_making.minted(here.house)
    person = Person(here, link)
    await person.press()
    for given in ("", "1234", "abcdefgh", "1" * 500):
        answer = await person.client.post("/r/verify", data={"code": given})
        assert answer.status_code == 422
    tries = await link_making.rows(
        here.house, "select tries from challenge where link_id = $1", link.id
    )
    assert [row["tries"] for row in tries] == [0]


async def test_a_page_of_somebody_else_gets_a_decoy(here: Site) -> None:
    link = await link_making.minted(here.house)
    async with here.caller(accept="text/html", **{"sec-fetch-site": "cross-site"}) as client:
        assert (await client.post(link.path)).headers["location"] == "/r/code"
    assert await link_making.mails(here.house, link) == []


async def test_leaving_ends_the_visit_and_clears_the_browser(here: Site) -> None:
    person = Person(here, await link_making.minted(here.house))
    await person.come_in(remember="yes")
    visit = person.client.cookies["lk_link_visit"]
    left = await person.send("/r/card", "leave")
    assert "cookies" in left.headers["clear-site-data"]
    person.client.cookies.set("lk_link_visit", visit)
    assert (await person.get("/r/card")).status_code == 403


async def test_a_mailbox_that_is_not_theirs_ends_its_link_at_once(here: Site) -> None:
    link = await link_making.minted(here.house)
    person = Person(here, link)
    await person.come_in()
    await person.send("/r/card", "not_ours")
    assert (await person.get("/r/card")).status_code == 403
    work = await link_making.rows(
        here.house, "select reason from human_task where leg_id = $1", link.leg_id
    )
    assert [row["reason"] for row in work] == ["address_is_wrong"]
    state = await link_making.rows(
        here.house, "select state from address where id = $1", link.agency.address_id
    )
    assert state[0]["state"] == "bad"
