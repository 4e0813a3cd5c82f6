"""Who lives in the network of a crash test: senders with patients, recipients, a key for each.

Patients have phones and said that they may be texted. Where one of the senders is, it is night.
"""

import asyncio
from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from crypto import token
from service.actions import create_patient, keep_contacts
from service.actions.keep_contacts import NewContact, Reach
from service.clock import real_now
from service.domain import ids
from service.domain.patient import SafeContact
from service.domain.people import ContactRelation
from service.store import api_keys, migrate
from service.store.pool import Scope
from tests import good, making
from tests.fixtures import keys as test_keys

SENDERS, RECIPIENTS = 4, 6
AT_NIGHT = 3
"""Which of the senders lives where it is night, whenever the test runs."""

_NIGHT_OWLS = 12
_ZONES = ("Pacific/Honolulu", "America/Los_Angeles", "America/New_York", "Atlantic/Azores")
_ZONES += ("Europe/Helsinki", "Asia/Karachi", "Asia/Bangkok", "Asia/Tokyo", "Pacific/Auckland")
_NOON, _MIDNIGHT = 14, 1
_AT_ONCE = 4


class Patient(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who is referred, and the number of their phone."""

    id: UUID
    number: str


class Party(msgspec.Struct, frozen=True, kw_only=True):
    """An organization, the API key that speaks for it, and its patients if it sends."""

    org_id: UUID
    service_id: UUID
    key: str
    patients: tuple[Patient, ...] = ()


class Cast(msgspec.Struct, frozen=True, kw_only=True):
    """Everybody; nobody who lives `at_night` may be texted."""

    senders: tuple[Party, ...]
    recipients: tuple[Party, ...]

    @property
    def at_night(self) -> frozenset[str]:
        """List the numbers of those who sleep."""
        return frozenset(each.number for each in self.senders[AT_NIGHT].patients)


async def settle(database_url: str, *, patients: int) -> Cast:
    """Migrate, and make the network through the product's own actions."""
    await migrate.migrate(database_url, root_key=test_keys.root_key())
    async with making.house(database_url) as house:
        await house.organization("Coordination", kind="coordination", cco=True)
        each = patients // (SENDERS - 1)
        senders = [await _sender(house, number, patients=each) for number in range(SENDERS)]
        recipients = [await _recipient(house, number) for number in range(RECIPIENTS)]
    return Cast(senders=tuple(senders), recipients=tuple(recipients))


async def _sender(house: making.House, number: int, *, patients: int) -> Party:
    sleeps = number == AT_NIGHT
    zone = _zone(_MIDNIGHT if sleeps else _NOON)
    org = await house.organization(f"Clinic {number}", zone=zone)
    numbers = [
        f"+1503{2_000_000 + number * 100_000 + index}"
        for index in range(_NIGHT_OWLS if sleeps else patients)
    ]
    made: list[Patient] = []
    for at in range(0, len(numbers), _AT_ONCE):
        few = numbers[at : at + _AT_ONCE]
        made += await asyncio.gather(*(_patient(house, org, phone) for phone in few))
    return await _party(house, org, *made)


async def _patient(house: making.House, org: making.Org, number: str) -> Patient:
    """Register somebody who said that they may be texted."""
    made = await create_patient.create_patient(
        house.office,
        org.actor,
        identity=good.MARIA,
        extras=create_patient.Extras(
            confirm_distinct=True, safe_contact=SafeContact(may_text=True)
        ),
    )
    wish = NewContact(
        relation=ContactRelation.SELF,
        reach=Reach(name="María García", phone=number),
        language="es" if int(number) % 2 else "en",
        may_text=True,
    )
    await keep_contacts.add_contact(house.office, org.actor, patient_id=made.id, wish=wish)
    return Patient(id=made.id, number=number)


def _zone(hour: int) -> str:
    """Choose the zone in which it is nearest to this hour now."""
    now = datetime.now(UTC)

    def off(zone: str) -> float:
        here = now.astimezone(ZoneInfo(zone))
        apart = abs(here.hour + here.minute / 60 - hour)
        return min(apart, 24 - apart)

    return min(_ZONES, key=off)


async def _recipient(house: making.House, number: int) -> Party:
    # Half of them get mails with a link of its own, half are shown the way to a page.
    channel = "link" if number % 2 else "account"
    org = await house.organization(f"Pantry {number}", kind="social_service", channel=channel)
    return await _party(house, org)


async def _party(house: making.House, org: making.Org, *patients: Patient) -> Party:
    minted = token.new_secret("lk_")
    assert org.actor.member_id is not None
    row = api_keys.NewApiKey(
        org_id=org.id,
        id=ids.new_id(),
        member_id=org.actor.member_id,
        name="chaos",
        secret_hash=minted.digest,
        created_by_member_id=org.actor.member_id,
        created_at=real_now(),
        expires_at=None,
    )
    async with house.office.db.transaction(Scope(org_id=org.id)) as connection:
        await api_keys.insert(connection, row)
    return Party(org_id=org.id, service_id=org.service_id, key=minted.text, patients=patients)
