"""Who lives in the network of a crash test: senders with patients, recipients, a key for each."""

from uuid import UUID

import msgspec

from crypto import token
from service.clock import real_now
from service.domain import ids
from service.store import api_keys, migrate
from service.store.pool import Scope
from tests import making
from tests.fixtures import keys as test_keys

SENDERS, RECIPIENTS, PATIENTS = 3, 6, 4


class Party(msgspec.Struct, frozen=True, kw_only=True):
    """An organization, the API key that speaks for it, and its patients if it sends."""

    org_id: UUID
    service_id: UUID
    key: str
    patients: tuple[UUID, ...] = ()


class Cast(msgspec.Struct, frozen=True, kw_only=True):
    """Everybody."""

    senders: tuple[Party, ...]
    recipients: tuple[Party, ...]


async def settle(database_url: str) -> Cast:
    """Migrate, and make the network through the product's own actions."""
    await migrate.migrate(database_url, root_key=test_keys.root_key())
    async with making.house(database_url) as house:
        await house.organization("Coordination", kind="coordination", cco=True)
        senders = [await _sender(house, number) for number in range(SENDERS)]
        recipients = [await _recipient(house, number) for number in range(RECIPIENTS)]
    return Cast(senders=tuple(senders), recipients=tuple(recipients))


async def _sender(house: making.House, number: int) -> Party:
    org = await house.organization(f"Clinic {number}")
    patients = [(await house.patient(org)).id for _ in range(PATIENTS)]
    return await _party(house, org, *patients)


async def _recipient(house: making.House, number: int) -> Party:
    # Half of them get mails with a link of its own, half are shown the way to a page.
    channel = "link" if number % 2 else "account"
    org = await house.organization(f"Pantry {number}", kind="social_service", channel=channel)
    return await _party(house, org)


async def _party(house: making.House, org: making.Org, *patients: UUID) -> Party:
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
