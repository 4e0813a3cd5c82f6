"""An emergency for tests: protected care between two, coordinators who hold no key of it."""

from typing import Any
from uuid import UUID

import httpx2

from service.domain.people import Actor, Role, SensitivityClass
from service.store.pool import Scope
from tests.making import Org
from tests.web import consenting, signing
from tests.web.site import Site

QUESTION = "On buprenorphine since March. Can you look after the rest?"


class Protected:
    """A treatment program, a clinic it referred to, the coordinators, and the referral."""

    def __init__(
        self, here: Site, orgs: tuple[Org, Org, Org], *, patient_id: UUID, referral_id: UUID
    ) -> None:
        self.here, (self.program, self.clinic, self.cco) = here, orgs
        self.patient_id, self.referral_id = patient_id, referral_id
        self.path = f"/api/v1/referrals/{referral_id}"
        self.break_path = f"{self.path}/break-glass"
        self.logins = 0

    async def person(self, org: Org, *roles: Role) -> tuple[Actor, httpx2.AsyncClient]:
        """Hire somebody with these roles and sign them in, with a password to prove it again."""
        actor = await self.here.house.member(
            org.id, roles=frozenset(roles), cco=org.id == self.cco.id
        )
        self.logins += 1
        await signing.may_sign_in(self.here.house, actor, f"p{self.logins}@example.org")
        return actor, await self.again(actor)

    async def again(self, actor: Actor) -> httpx2.AsyncClient:
        """Sign somebody in once more."""
        caller, opened = await self.here.browser(actor)
        caller.headers["x-csrf-token"] = opened.csrf
        return caller

    async def rows(self, statement: str) -> list[Any]:
        """Read what the checks may read."""
        async with self.here.house.check.transaction(Scope()) as connection:
            found: list[Any] = await connection.fetch(statement)
        return found

    async def wait(self, minutes: int) -> None:
        """Let time pass for everybody."""
        import asyncpg

        owner = await asyncpg.connect(self.here.owner_url, server_settings={"search_path": "lk"})
        await owner.execute(
            "update clock_offset set offset_by = offset_by + make_interval(mins => $1)", minutes
        )
        await owner.close()


def breaking(**changed: Any) -> dict[str, Any]:
    """Spell a breaking of the glass with the right password."""
    return {
        "reason": "unconscious",
        "words": "Found unconscious; which medication?",
        "medical_emergency": True,
        "proof": {"password": signing.PASSWORD},
    } | changed


async def protected(
    here: Site, sensitivity: SensitivityClass = SensitivityClass.PART2
) -> Protected:
    """Send a referral of a protected class that the coordinators are not named for."""
    house = here.house
    cco = await house.organization("Valley CCO", kind="coordination", cco=True)
    program = await house.organization("Rosehill Recovery", part2=True, public_name="Rosehill")
    clinic = await house.organization("Bay Clinic")
    patient = await house.patient(program)
    part2 = sensitivity is SensitivityClass.PART2
    form = {} if part2 else {"basis": "signed_form", "classes": [sensitivity.value]}
    async with await here.program(program.actor) as caller:
        consent_id = await consenting.recorded(caller, patient.id, clinic, **form)
    made = await house.sent(
        program,
        [clinic],
        patient_id=patient.id,
        question=QUESTION,
        sensitivity=sensitivity,
        consent_basis="part2_consent" if part2 else "signed_form",
        consent_id=UUID(consent_id),
    )
    orgs = (program, clinic, cco)
    return Protected(here, orgs, patient_id=patient.id, referral_id=made.referral_id)
