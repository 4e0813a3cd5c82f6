"""One pair of servers for a whole run, a database for every worker, and no network but loopback."""

import pytest

pytest_plugins = [
    "tests.fixtures.network",
    "tests.fixtures.servers",
    "tests.fixtures.databases",
    "tests.fixtures.browser",
    "tests.fixtures.town",
]


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Run every ``async def test_...`` and every async fixture on asyncio."""
    return "asyncio"
