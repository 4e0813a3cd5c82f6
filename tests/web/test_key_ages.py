"""Who looks after an organization sees the versions of its keys, and never a byte of one."""

from crypto import keys
from service.domain.people import Role
from templates import words
from tests.web import link_making
from tests.web.site import Site


async def _page(here: Site, actor) -> tuple[int, str]:
    browser, _ = await here.browser(actor)
    browser.headers["accept"] = "text/html"
    async with browser:
        answer = await browser.get("/keys")
    return answer.status_code, answer.text


async def test_an_organization_sees_its_own_and_the_network_its_own_too(here: Site) -> None:
    network = await here.house.organization("Network", kind="coordination", cco=True)
    clinic = await here.house.organization()
    status, page = await _page(here, clinic.actor)
    assert status == 200
    rows = await link_making.rows(here.house, "select org_id, key_id from org_key")
    own = [row for row in rows if row["org_id"] == clinic.id]
    assert page.count('<tr><th scope="row"') == len(own) > len(keys.INDEX_FIELDS)
    assert "Of the network" not in page
    _, theirs = await _page(here, network.actor)
    assert theirs.count('<tr><th scope="row"') >= len(own) + len(keys.NETWORK_PURPOSES)
    assert "Of the network" in theirs
    for row in rows:
        assert row["key_id"].hex() not in page + theirs


def test_every_key_has_its_words() -> None:
    every = {each.partition(":")[0] for each in keys.ORGANIZATION_PURPOSES}
    assert words.WORDS["key_purpose"].keys() == every | set(keys.NETWORK_PURPOSES)
    assert words.WORDS["key_field"].keys() == set(keys.INDEX_FIELDS)


async def test_nobody_else_sees_them(here: Site) -> None:
    clinic = await here.house.organization()
    front = await here.house.member(clinic.id, roles=frozenset({Role.FRONT_DESK, Role.CLINICIAN}))
    status, page = await _page(here, front)
    assert status in (403, 404)
    assert "Signs what" not in page
