"""Lists of work: narrowed, kept at hand, and acted on together."""

import csv
import io
from typing import Any

import httpx2

from tests.web import forms
from tests.web.pair import Pair
from tests.web.registering import rows
from tests.web.test_staff_pages import _as

WAITING = "/?view=waiting_for_others"


async def token(browser: httpx2.AsyncClient) -> dict[str, str]:
    page = (await browser.get(WAITING)).text
    fields = next(each.fields for each in forms.every(page) if each.action == "/sign-out")
    return {"csrf": fields["csrf"], "where": WAITING}


def on(*made: dict[str, Any]) -> dict[str, str]:
    return {f"on-{each['id']}": "yes" for each in made}


async def test_several_are_handed_to_a_colleague_and_what_is_not_ones_own_is_named(
    pair: Pair,
) -> None:
    first, second = await pair.sent(), await pair.sent()
    colleague = await pair.site.house.member(pair.sender.id, name="Jo Park")
    async with await _as(pair, pair.sender) as browser:
        wish = await token(browser) | on(first, second) | {"member_id": str(colleague.member_id)}
        done = await browser.post("/lists/assign", data=wish)
        assert done.status_code == 200, done.text
        assert "Assigned: 2." in done.text
    owners = await rows(pair.site, "select distinct owner_member_id from referral")
    assert [row["owner_member_id"] for row in owners] == [colleague.member_id]
    stranger = await pair.site.house.organization("Riverbend Health")
    async with await _as(pair, stranger) as browser:
        mine = await token(browser) | on(first) | {"member_id": str(stranger.actor.member_id)}
        left = await browser.post("/lists/assign", data=mine)
        assert left.status_code == 409
        assert "is not yours for this" in left.text
        assert first["reference"] not in left.text


async def test_a_recipient_gives_its_part_to_somebody_before_it_is_accepted(pair: Pair) -> None:
    made = await pair.sent()
    nurse = await pair.site.house.member(pair.recipient.id, name="Jo Park")
    async with await _as(pair, pair.recipient) as browser:
        page = (await browser.get("/?view=mine_to_answer")).text
        old = await browser.get(f"/referrals/{made['id']}")
        wish = await token(browser) | on(made) | {"member_id": str(nurse.member_id)}
        assert "Assigned: 1." in (await browser.post("/lists/assign", data=wish)).text
        assert made["reference"] in page
        late = forms.of_step(old.text, "accept")
        stale = await browser.post(late.action, data=late.fields)
        assert stale.status_code == 412
        sender = {"member_id": str(pair.sender.actor.member_id)}
        wrong = await browser.post("/lists/assign", data=wish | sender)
        assert wrong.status_code == 422
    hers, _ = await pair.site.browser(nurse)
    async with hers:
        mine = (await hers.get("/?view=mine_to_answer&whose=mine")).text
        assert made["reference"] in mine
    legs = await rows(pair.site, "select state, owner_member_id from leg")
    assert [tuple(row) for row in legs] == [("sent", nurse.member_id)]
    ended = await rows(pair.site, "select 1 from audit where action = 'leg.owner'")
    assert len(ended) == 1


async def test_a_reminder_is_given_once_and_goes_by_the_clock(pair: Pair) -> None:
    made = await pair.sent()
    async with await _as(pair, pair.sender) as browser:
        wish = await token(browser) | on(made)
        assert "Reminded: 1." in (await browser.post("/lists/remind", data=wish)).text
        due = "select count(*) from timer where rung = 0 and state = 'armed' and due_at <= lk.now()"
        assert [row["count"] for row in await rows(pair.site, due)] == [1]
        again = await browser.post("/lists/remind", data=wish)
        assert again.status_code == 409
        assert "was reminded already" in again.text


