"""A year in seconds: nobody is forgotten for a night, nobody is told twice or woken.

`make year REFERRALS=2000 SEED=1` lives through a larger one and prints what it had.
"""

from __future__ import annotations

import os
from datetime import timedelta
from time import monotonic

from service.domain import text_hours
from tests.year import reckoning
from tests.year.year import Wish, lived

REFERRALS = int(os.environ.get("LOOPKEEPER_YEAR_REFERRALS", "60"))
SEED = int(os.environ.get("LOOPKEEPER_YEAR_SEED", "1"))


async def test_a_year_forgets_nobody_and_wakes_nobody(fresh_database, redis_url) -> None:
    began = monotonic()
    async with lived(fresh_database, redis_url, Wish(referrals=REFERRALS, seed=SEED)) as year:
        done = monotonic()
        wrongs, counted = await reckoning.wrongs(year), await reckoning.counts(year)
        for name, count in counted.items():
            print(f"  {name:<28}{count}")
        print(f"  lived {done - began:.1f} s, reckoned {monotonic() - done:.1f} s")
        assert not wrongs, "\n".join([f"{len(wrongs)} wrongs", *wrongs[:40]])
        assert counted["sent"] == REFERRALS
        assert reckoning.idle(counted) == []


async def test_a_year_whose_clocks_forget_and_that_knows_no_night_is_found_out(
    fresh_database, redis_url, monkeypatch
) -> None:
    monkeypatch.setattr(text_hours, "by_day", lambda at, **_: True)
    wish = Wish(referrals=25, lasts=timedelta(days=60), forgets=True)
    async with lived(fresh_database, redis_url, wish) as year:
        wrongs = await reckoning.wrongs(year)
        for sign in ("unwatched", "I5 ", "climbed only so far", "where its phone is", "I20 "):
            assert [line for line in wrongs if sign in line], f"nobody found it out: {sign}"
