"""Webhooks by API and by hand: whoever runs an organization, and nobody else."""

from typing import Any

import pytest

from channels.webhook import WebhookChannel
from service.actions import number_events
from service.domain.people import Role
from service.store.pool import Scope
from tests.channels.receiver import receiving
from tests.web import forms
from tests.web.pair import Pair
from workers import hooks

WEBHOOKS = "/api/v1/webhooks"
HTTPS = {"url": "https://ehr.example.org/hook?token=t0ken"}


async def administrator(pair: Pair, *, roles: frozenset[Role] = frozenset({Role.ORG_ADMIN})) -> Any:
    actor = await pair.site.house.member(pair.sender.id, roles=roles)
    browser, opened = await pair.site.browser(actor)
    browser.headers["x-csrf-token"] = opened.csrf
    return browser


class Desk:
    """What the courier's desk has, on the test's own house."""

    def __init__(self, pair: Pair) -> None:
        self.office = pair.site.house.worker_office
        self.db = pair.site.house.worker


async def told(pair: Pair) -> None:
    """Number what happened and tell what is due."""
    while await number_events.number_events(pair.site.house.worker_office):
        pass
    desk = Desk(pair)
    channel = WebhookChannel(loopback=True)
    async with pair.site.house.check.transaction(Scope()) as connection:
        rows = await connection.fetch(
            "select id from outbox where kind = 'webhook' and state = 'pending' order by number"
        )
    for row in rows:
        await hooks.tell(desk, channel, row["id"])  # type: ignore[arg-type]


async def recorded(pair: Pair) -> list[str]:
    async with pair.site.house.check.transaction(Scope()) as connection:
        rows = await connection.fetch(
            "select action from audit where action like 'webhook.%' and outcome = 'done'"
            " order by at, id"
        )
    return [row["action"] for row in rows]


async def test_a_webhook_lives_from_its_secret_to_its_end_and_every_act_is_recorded(
    pair: Pair,
) -> None:
    async with await administrator(pair) as ana, receiving() as receiver:
        made = (await ana.post(WEBHOOKS, json={"url": receiver.url, "kinds": ["leg.send"]})).json()
        assert made["secret"].startswith("whsec_")
        (shown,) = (await ana.get(WEBHOOKS)).json()["items"]
        assert (shown["id"], shown["state"], shown["kinds"]) == (made["id"], "active", ["leg.send"])
        assert "secret" not in shown
        one = f"{WEBHOOKS}/{made['id']}"
        receiver.status = 410
        await pair.sent()
        await told(pair)
        (told_of,) = (await ana.get(f"{one}/deliveries")).json()["items"]
        assert (told_of["type"], told_of["state"]) == ("leg.send", "dead")
        assert told_of["detail"] == "http_410"
        assert not {"referral_id", "reference", "leg_id"} & set(told_of)
        again = {"number": told_of["number"]}
        assert (await ana.post(f"{one}/resend", json=again)).status_code == 403
        assert (await ana.post(f"{one}/enable")).status_code == 204
        since = {"failed_since": "2020-01-01T00:00:00Z"}
        assert (await ana.post(f"{one}/resend", json=since)).json() == {"count": 1}
        receiver.status = 204
        await told(pair)
        (told_of,) = (await ana.get(f"{one}/deliveries")).json()["items"]
        assert told_of["state"] == "done"
        newer = (await ana.post(f"{one}/rotate", json={"keep_hours": 1})).json()
        assert newer["secret"] != made["secret"]
        assert (await ana.post(f"{one}/disable")).status_code == 204
        assert (await ana.delete(one)).status_code == 204
        assert (await ana.get(WEBHOOKS)).json() == {"items": []}
        assert (await ana.get(f"{one}/deliveries")).status_code == 404
    assert await recorded(pair) == [
        f"webhook.{each}" for each in ("make", "active", "resend", "rotate", "disabled", "ended")
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "http://ehr.example.org/"},
        {"url": "https://ana:pw@ehr.example.org/"},
        {"url": "file:///etc/passwd"},
        {"url": "https://ehr.example.org/", "kinds": ["leg.nothing"]},
        {"url": "https://ehr.example.org/", "kinds": ["everything"]},
        {"url": ""},
        {},
    ],
)
async def test_what_cannot_be_told_is_refused_without_repeating_it(pair: Pair, wrong: Any) -> None:
    async with await administrator(pair) as ana:
        answer = await ana.post(WEBHOOKS, json=wrong)
        assert answer.status_code == 422
        assert "ehr.example" not in answer.text
        assert (await ana.get(WEBHOOKS)).json() == {"items": []}


