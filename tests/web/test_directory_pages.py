"""The directory as people read it, and room said with one button."""

from typing import Any

import asyncpg
import pytest

from tests.web import forms
from tests.web.network import network, rows
from tests.web.site import Site

SAID = (
    "select capacity, no_capacity_until::text as until from lk.healthcare_service where id = '{}'"
)


async def said(here: Site, service_id: Any) -> tuple[str, str | None]:
    (row,) = await rows(here, SAID.format(service_id))
    return row["capacity"], row["until"]


async def test_room_is_said_with_a_button_and_read_by_others(here: Site) -> None:
    cco, administrator, clinic, staff = await network(here)
    own = await here.house.service(clinic.id, name="Checkups", category="dental")
    await here.house.service(cco.id, name="Rides", category="transport")
    async with administrator, staff:
        page = (await staff.get("/directory?text=check")).text
        assert "Checkups" in page
        assert "Rides" not in page
        form = forms.sent_to(page, f"/organizations/{clinic.id}/services/{own}/capacity")
        day = {"capacity": "closed", "until": "2030-05-01"}
        done = await staff.post(form.action, data={**form.fields, **day})
        assert done.status_code in (200, 303)
        assert await said(here, own) == ("closed", "2030-05-01")
        read = (await administrator.get("/directory?category=dental")).text
        assert "no room" in read
        assert "2030-05-01" in read
        assert "/capacity" not in read
        assert "Checkups" not in (await administrator.get("/directory?room=yes")).text
        await staff.post(form.action, data={**form.fields, "capacity": "open", "until": ""})
    assert await said(here, own) == ("open", None)


async def test_an_old_word_is_shown_as_old(here: Site) -> None:
    _, administrator, clinic, staff = await network(here)
    own = await here.house.service(clinic.id, name="Weathered")
    async with administrator, staff:
        page = (await staff.get("/directory?text=weathered")).text
        assert "Weathered" in page
        assert "Old word" not in page
        owner = await asyncpg.connect(here.owner_url)
        try:
            await owner.execute(
                "update lk.healthcare_service set capacity_at = lk.now() - interval '31 days'"
                " where id = $1",
                own,
            )
        finally:
            await owner.close()
        assert "Old word" in (await staff.get("/directory?text=weathered")).text


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"capacity": "closed", "until": "tomorrow"}, 422),
        ({"capacity": "waitlist"}, 422),
        ({}, 422),
    ],
)
async def test_what_is_no_word_on_room_changes_nothing(
    here: Site, sent: dict[str, str], status: int
) -> None:
    _, administrator, clinic, staff = await network(here)
    own = await here.house.service(clinic.id, name="Checkups")
    async with administrator, staff:
        page = (await staff.get("/directory")).text
        form = forms.sent_to(page, f"/organizations/{clinic.id}/services/{own}/capacity")
        done = await staff.post(form.action, data={**form.fields, **sent})
        assert done.status_code == status
    assert await said(here, own) == ("open", None)


async def test_nobody_says_it_for_another_office(here: Site) -> None:
    cco, administrator, _, staff = await network(here)
    own = await here.house.service(cco.id, name="Rides")
    async with administrator, staff:
        csrf = staff.headers["x-csrf-token"]
        path = f"/organizations/{cco.id}/services/{own}/capacity"
        done = await staff.post(path, data={"csrf": csrf, "capacity": "closed"})
        assert done.status_code in (403, 404)
    assert await said(here, own) == ("open", None)


@pytest.mark.parametrize("skip", ["-1", "x", "²", "9" * 30])
async def test_a_page_that_is_none_is_the_first_or_the_last(here: Site, skip: str) -> None:
    _, administrator, _, staff = await network(here)
    async with administrator, staff:
        assert (await staff.get("/directory", params={"skip": skip})).status_code == 200
