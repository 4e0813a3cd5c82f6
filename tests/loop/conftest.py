"""The stage of the loop's stories."""

from collections.abc import AsyncIterator

import pytest

from tests.fixtures.town import Town
from tests.loop import people
from tests.loop.people import Cast


@pytest.fixture
async def story(town: Town) -> AsyncIterator[Cast]:
    """The clinic and the coordinators on stage, in a town that runs."""
    async with people.cast(town) as on_stage:
        yield on_stage