async def test_one_of_another_organization_is_not_there(pair: Pair) -> None:
    async with await administrator(pair) as ana:
        made = (await ana.post(WEBHOOKS, json=HTTPS)).json()
    other, opened = await pair.site.browser(pair.recipient.actor)
    other.headers["x-csrf-token"] = opened.csrf
    one = f"{WEBHOOKS}/{made['id']}"
    async with other:
        assert (await other.get(WEBHOOKS)).json() == {"items": []}
        assert (await other.get(f"{one}/deliveries")).status_code == 404
        for act in ("rotate", "enable", "disable"):
            assert (await other.post(f"{one}/{act}", json={})).status_code == 404, act
        assert (await other.post(f"{one}/resend", json={"number": 1})).status_code == 404
        assert (await other.delete(one)).status_code == 404


async def test_a_programs_key_tells_again_and_makes_no_webhook(pair: Pair) -> None:
    async with await administrator(pair) as ana:
        made = (await ana.post(WEBHOOKS, json=HTTPS)).json()
    actor = await pair.site.house.member(pair.sender.id, roles=frozenset({Role.INTEGRATION}))
    async with await pair.site.program(actor) as program:
        assert (await program.post(WEBHOOKS, json=HTTPS)).status_code == 403
        assert (await program.delete(f"{WEBHOOKS}/{made['id']}")).status_code == 403
        assert len((await program.get(WEBHOOKS)).json()["items"]) == 1
        again = await program.post(f"{WEBHOOKS}/{made['id']}/resend", json={"number": 1})
        assert again.json() == {"count": 0}


async def test_telling_again_is_limited(pair: Pair) -> None:
    async with await administrator(pair) as ana:
        made = (await ana.post(WEBHOOKS, json=HTTPS)).json()
        one = f"{WEBHOOKS}/{made['id']}/resend"
        answers = [(await ana.post(one, json={"number": 1})).status_code for _ in range(62)]
    assert answers[:60] == [200] * 60
    assert 429 in answers[60:]


async def test_there_are_no_more_than_twenty(pair: Pair) -> None:
    async with await administrator(pair) as ana:
        answers = [(await ana.post(WEBHOOKS, json=HTTPS)).status_code for _ in range(21)]
    assert answers == [201] * 20 + [403]


async def test_by_hand_it_is_made_stopped_and_ended(pair: Pair) -> None:
    async with await administrator(pair) as ana:
        ana.headers["accept"] = "text/html"
        page = await ana.get("/webhooks")
        form = forms.sent_to(page.text, "/webhooks").fields
        wrong = await ana.post("/webhooks", data=form | {"url": "http://ehr.example.org"})
        assert wrong.status_code == 422
        assert "There is a problem" in wrong.text
        made = await ana.post("/webhooks", data=form | {"url": HTTPS["url"], "kinds": "leg.accept"})
        assert "whsec_" in made.text
        page = await ana.get("/webhooks")
        assert "whsec_" not in page.text
        assert "https://ehr.example.org/hook" in page.text
        for act, word in (("rotate", "whsec_"), ("resend", ""), ("disable", ""), ("enable", "")):
            (each,) = [x for x in forms.every((await ana.get("/webhooks")).text) if act in x.action]
            done = await ana.post(each.action, data=each.fields)
            assert done.status_code == (200 if word else 303), act
            assert word in done.text
        (each,) = [x for x in forms.every((await ana.get("/webhooks")).text) if "/end" in x.action]
        await ana.post(each.action, data=each.fields)
        assert "ehr.example.org" not in (await ana.get("/webhooks")).text


async def test_an_old_proof_is_asked_for_again_before_a_secret_is_told(pair: Pair) -> None:
    actor = await pair.site.house.member(pair.sender.id, roles=frozenset({Role.ORG_ADMIN}))
    browser, opened = await pair.site.browser(actor)
    async with pair.site.house.office.db.transaction(Scope(person_id=actor.person_id)) as hand:
        await hand.execute("update session set proven_at = proven_at - interval '1 hour'")
    async with browser:
        browser.headers["x-csrf-token"] = opened.csrf
        assert (await browser.post(WEBHOOKS, json=HTTPS)).status_code == 403
        browser.headers["accept"] = "text/html"
        led = await browser.post("/webhooks", data={"csrf": opened.csrf, **HTTPS})
        assert led.headers["location"] == "/prove?next=/webhooks"
