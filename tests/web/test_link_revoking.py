"""Ending links: at once, by those who may, and whatever else is away."""

from pathlib import Path

import pytest

from tests.web import link_making
from tests.web.link_person import Person
from tests.web.site import Site, site

pytestmark = pytest.mark.anyio


async def test_a_sender_ends_a_recipients_links_over_the_api(here: Site) -> None:
    link = await link_making.minted(here.house)
    person = Person(here, link)
    await person.come_in()
    path = f"/api/v1/legs/{link.leg_id}/links/revoke"
    stranger = await here.house.organization("Elsewhere")
    async with await here.program(stranger.actor) as client:
        assert (await client.post(path)).status_code == 404
    assert (await person.get("/r/card")).status_code == 200
    async with await here.program(link.sender.actor) as client:
        assert (await client.post(path)).json() == {"revoked": 1}
        assert (await client.post(path)).json() == {"revoked": 0}
    assert (await person.get("/r/card")).status_code == 403
    left = await link_making.rows(
        here.house,
        "select id from link_session where link_id = $1 and ended_at is null",
        link.id,
    )
    assert left == []


async def test_without_redis_the_way_in_and_the_visit_live_on(
    fresh_database: str, tmp_path: Path
) -> None:
    async with site(fresh_database, "redis://127.0.0.1:1/0", tmp_path) as here:
        person = Person(here, await link_making.minted(here.house))
        assert (await person.come_in()).status_code == 303
        assert (await person.accept()).headers["location"] == "/r/done/accept"


async def test_presses_from_one_place_are_limited(here: Site) -> None:
    async with here.caller(accept="text/html") as client:
        said = {(await client.post(f"/r/{link_making.UNKNOWN}")).status_code for _ in range(63)}
    assert said == {303, 429}
