"""One pair of servers for a whole run, a database for every worker, and no network but loopback."""

import hypothesis
import pytest

# What is slow on a busy machine is not wrong: speed is measured by `make bench`.
hypothesis.settings.register_profile("house", deadline=None)
hypothesis.settings.load_profile("house")

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
