"""A letter to the patient: in their language, in plain words, and neutral where it must be."""

from typing import Any

from tests.web.pair import Pair
from tests.web.registering import rows
from tests.web.test_staff_pages import _as


async def letter(pair: Pair, made: dict[str, Any]) -> Any:
    async with await _as(pair, pair.sender) as browser:
        return await browser.get(f"/referrals/{made['id']}/letter")


async def test_it_says_who_was_asked_where_it_stands_and_whom_to_call(pair: Pair) -> None:
    made = await pair.sent()
    page = (await letter(pair, made)).text
    assert 'lang="es"' in page
    assert "María García López" in page
    assert "Harbor Food Bank" in page
    assert made["reference"] in page
    assert "Can you help this family with food?" not in page
    looks = await rows(pair.site, "select detail from audit where action = 'referral.read'")
    assert any(row["detail"].get("printed") for row in looks)


async def test_of_protected_care_it_names_neither_the_help_nor_who_gives_it(
    pair: Pair, connect: Any
) -> None:
    made = await pair.sent()
    plain = (await letter(pair, made)).text
    owner = await connect(pair.site.owner_url)
    await owner.execute("update lk.referral set class = 'psychotherapy'")
    await owner.execute("update lk.party set classes = '{general,psychotherapy}'")
    page = (await letter(pair, made)).text
    body = page[page.index("<main") : page.index("</main>")]
    assert "Harbor Food Bank" in plain
    assert made["reference"] in body
    assert "Harbor" not in body


async def test_a_stranger_has_no_letter(pair: Pair) -> None:
    made = await pair.sent()
    stranger = await pair.site.house.organization("Riverbend Health")
    async with await _as(pair, stranger) as browser:
        assert (await browser.get(f"/referrals/{made['id']}/letter")).status_code == 404
