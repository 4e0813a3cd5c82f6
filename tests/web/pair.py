"""A sender and a recipient that call the API, with what they usually send."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import httpx2

from service.domain import ids
from tests.making import Org
from tests.web.site import Site

ACCEPT = {"step": "accept", "expected_by": "2030-01-02", "owner": {"name": "Sam Lee"}}


class Pair:
    """A sender and a recipient with a program each, and a patient."""

    def __init__(self, site: Site, sender: Org, recipient: Org, patient_id: UUID) -> None:
        self.site, self.sender, self.recipient = site, sender, recipient
        self.patient_id = patient_id
        self.cco: Org
        self.one: httpx2.AsyncClient
        self.other: httpx2.AsyncClient

    def order(self, **changed: Any) -> dict[str, Any]:
        return {
            "patient_id": str(self.patient_id),
            "recipients": [str(self.recipient.service_id)],
            "question": "Can you help this family with food?",
            "consent_basis": "treatment",
            "send": True,
        } | changed

    async def post(self, body: Any, *, key: str | None = None) -> httpx2.Response:
        headers = {"idempotency-key": key or ids.new_id().hex}
        return await self.one.post("/api/v1/referrals", json=body, headers=headers)

    async def sent(self, **changed: Any) -> dict[str, Any]:
        answer = await self.post(self.order(**changed))
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def step(self, caller: httpx2.AsyncClient, leg: Any, body: Any, **kw: Any) -> Any:
        return await caller.post(
            f"/api/v1/legs/{leg['id']}/steps", json={"version": leg["version"]} | body, **kw
        )


@asynccontextmanager
async def pair_at(site: Site) -> AsyncIterator[Pair]:
    """Found a network of three and let two of them call."""
    house = site.house
    cco = await house.organization("Valley CCO", kind="coordination", cco=True)
    sender = await house.organization("Northside Clinic")
    recipient = await house.organization("Harbor Food Bank", kind="social_service")
    made = Pair(site, sender, recipient, (await house.patient(sender)).id)
    made.cco = cco
    made.one, made.other = await site.program(sender.actor), await site.program(recipient.actor)
    async with made.one, made.other:
        yield made
