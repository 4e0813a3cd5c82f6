"""The one-time link leads to a form, and the form to a sign-in that works."""

from collections.abc import AsyncIterator

import httpx2
import pytest

from service.actions import invite_again
from service.actions.permission import OPERATOR
from tests.fixtures.town import Town
from tests.loop import people
from tests.loop.people import Cast

GOOD = "four quiet otters swimming"


@pytest.fixture
async def story(town: Town) -> AsyncIterator[Cast]:
    async with people.cast(town) as on_stage:
        yield on_stage


async def _link(story: Cast) -> str:
    actor = story.clinic.org.actor
    assert actor.org_id is not None
    assert actor.member_id is not None
    made = await invite_again.invite_again(
        story.house.office, OPERATOR, org_id=actor.org_id, member_id=actor.member_id
    )
    return made.url("").removeprefix("http://")


async def _post(town: Town, path: str, password: str, again: str) -> httpx2.Response:
    async with town.client() as client:
        return await client.post(
            path, data={"password": password, "again": again}, headers=town.same_origin
        )


async def test_a_link_sets_a_password_once(story: Cast) -> None:
    path = await _link(story)
    async with story.town.client() as client:
        good = await client.get(path)
        made_up = await client.get("/invitation/li_" + "x" * 43)
    assert good.content == made_up.content
    assert (await _post(story.town, path, GOOD, "another one")).status_code == 422
    assert (await _post(story.town, path, "short", "short")).status_code == 422
    done = await _post(story.town, path, GOOD, GOOD)
    assert (done.status_code, done.headers["location"]) == (303, "/sign-in")
    ended = await _post(story.town, path, GOOD, GOOD)
    assert ended.status_code == 403
    assert "does not work any more" in ended.text


async def test_the_secret_of_the_link_is_in_no_log(story: Cast) -> None:
    path = await _link(story)
    async with story.town.client() as client:
        await client.get(path)
    assert path.rpartition("/")[2] not in story.town.logs()
