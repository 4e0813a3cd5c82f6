"""Patients registered over HTTP, for tests."""

from typing import Any

import httpx2

from service.store.pool import Scope
from tests.making import Org
from tests.web.site import Site

MARIA: dict[str, Any] = {
    "name": {"family": "García López", "given": ["María", "Elena"]},
    "birth_date": "1980-01-02",
    "phones": ["+15035550123"],
    "email": "maria@home.example",
    "mrns": [{"value": "MR-00-4711", "authority": "north"}],
    "language": "es",
}
ID = {"system": "https://ehr.example", "value": "pat-9"}


async def created(program: httpx2.AsyncClient, **changed: Any) -> httpx2.Response:
    """Register María, with these changes."""
    body = {"identity": MARIA | changed.pop("identity", {})} | changed
    return await program.post("/api/v1/patients", json=body)


async def north_of(here: Site) -> tuple[Org, httpx2.AsyncClient]:
    """Make an organization and a program that acts for its member."""
    org = await here.house.organization("North")
    return org, await here.program(org.actor)


async def rows(here: Site, statement: str) -> list[Any]:
    """Read what the checks may read."""
    async with here.house.check.transaction(Scope()) as connection:
        found: list[Any] = await connection.fetch(statement)
    return found