async def test_what_is_put_aside_comes_back_when_something_happens(pair: Pair) -> None:
    made = await pair.sent()
    asked = {"step": "ask", "items": ["The landlord's letter"], "due_on": "2030-01-02"}
    leg = (await pair.step(pair.other, made["legs"][0], asked)).json()["legs"][0]
    async with await _as(pair, pair.sender) as browser:
        assert made["reference"] in (await browser.get("/")).text
        wish = await token(browser) | on(made) | {"until": "reply", "where": "/"}
        assert "Put aside: 1." in (await browser.post("/lists/snooze", data=wish)).text
        home = (await browser.get("/")).text
        assert made["reference"] not in home
        assert "1 put aside" in home
        assert made["reference"] in (await browser.get("/?view=mine_to_answer")).text
        declined = {"step": "decline", "reason": "no_capacity"}
        assert (await pair.step(pair.other, leg, declined)).status_code == 200
        assert made["reference"] in (await browser.get("/")).text


async def test_what_is_put_aside_for_a_day_is_for_oneself_and_is_taken_up_again(
    pair: Pair, connect: Any
) -> None:
    made = await pair.sent()
    asked = {"step": "ask", "items": ["The landlord's letter"], "due_on": "2030-01-02"}
    await pair.step(pair.other, made["legs"][0], asked)
    colleague = await pair.site.house.member(pair.sender.id, name="Jo Park")
    async with await _as(pair, pair.sender) as browser:
        wish = await token(browser) | on(made) | {"where": "/"}
        await browser.post("/lists/snooze", data=wish | {"until": "week"})
        assert made["reference"] not in (await browser.get("/")).text
        await browser.post("/lists/snooze", data=wish | {"until": "now"})
        assert made["reference"] in (await browser.get("/")).text
        await browser.post("/lists/snooze", data=wish | {"until": "tomorrow"})
        owner = await connect(pair.site.owner_url)
        await owner.execute("update lk.snooze set until = (lk.now() - interval '2 days')::date")
        assert made["reference"] in (await browser.get("/")).text
        await browser.post("/lists/snooze", data=wish | {"until": "tomorrow"})
    other, _ = await pair.site.browser(colleague)
    async with other:
        assert made["reference"] in (await other.get("/")).text


async def test_the_chosen_ones_are_a_table_and_that_it_was_taken_is_on_record(pair: Pair) -> None:
    first, _ = await pair.sent(), await pair.sent()
    async with await _as(pair, pair.sender) as browser:
        taken = await browser.post("/lists/export", data=await token(browser) | on(first))
        assert taken.headers["content-disposition"].startswith("attachment")
        table = list(csv.DictReader(io.StringIO(taken.text)))
        assert [row["reference"] for row in table] == [first["reference"]]
        assert "López" in table[0]["patient"]
        none = await browser.post("/lists/export", data=await token(browser))
        assert none.status_code == 422
        assert "Choose at least one referral" in none.text
    found = await rows(pair.site, "select detail from audit where action = 'referral.list'")
    assert any(row["detail"]["list"] == "export" for row in found)


async def test_a_list_is_narrowed_and_kept_at_hand(pair: Pair) -> None:
    urgent, routine = await pair.sent(priority="urgent"), await pair.sent()
    where = f"{WAITING}&priority=urgent"
    async with await _as(pair, pair.sender) as browser:
        shown = (await browser.get(where)).text
        assert urgent["reference"] in shown
        assert routine["reference"] not in shown
        for _ in range(2):
            kept = await browser.post("/lists/saved", data=await token(browser) | {"where": where})
            assert kept.status_code == 303
        home = (await browser.get("/")).text
        assert home.count("Waiting for others · Urgent") == 2
        (found,) = await rows(pair.site, "select id from saved_view")
        gone = await browser.post(f"/lists/saved/{found['id']}/drop", data=await token(browser))
        assert gone.status_code == 303
        assert "Waiting for others · Urgent" not in (await browser.get("/")).text
        assert (await browser.get(f"{WAITING}&kind='; drop")).status_code == 404


async def test_a_protected_referral_is_not_found_by_what_it_is_for(
    pair: Pair, connect: Any
) -> None:
    """Whoever is told only where it stands is told nothing by a filter either."""
    made = await pair.sent()
    owner = await connect(pair.site.owner_url)
    await owner.execute("update lk.party set classes = '{}' where org_id = $1", pair.cco.id)
    async with await _as(pair, pair.cco) as browser:
        assert made["reference"] in (await browser.get(WAITING)).text
        for narrowed in ("&priority=routine", "&kind=food"):
            assert made["reference"] not in (await browser.get(WAITING + narrowed)).text
