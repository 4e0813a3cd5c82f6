"""A site for every test that asks for one, on a database of its own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.web.pair import Pair, pair_at
from tests.web.site import Site, site


@pytest.fixture
async def here(fresh_database: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Site]:
    """The application, whole, with nobody in it yet."""
    async with site(fresh_database, redis_url, tmp_path) as opened:
        yield opened


@pytest.fixture
async def pair(here: Site) -> AsyncIterator[Pair]:
    """A sender, a recipient and a coordinating organization; the first two call the API."""
    async with pair_at(here) as made:
        yield made
