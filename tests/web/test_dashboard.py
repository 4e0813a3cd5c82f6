"""The dashboard counts what happened, says the same on page, in table and over the API."""

from __future__ import annotations

import csv
import io

from service.domain.details import Details
from service.domain.rules import Step
from tests.web.site import Site


async def _network(here: Site):
    """Two referrals from a clinic: one answered after a day and served, one left alone."""
    house = here.house
    await house.organization("Network", kind="coordination", cco=True)
    clinic = await house.organization("Clinic")
    pantry = await house.organization("Pantry", kind="social_service")
    quiet = await house.organization("Quiet House", kind="social_service")
    served = await house.sent(clinic, [pantry])
    await house.sent(clinic, [quiet])
    leg_id = served.plan.referral.legs[0].id
    await house.step(pantry.actor, leg_id, Step.ACCEPT)
    done = Details(outcome="served", need_met="unknown")
    await house.step(pantry.actor, leg_id, Step.COMPLETE, details=done)
    return clinic, pantry


async def test_it_counts_what_happened_and_keeps_the_unknown_in_sight(here: Site) -> None:
    clinic, _ = await _network(here)
    browser, _ = await here.browser(clinic.actor)
    async with browser:
        found = (await browser.get("/api/v1/measures/dashboard")).json()
    rates = {each["rate"]: each for each in found["rates"]}
    assert (rates["answered"]["yes"], rates["answered"]["unknown"]) == (1, 1)
    assert rates["need_met"]["unknown"] == 2
    [stage] = found["stages"]
    assert (stage["sent"], stage["answered"], stage["accepted"]) == (2, 1, 1)
    assert (stage["reported"], stage["scheduled"], stage["closed"]) == (1, 0, 0)
    assert found["ages"] == {"week": 2, "fortnight": 0, "month": 0, "quarter": 0, "older": 0}
    assert {each["name"]: (each["asked"], each["answered"]) for each in found["partners"]} == {
        "Pantry": (1, 1),
        "Quiet House": (1, 0),
    }
    [week] = found["weeks"]
    assert week["sent"] == 2
    assert week["answered"] is not None
    assert week["scheduled"] is None


async def test_who_does_not_answer_in_time_is_to_be_called(here: Site, connect) -> None:
    clinic, _ = await _network(here)
    owner = await connect(here.owner_url)
    await owner.execute("update lk.clock_offset set writable = true, offset_by = interval '9 days'")
    browser, _ = await here.browser(clinic.actor)
    async with browser:
        found = (await browser.get("/api/v1/measures/dashboard")).json()
        page = (await browser.get("/dashboard", headers={"accept": "text/html"})).text
    late = {each["name"]: (each["late"], each["late_days"]) for each in found["partners"]}
    assert late["Pantry"] == (0, None)
    assert late["Quiet House"][0] == 1
    assert 1 < late["Quiet House"][1] < 9
    assert found["ages"]["fortnight"] == 2
    assert "Partners to call" in page


async def test_the_page_and_the_table_say_the_same(here: Site) -> None:
    clinic, _ = await _network(here)
    browser, _ = await here.browser(clinic.actor)
    async with browser:
        page = (await browser.get("/dashboard", headers={"accept": "text/html"})).text
        table = await browser.get("/dashboard.csv?days=30")
        odd = await browser.get("/dashboard?days=x&category=%3Cscript%3Ex")
    assert "Quiet House" in page
    assert "<svg" in page
    assert table.headers["content-disposition"] == 'attachment; filename="loops-30-days.csv"'
    rows = [tuple(row) for row in csv.reader(io.StringIO(table.text))]
    assert rows[0] == ("part", "of", "figure", "value")
    assert ("rate", "answered", "yes", "1") in rows
    assert ("stage", "all", "sent", "2") in rows
    assert ("partner", "Quiet House", "answered", "0") in rows
    assert odd.status_code == 200
    assert "<script>x" not in odd.text


async def test_each_counts_its_own(here: Site) -> None:
    _, pantry = await _network(here)
    browser, _ = await here.browser(pantry.actor)
    async with browser:
        found = (await browser.get("/api/v1/measures/dashboard")).json()
    assert found["stages"] == []
    assert found["partners"] == []
