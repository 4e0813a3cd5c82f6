"""Who could help next: after a decline, in order, and one button sends it there."""

import re
from typing import Any

from service.store import behaviour
from service.store.pool import Scope
from tests.web import forms
from tests.web.pair import ACCEPT, Pair
from tests.web.registering import rows
from tests.web.test_staff_pages import _as


async def declined(pair: Pair) -> dict[str, Any]:
    made = await pair.sent()
    no = {"step": "decline", "reason": "no_capacity"}
    assert (await pair.step(pair.other, made["legs"][0], no)).status_code == 200
    return made


async def test_a_decline_goes_on_to_the_likeliest_with_one_button(pair: Pair) -> None:
    house = pair.site.house
    full = await house.organization("Dock Pantry", kind="social_service")
    good = await house.organization("Eastside Pantry", kind="social_service")
    async with house.office.db.transaction(Scope(org_id=full.id)) as connection:
        await connection.execute(
            "update healthcare_service set capacity = 'closed', capacity_at = lk.now()"
        )
    made = await declined(pair)
    async with await _as(pair, pair.sender) as browser:
        page = (await browser.get(f"/referrals/{made['id']}")).text
        panel = page[page.index('id="next-best"') :].partition("</section>")[0]
        assert "Harbor Food Bank" not in panel
        assert "Northside Clinic" not in panel
        assert panel.index("Eastside Pantry") < panel.index("Dock Pantry")
        assert "says there is no room" in panel
        first = forms.every(panel)[0]
        assert first.fields["service_id"] == str(good.service_id)
        done = await browser.post(first.action, data=first.fields)
        assert done.status_code == 303, done.text
        after = (await browser.get(f"/referrals/{made['id']}")).text
        assert "With the recipient" in after
    found = await rows(pair.site, "select org_id from leg order by number")
    assert [row["org_id"] for row in found] == [pair.recipient.id, good.id]


async def test_what_a_service_did_lately_is_reckoned_of_five_and_more(
    pair: Pair, connect: Any
) -> None:
    for n in range(5):
        made = await pair.sent()
        body = ACCEPT if n < 3 else {"step": "decline", "reason": "out_of_area"}
        assert (await pair.step(pair.other, made["legs"][0], body)).status_code == 200
    other = await pair.site.house.organization("Dock Pantry", kind="social_service")
    await pair.sent(recipients=[str(other.service_id)])
    owner = await connect(pair.site.owner_url)
    await owner.execute("update lk.clock_offset set writable = true, offset_by = interval '3 days'")
    async with pair.site.house.worker.transaction(Scope(numbering=True)) as connection:
        await behaviour.reckon(connection)
    found = await rows(pair.site, "select * from service_behaviour")
    assert [
        (row["service_id"], row["sent"], row["answered"], row["accepted"]) for row in found
    ] == [(pair.recipient.service_id, 5, 5, 3)]
    async with await _as(pair, pair.sender) as browser:
        page = (await browser.get("/directory")).text
        assert re.search(r"answers in 0\.0 days, accepts 60 %", page)
        assert page.count("accepts") == 1


async def test_whoever_can_send_it_nowhere_is_shown_nobody(pair: Pair) -> None:
    made = await pair.sent()
    async with await _as(pair, pair.recipient) as browser:
        assert 'id="next-best"' not in (await browser.get(f"/referrals/{made['id']}")).text
