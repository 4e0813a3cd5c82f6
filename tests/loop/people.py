"""The people of the loop's stories: a clinic, its coordinators, and those it sends to."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import msgspec

from service.store import invariants
from service.store.pool import Scope
from tests import making
from tests.fixtures.town import Caller, Town, Visitor


class Cast(msgspec.Struct, frozen=True, kw_only=True):
    """Who takes part in a story."""

    town: Town
    house: making.House
    clinic: Caller
    cco: Caller
    visitors: list[Visitor] = []

    async def send(self, *services: making.Org, **fields: Any) -> str:
        """Send a referral to these organizations' services over the API and return its id."""
        patient = await self.house.patient(self.clinic.org)
        body = {
            "patient_id": str(patient.id),
            "recipients": [str(org.service_id) for org in services],
            "question": "Can you help this family with food this week?",
            "consent_basis": "treatment",
            "send": True,
            **fields,
        }
        answer = await self.clinic.post("/referrals", body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def rates(self) -> dict[str, dict[str, Any]]:
        """Read what the clinic's referrals came to, by rate."""
        answer = await self.clinic.get("/measures/rates", since="2020-01-01", until="2040-01-01")
        assert answer.status_code == 200, answer.text
        return {each["rate"]: each for each in answer.json()["rates"]}

    async def states(self, referral: str) -> tuple[str, list[str]]:
        """Say where the referral and its legs stand."""
        found = (await self.clinic.referral(referral))["referral"]
        return found["state"], [leg["state"] for leg in found["legs"]]

    async def agency(self, name: str = "Harbor Food Bank", **made: Any) -> making.Org:
        """Make an agency that has no account and answers by link."""
        return await self.house.organization(
            name, kind="social_service", channel="link", **({"covered": True} | made)
        )

    async def account(self, name: str = "Harbor Cardiology", **made: Any) -> Caller:
        """Make a recipient with accounts."""
        org = await self.house.organization(name, kind="specialty", **made)
        return await self.town.caller(self.house, org)

    def visitor(self, agency: making.Org) -> Visitor:
        """Sit down at the agency's browser."""
        self.visitors.append(Visitor(self.town, agency.mailbox))
        return self.visitors[-1]


async def enrolled(worker: Visitor, page: httpx2.Response) -> httpx2.Response:
    """Fill the one page in that asks who works here."""
    await worker.act(
        page,
        "enrol",
        name_1="Sam Lee",
        phone_1="+15035550142",
        pin_1="481516",
        phrase="blue kettle",
    )
    return await worker.go("/r/card")


async def identified(story: Cast, worker: Visitor, agency: making.Org) -> httpx2.Response:
    """Confirm the worker as the clinic does on the telephone, and say who one is."""
    path = f"/organizations/{agency.id}/workers"
    named = (await story.clinic.get(path)).json()["items"][0]
    confirmed = await story.clinic.post(f"{path}/{named['id']}/confirm", {"how": "called"})
    assert confirmed.status_code in (200, 201), confirmed.text
    page = await worker.go("/r/stepup")
    return await worker.act(page, "stepup", person_id=str(named["id"]), pin="481516")


@asynccontextmanager
async def cast(town: Town) -> AsyncIterator[Cast]:
    """Bring the clinic and the coordinators on stage; the coordinators stay the same."""
    async with making.house(town.database_url) as house:
        coordinators = await _coordinators(house)
        clinic = await house.organization("Northside Clinic")
        on_stage = Cast(
            town=town,
            house=house,
            clinic=await town.caller(house, clinic),
            cco=await town.caller(house, coordinators),
        )
        yield on_stage
        await _nothing_is_broken(house)
        for visitor in on_stage.visitors:
            await visitor.client.aclose()


async def _nothing_is_broken(house: making.House) -> None:
    """Prove every invariant that holds at any moment, after each story."""
    always = [each for each in invariants.INVARIANTS if not each.running]
    async with house.check.transaction(Scope()) as connection:
        found = await invariants.check(connection, always)
    broken = {each.invariant.id: each.breaches for each in found if not each.holds}
    assert broken == {}


_cco: dict[int, making.Org] = {}


async def _coordinators(house: making.House) -> making.Org:
    key = hash(house.url)
    if key not in _cco:
        _cco[key] = await house.organization(
            "Care Network", kind="coordination", cco=True, category="coordination"
        )
    return _cco[key]
