"""Links of texts for tests: written as the courier writes them, codes as its texts say them."""

import re
from typing import Any
from uuid import UUID

import httpx2
import msgspec

from service.actions import keep_contacts, keep_patient, mint_link
from service.actions.keep_contacts import NewContact, Reach
from service.domain import ids
from service.domain.patient import SafeContact
from service.domain.people import ContactRelation, SensitivityClass
from service.store import patient_links
from service.store.pool import Scope
from tests.making import House, Org
from tests.web import link_making
from tests.web.site import Site

NUMBER = "+15035550100"


class Texted(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who was texted about a referral, and the link in that text."""

    id: UUID
    secret: str
    digest: bytes
    clinic: Org
    agency: Org
    patient_id: UUID
    contact_id: UUID
    number_id: UUID
    referral_id: UUID
    leg_id: UUID

    @property
    def path(self) -> str:
        """Where the link leads."""
        return f"/p/{self.secret}"


async def texted(
    house: House,
    *,
    safe: SafeContact | None = None,
    language: str = "es",
    coordinated: bool = False,
    sensitivity: SensitivityClass = SensitivityClass.GENERAL,
    **wish: Any,
) -> Texted:
    """Send a referral about somebody who may be texted, and write the link of a text to them."""
    if coordinated:
        await house.organization("Network", kind="coordination", cco=True)
    clinic = await house.organization("Northside Clinic")
    agency = await house.organization("Harbor Food Bank", kind="social_service")
    patient_id, contact_id = await _patient(
        house, clinic, safe=safe, language=language, sensitivity=sensitivity
    )
    taken = await house.sent(
        clinic, [agency], patient_id=patient_id, sensitivity=sensitivity, **wish
    )
    return await linked(
        house,
        clinic=clinic,
        agency=agency,
        patient_id=patient_id,
        contact_id=contact_id,
        referral_id=taken.referral_id,
        leg_id=taken.plan.referral.legs[0].id,
    )


async def _patient(
    house: House,
    clinic: Org,
    *,
    safe: SafeContact | None,
    language: str,
    sensitivity: SensitivityClass,
) -> tuple[UUID, UUID]:
    """Make a patient who may be texted; answer the patient and the contact."""
    patient = await house.patient(clinic)
    await _reachable(house, clinic, patient.id, safe=safe or SafeContact(may_text=True))
    contact = NewContact(
        relation=ContactRelation.SELF,
        reach=Reach(name="María García", phone=NUMBER),
        language=language,
        may_text=True,
        classes=frozenset({sensitivity}),
    )
    kept = await keep_contacts.add_contact(
        house.office, clinic.actor, patient_id=patient.id, wish=contact
    )
    return patient.id, kept.id


async def _reachable(house: House, clinic: Org, patient_id: UUID, *, safe: SafeContact) -> None:
    await keep_patient.edit_patient(
        house.office,
        clinic.actor,
        patient_id=patient_id,
        change=keep_patient.PatientChange(safe_contact=safe),
        seen=1,
    )


async def linked(house: House, **about: Any) -> Texted:
    """Write the link of one more text."""
    [row] = await link_making.rows(
        house, "select number_id from contact where id = $1", about["contact_id"]
    )
    link_id, delivery_id = ids.new_id(), ids.new_id()
    made = await mint_link.text_link_of(house.keys, delivery_id=delivery_id)
    scope = Scope(org_id=about["clinic"].id, opening=about["referral_id"])
    async with house.worker.transaction(scope) as connection:
        await patient_links.insert(
            connection,
            patient_links.NewPatientLink(
                id=link_id,
                org_id=about["clinic"].id,
                referral_id=about["referral_id"],
                contact_id=about["contact_id"],
                number_id=row["number_id"],
                delivery_id=delivery_id,
                secret_hash=made.digest,
            ),
        )
    return Texted(
        id=link_id, secret=made.text, digest=made.digest, number_id=row["number_id"], **about
    )


async def codes(house: House, link: Texted) -> list[UUID]:
    """List the texts with a code that a link has caused."""
    found = await link_making.rows(
        house,
        "select id from outbox where patient_link_id = $1 and kind = 'patient_code' order by id",
        link.id,
    )
    return [row["id"] for row in found]


async def code(house: House, link: Texted) -> str:
    """Derive the newest code of a link as the courier would for its text."""
    effect_id = (await codes(house, link))[-1]
    async with house.worker.transaction(Scope(org_id=link.clinic.id)) as connection:
        window = await patient_links.code_window(connection, effect_id)
    assert window is not None
    return await mint_link.code_for(house.keys, link.id, at=window)


class Phone:
    """One browser on a telephone: it keeps cookies as a browser would."""

    def __init__(self, site: Site, link: Texted) -> None:
        self.site = site
        self.link = link
        self.client = site.caller(accept="text/html")

    async def press(self, path: str | None = None) -> httpx2.Response:
        """Press the one button of the link."""
        return await self.client.post(path or self.link.path)

    async def enter(self, digits: str) -> httpx2.Response:
        """Enter a code."""
        return await self.client.post("/p/verify", data={"code": digits})

    async def come_in(self) -> httpx2.Response:
        """Press the button and enter the texted code."""
        await self.press()
        return await self.enter(await code(self.site.house, self.link))

    async def page(self, language: str = "en") -> httpx2.Response:
        """Read the page in a language."""
        return await self.client.get(f"/p/request?language={language}")

    async def says(self, answer: str) -> httpx2.Response:
        """Press a button of the page."""
        found = re.search(r'name="nonce" value="([^"]+)"', (await self.page()).text)
        assert found
        data = {"nonce": found.group(1), "answer": answer}
        return await self.client.post("/p/answer", data=data)
