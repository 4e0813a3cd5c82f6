"""Two signed-in organizations for tests of the directory and the members."""

from typing import Any

import httpx2

from service.store.pool import Scope
from tests.making import Org
from tests.web.site import Site


async def network(here: Site) -> tuple[Org, httpx2.AsyncClient, Org, httpx2.AsyncClient]:
    """Make a coordinating organization and a clinic, and sign a member of each in."""
    cco = await here.house.organization("Valley CCO", kind="coordination", cco=True)
    clinic = await here.house.organization("Northside Clinic")
    administrator, opened = await here.browser(cco.actor)
    administrator.headers["x-csrf-token"] = opened.csrf
    staff, opened = await here.browser(clinic.actor)
    staff.headers["x-csrf-token"] = opened.csrf
    return cco, administrator, clinic, staff


async def rows(here: Site, statement: str) -> list[Any]:
    """Read what the checks may read."""
    async with here.house.check.transaction(Scope()) as connection:
        found: list[Any] = await connection.fetch(statement)
    return found
