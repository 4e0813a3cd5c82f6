"""A clinic, an agency, and a patient whose phone may be texted, or not."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from channels.memory import MemoryTexts
from service.actions import keep_contacts, keep_patient
from service.actions.keep_contacts import NewContact, Reach
from service.domain.patient import SafeContact
from service.domain.people import ContactRelation, SensitivityClass
from tests.making import Org
from tests.workers.shop import Shop

NUMBER = "+15035550100"
ZONE = ZoneInfo("America/Los_Angeles")


class Town(msgspec.Struct, frozen=True, kw_only=True):
    clinic: Org
    agency: Org
    patient_id: UUID
    contact_id: UUID
    referral_id: UUID
    leg_id: UUID
    phones: MemoryTexts


async def at(shop: Shop, clock: str) -> None:
    """Move the clock of the network on to a local time of the clinic's zone."""
    now = await shop.owner.fetchval("select lk.now()")
    here = now.astimezone(ZONE)
    wanted = datetime.combine(here.date(), time.fromisoformat(clock), tzinfo=ZONE)
    if wanted <= here:
        wanted = datetime.combine(
            here.date() + timedelta(days=1), time.fromisoformat(clock), tzinfo=ZONE
        )
    await shop.skip(seconds=int((wanted.astimezone(UTC) - now).total_seconds()))


async def town(
    shop: Shop,
    *,
    missing: str = "",
    at_time: str = "12:00",
    safe: SafeContact | None = None,
    **contact: Any,
) -> Town:
    """Send a referral about somebody who may be texted, but for what is `missing`."""
    await at(shop, at_time)
    await shop.house.organization("Network", kind="coordination", cco=True)
    clinic = await shop.house.organization("Northside Clinic")
    agency = await shop.house.organization("Harbor", kind="social_service")
    patient = await shop.house.patient(clinic)
    profile = safe or SafeContact(may_text=missing != "profile")
    await _profile(shop, clinic, patient.id, profile)
    kept = await _kept(shop, clinic, patient.id, missing=missing, contact=contact)
    taken = await shop.house.sent(clinic, [agency], patient_id=patient.id)
    return Town(
        clinic=clinic,
        agency=agency,
        patient_id=patient.id,
        contact_id=kept,
        referral_id=taken.referral_id,
        leg_id=taken.plan.referral.legs[0].id,
        phones=MemoryTexts(),
    )


async def _profile(shop: Shop, clinic: Org, patient_id: UUID, profile: SafeContact) -> None:
    change = keep_patient.PatientChange(safe_contact=profile)
    await keep_patient.edit_patient(
        shop.house.office, clinic.actor, patient_id=patient_id, change=change, seen=1
    )


async def _kept(
    shop: Shop, clinic: Org, patient_id: UUID, *, missing: str, contact: dict[str, Any]
) -> UUID:
    of = SensitivityClass.PART2 if missing == "class" else SensitivityClass.GENERAL
    wish = NewContact(
        relation=ContactRelation.SELF,
        reach=Reach(name="María García", phone=None if missing == "number" else NUMBER),
        language="es",
        may_text=missing not in ("consent", "number"),
        classes=frozenset({of}),
    )
    kept = await keep_contacts.add_contact(
        shop.house.office,
        clinic.actor,
        patient_id=patient_id,
        wish=msgspec.structs.replace(wish, **contact),
    )
    return kept.id
