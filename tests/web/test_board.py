"""The board of what is nobody's: what nobody has, whom to call, and nothing of protected care."""

from typing import Any

from tests.web.pair import Pair
from tests.web.test_next_best import declined
from tests.web.test_staff_pages import _as


async def task(
    pair: Pair, made: dict[str, Any], owner: Any, *, kind: str = "overdue_answer"
) -> None:
    await owner.execute(
        "insert into lk.human_task (id, kind, org_id, referral_id, about_org_id, reason, opened_at)"
        " values (gen_random_uuid(), $1, $2, $3::text::uuid, $4, 'x', lk.now())",
        kind,
        pair.cco.id,
        made["id"],
        pair.recipient.id,
    )


async def test_what_nobody_has_and_whom_to_call_stand_on_one_page(pair: Pair, connect: Any) -> None:
    lost, waits = await declined(pair), await pair.sent()
    owner = await connect(pair.site.owner_url)
    await task(pair, waits, owner)
    await task(pair, waits, owner, kind="second_answer")
    async with await _as(pair, pair.cco) as browser:
        page = (await browser.get("/board")).text
        nobodys, _, rest = page.partition("Partners to call")
        assert lost["reference"] in nobodys
        assert waits["reference"] not in page
        assert f'href="/tasks/partners/{pair.recipient.id}"' in rest
        assert '<td class="lk-num">2</td>' in rest
        assert rest.count("Harbor Food Bank") == 1


async def test_whom_protected_care_was_asked_of_is_not_on_the_board(
    pair: Pair, connect: Any
) -> None:
    made = await pair.sent()
    owner = await connect(pair.site.owner_url)
    await task(pair, made, owner)
    await owner.execute("update lk.referral set class = 'part2'")
    await owner.execute("update lk.party set classes = '{}' where org_id = $1", pair.cco.id)
    async with await _as(pair, pair.cco) as browser:
        assert "Harbor Food Bank" not in (await browser.get("/board")).text
