"""A house on a database of its own, for every test of an action."""

from collections.abc import AsyncIterator

import pytest

from tests import making


@pytest.fixture
async def house(fresh_database: str) -> AsyncIterator[making.House]:
    async with making.house(fresh_database) as opened:
        yield opened
