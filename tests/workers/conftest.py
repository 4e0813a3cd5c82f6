"""Fixtures of the workers' tests."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.channels import mail_server
from tests.workers import shop as shops


@pytest.fixture
def mail_office() -> Iterator[tuple[mail_server.Office, int]]:
    """A real SMTP server on loopback."""
    office = mail_server.Office()
    with mail_server.running(office) as port:
        yield office, port


@pytest.fixture
async def shop(
    fresh_database: str, redis_url: str, mail_office: tuple[mail_server.Office, int]
) -> AsyncIterator[shops.Shop]:
    """A network in a database of its own, with a desk for its workers."""
    async with shops.shop(fresh_database, redis_url, *mail_office) as opened:
        yield opened
