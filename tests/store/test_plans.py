"""What every step runs must find its rows by an index, however many referrals there are."""

import asyncpg
import pytest

from service.store import queries, steps
from tests import making

# The directory is small, and read whole where that is quicker.
SMALL = {"organization", "closure", "clock_offset", "healthcare_service"}

REFERRALS, KEYS = queries.load("referrals"), queries.load("keys")
HOT = {
    "facts": (REFERRALS.facts, 2),
    "consent": (REFERRALS.consent, 2),
    "seals": (KEYS.seals, 2),
    "patient": (queries.load("patients").sealed, 2),
    "step": (steps.whole("guard"), 3),
    "send": (steps.whole("created"), 3),
    "caller": (queries.load("sessions").by_api_key, 2),
}


@pytest.mark.parametrize("name", HOT)
async def test_nothing_a_step_runs_reads_a_whole_table(
    database_url: str, connect, name: str
) -> None:
    text, count = HOT[name]
    web: asyncpg.Connection = await connect(making.role_url(database_url, "lk_web"))
    # Scans are made so dear that one is planned only where row security leaves no other way.
    await web.execute(
        "set search_path = lk; set enable_seqscan = off; set plan_cache_mode = force_generic_plan"
    )
    await web.execute("select set_config('app.org', gen_random_uuid()::text, false)")
    await web.execute(f"prepare hot as {text}")
    plan = await web.fetch(f"explain (costs off) execute hot({', '.join(['null'] * count)})")
    scanned = {line.split(" on ")[1].split(" ")[0] for (line,) in plan if "Seq Scan on " in line}
    assert scanned <= SMALL
