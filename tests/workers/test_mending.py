"""What is stuck: listed, tried again as the same mail, given up with its task; by nobody else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service import faults
from service.actions import mend_effects
from service.actions.permission import OPERATOR
from service.commands import mending
from service.domain.effects import EffectKind
from service.domain.people import Role
from service.store import stuck
from service.store.pool import Scope
from service.store.stuck import Wanted
from templates import words
from tests.web import forms, site

SECRETS = ("intake", "@", "Rivera", "/r/")


def test_every_kind_of_effect_has_words() -> None:
    assert [kind for kind in EffectKind if kind not in words.WORDS["effect"]] == []
    assert set(words.WORDS["stuck"]) == set(stuck.STATES) == set(mending.STATES)


async def dead(shop):
    """Let a mail be refused for good, and return its organization and its effect."""
    await shop.house.organization("Network", kind="coordination", cco=True)
    clinic = await shop.house.organization("Northside Clinic")
    bank = await shop.house.organization("Harbor", kind="social_service", channel="link")
    await shop.house.sent(clinic, [bank])
    await shop.skip(seconds=11)
    shop.office.at["RCPT"] = ["552 5.2.2 full"]
    async with shop.working():
        await shop.until(lambda: shop.effects("state = 'dead'"))
    [effect] = await shop.effects()
    return bank, effect


async def tasks(shop, effect) -> list[tuple[str, str | None]]:
    rows = await shop.rows("select * from lk.human_task where effect_id = $1", effect["id"])
    return [(row["state"], row["resolution"]) for row in rows]


async def found(shop, **wanted):
    return await mend_effects.list_stuck(shop.house.office, OPERATOR, Wanted(**wanted), limit=50)


async def test_a_dead_letter_that_is_tried_again_really_goes_out_under_its_first_name(shop) -> None:
    bank, effect = await dead(shop)
    [before] = await shop.rows("select * from lk.delivery")
    [row] = await found(shop)
    assert (row.state, row.kind, row.organization, row.task_open) == (
        "dead",
        "invite",
        "Harbor",
        True,
    )
    assert row.reason == "refused at recipient: 552 5.2.2"
    await mend_effects.retry(shop.house.office, OPERATOR, effect["id"])
    assert await tasks(shop, effect) == [("done", "tried_again")]
    async with shop.working():
        await shop.drained()
    [mail] = shop.to(bank.mailbox)
    [after] = await shop.rows("select * from lk.delivery")
    assert mail["Message-ID"] == before["message_id"] == after["message_id"]
    assert (after["state"], after["id"]) == ("sent", before["id"])
    [now] = await shop.effects()
    assert (now["state"], now["tries"], now["last_error"]) == ("done", 1, None)
    with pytest.raises(faults.Missing):
        await mend_effects.retry(shop.house.office, OPERATOR, effect["id"])


async def test_what_is_given_up_ends_with_its_task_and_is_not_sent(shop) -> None:
    _, effect = await dead(shop)
    await mend_effects.give_up(shop.house.office, OPERATOR, effect["id"])
    assert await tasks(shop, effect) == [("done", "given_up")]
    assert await found(shop) == []
    async with shop.working():
        await shop.drained()
    assert shop.office.taken == []
    [now] = await shop.effects()
    assert (now["state"], now["last_error"]) == ("cancelled", effect["last_error"])
    armed = await shop.rows("select * from lk.timer where state = 'armed'")
    assert len(armed) == 1


async def test_each_act_is_a_line_of_the_record(shop) -> None:
    _, effect = await dead(shop)
    await mend_effects.retry(shop.house.office, OPERATOR, effect["id"])
    await mend_effects.give_up(shop.house.office, OPERATOR, effect["id"])
    lines = await shop.rows(
        "select * from lk.audit where resource_id = $1 order by at, id", effect["id"]
    )
    assert [(line["action"], line["actor_kind"]) for line in lines] == [
        ("effect.retry", "system"),
        ("effect.give_up", "system"),
    ]
    assert lines[0]["resource_kind"] == "effect"


async def test_the_list_is_narrowed_by_state_kind_and_age(shop) -> None:
    _, effect = await dead(shop)
    assert [row.id for row in await found(shop, states=("dead",), kind="invite")] == [effect["id"]]
    assert await found(shop, states=("parked", "overdue")) == []
    assert await found(shop, kind="nudge") == []
    hour = timedelta(hours=1)
    assert await found(shop, older=hour) == []
    await shop.skip(hours=2)
    assert len(await found(shop, older=hour)) == 1
    late = "state = 'pending', next_at = lk.now() - interval '2 minutes'"
    for change, state in ((late, "overdue"), ("state = 'parked'", "parked")):
        await shop.owner.execute(f"update lk.outbox set {change} where id = $1", effect["id"])
        assert [row.state for row in await found(shop, kind="invite")] == [state]


async def test_what_a_courier_holds_or_what_is_past_its_time_is_not_touched(shop) -> None:
    _, effect = await dead(shop)
    await shop.owner.execute(
        "update lk.outbox set state = 'pending', claimed_until = lk.now() + interval '9 seconds'"
    )
    for act in (mend_effects.retry, mend_effects.give_up):
        with pytest.raises(mend_effects.InHand):
            await act(shop.house.office, OPERATOR, effect["id"])
    await shop.owner.execute(
        "update lk.outbox set state = 'dead', claimed_until = null, expires_at = lk.now()"
    )
    with pytest.raises(mend_effects.PastItsTime):
        await mend_effects.retry(shop.house.office, OPERATOR, effect["id"])
    await mend_effects.give_up(shop.house.office, OPERATOR, effect["id"])


async def test_the_task_of_an_outage_is_not_closed_by_mending_one_of_its_mails(shop) -> None:
    _, effect = await dead(shop)
    await shop.owner.execute("update lk.human_task set kind = 'channel_down'")
    await mend_effects.retry(shop.house.office, OPERATOR, effect["id"])
    assert await tasks(shop, effect) == [("open", None)]


async def test_nobody_but_the_networks_administration_is_let_in(
    shop, fresh_database, redis_url, tmp_path
) -> None:
    _, effect = await dead(shop)
    [network] = await shop.rows("select id from lk.organization where is_cco")
    [clinic] = await shop.rows("select id from lk.organization where name = 'Northside Clinic'")
    clerk = await shop.house.member(
        network["id"], roles=frozenset({Role.COORDINATOR}), name="Cy", cco=True
    )
    other = await shop.house.member(clinic["id"], roles=frozenset({Role.ORG_ADMIN}), name="Ann")
    async with site.site(fresh_database, redis_url, tmp_path) as here:
        for stranger, said in ((clerk, 403), (other, 404)):
            browser, opened = await here.browser(stranger)
            async with browser:
                assert (await browser.get("/outbox")).status_code == said
                sent = {"csrf": opened.csrf}
                tried = await browser.post(f"/outbox/{effect['id']}/give-up", data=sent)
                assert tried.status_code == said
                home = await browser.get("/account", headers={"accept": "text/html"})
                assert 'href="/outbox"' not in home.text


async def test_the_networks_administration_mends_by_hand(
    shop, fresh_database, redis_url, tmp_path
) -> None:
    _, effect = await dead(shop)
    [network] = await shop.rows("select id from lk.organization where is_cco")
    admin = await shop.house.member(
        network["id"], roles=frozenset({Role.ORG_ADMIN}), name="Ada", cco=True
    )
    async with site.site(fresh_database, redis_url, tmp_path) as here:
        browser, _ = await here.browser(admin)
        browser.headers["accept"] = "text/html"
        async with browser:
            page = await browser.get("/outbox", params={"state": "dead", "age": "nonsense"})
            assert 'href="/outbox"' in page.text
            part = page.text.partition("<h1")[2]
            assert "refused at recipient: 552 5.2.2" in part
            assert not [each for each in SECRETS if each in part]
            form = forms.sent_to(page.text, f"/outbox/{effect['id']}/retry")
            done = await browser.post(form.action, data=form.fields)
            assert "It goes out again now." in done.text
            assert "Nothing here." in (await browser.get("/outbox")).text
            gone = await browser.post(form.action.replace("retry", "give-up"), data=form.fields)
            assert "It is given up." in gone.text
            assert (await browser.post(form.action, data=form.fields)).status_code == 404
    lines = await shop.rows(
        "select * from lk.audit where resource_id = $1 order by at, id", effect["id"]
    )
    assert [(line["action"], line["actor_member_id"], line["org_id"]) for line in lines] == [
        ("effect.retry", admin.member_id, network["id"]),
        ("effect.give_up", admin.member_id, network["id"]),
    ]


async def test_row_security_shows_the_web_no_more_of_the_outbox_than_before(shop) -> None:
    _, effect = await dead(shop)
    async with shop.house.office.db.transaction(Scope()) as connection:
        assert await connection.fetch("select id from outbox") == []
    async with shop.house.office.db.transaction(Scope(network=True)) as connection:
        seen = {row["id"] for row in await connection.fetch("select id from outbox")}
        assert effect["id"] in seen
        assert await connection.fetch("select id from referral") == []
    await shop.owner.execute("update lk.outbox set state = 'done'")
    async with shop.house.office.db.transaction(Scope(network=True)) as connection:
        assert await connection.fetch("select id from outbox") == []
        assert await connection.fetch("select id from delivery") == []
