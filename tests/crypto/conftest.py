"""A founded network for the tests of keys."""

import pytest

from tests.crypto.rows import World


@pytest.fixture
async def world() -> World:
    """Three organizations and the network, with all their keys."""
    return await World().found()
