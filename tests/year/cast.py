"""Who is in it: clinics and agencies from coast to coast, a state without summer time, patients."""

from __future__ import annotations

from datetime import date
from random import Random
from uuid import UUID

import msgspec

from service.actions import create_patient, keep_contacts
from service.actions.create_patient import Extras
from service.actions.keep_contacts import NewContact, Reach
from service.domain.patient import Identity, Name, SafeContact
from service.domain.people import Actor, ContactRelation, Role
from tests.making import House, Org

NEW_YORK, PHOENIX, LOS_ANGELES = "America/New_York", "America/Phoenix", "America/Los_Angeles"
_AREA_CODES = {NEW_YORK: (212, 718, 516), PHOENIX: (602, 480, 520), LOS_ANGELES: (213, 310, 619)}
_OF_AN_AREA = 100
"""Numbers of each area code that belong to nobody: 555-0100 to 555-0199."""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """An organization, and where it is."""

    org: Org
    zone: str
    by_link: bool = False


class Patient(msgspec.Struct, frozen=True, kw_only=True):
    """A patient of one clinic; `number` is None where nobody may text them."""

    id: UUID
    clinic: Place
    number: str | None


class Cast(msgspec.Struct, frozen=True, kw_only=True):
    """Everybody."""

    cco: Org
    coordinators: tuple[Actor, ...]
    clinics: tuple[Place, ...]
    agencies: tuple[Place, ...]
    patients: tuple[Patient, ...]


async def gather(house: House, cco: Org, *, patients: int, agencies: int, rng: Random) -> Cast:
    """Bring the network together; a few phones are those of two patients of different clinics."""
    coordinators = [cco.actor]
    for name in ("Noa Klein", "Ravi Patel"):
        roles = frozenset({Role.COORDINATOR})
        coordinators.append(await house.member(cco.id, roles=roles, name=name, cco=True))
    await house.member(cco.id, roles=frozenset({Role.ORG_ADMIN}), name="Mo Diaz", cco=True)
    clinics = tuple([await _clinic(house, zone) for zone in _AREA_CODES])
    numbers = {zone: _numbers(zone) for zone in _AREA_CODES}
    people: list[Patient] = []
    for count in range(patients):
        clinic = clinics[count % len(clinics)]
        free = numbers[clinic.zone]
        number = free.pop(0) if free and rng.random() < 0.85 else None
        if people and rng.random() < 0.05:
            number = rng.choice(people).number
        people.append(await _patient(house, clinic, count, number=number, rng=rng))
    return Cast(
        cco=cco,
        coordinators=tuple(coordinators),
        clinics=clinics,
        agencies=await _agencies(house, agencies),
        patients=tuple(people),
    )


async def _clinic(house: House, zone: str) -> Place:
    org = await house.organization(f"Clinic {zone.rpartition('/')[2]}", zone=zone)
    await house.member(org.id, name="Second Clerk", roles=frozenset({Role.FRONT_DESK}))
    return Place(org=org, zone=zone)


async def _agencies(house: House, many: int) -> tuple[Place, ...]:
    found: list[Place] = []
    for count in range(many):
        zone = (NEW_YORK, PHOENIX, LOS_ANGELES)[count % 3]
        by_link = count % 9 >= 6
        org = await house.organization(
            f"Agency {count}",
            kind="social_service",
            zone=zone,
            channel="link" if by_link else "account",
        )
        if count % 2:
            await house.member(org.id, name="Second Helper", roles=frozenset({Role.FRONT_DESK}))
        found.append(Place(org=org, zone=zone, by_link=by_link))
    return tuple(found)


def _numbers(zone: str) -> list[str]:
    return [
        f"+1{area}55501{count:02}" for count in range(_OF_AN_AREA) for area in _AREA_CODES[zone]
    ]


async def _patient(
    house: House, clinic: Place, count: int, *, number: str | None, rng: Random
) -> Patient:
    language = rng.choice(("en", "es"))
    made = await create_patient.create_patient(
        house.office,
        clinic.org.actor,
        identity=Identity(
            name=Name(family=f"Person {count}", given=("Eva",)),
            birth_date=date(1950 + count % 50, 1 + count % 12, 1 + count % 28),
            language=language,
        ),
        extras=Extras(
            safe_contact=SafeContact(
                may_text=number is not None, shared_phone=rng.random() < 0.1, name_us=True
            ),
            time_zone=_zone_of(number) or clinic.zone,
            confirm_distinct=True,
        ),
    )
    if number is not None:
        wish = NewContact(
            relation=ContactRelation.SELF,
            reach=Reach(name="Eva", phone=number),
            language=language,
            may_text=True,
        )
        await keep_contacts.add_contact(
            house.office, clinic.org.actor, patient_id=made.id, wish=wish
        )
    return Patient(id=made.id, clinic=clinic, number=number)


def _zone_of(number: str | None) -> str | None:
    """Say where a phone is: of two patients with one phone it is in one place."""
    return next((zone for zone in _AREA_CODES if number in _numbers(zone)), None)
