"""Builders for tests: a house with a database, and a network in it, made through the real actions.

``async with making.house(database_url) as house`` opens the pools of every role; the rest of the
methods take short names and give good defaults, so that a test says only what it is about.
"""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import msgspec

from crypto import keyring, token
from crypto.ports import Keyring
from crypto.sealed import Place
from service.actions import create_patient, create_referral, take_step
from service.actions.create_patient import Registered
from service.actions.create_referral import NewReferral
from service.actions.office import Office
from service.actions.take_step import Order, Taken, Wish, Words
from service.domain import ids
from service.domain.details import Details
from service.domain.patient import Identity
from service.domain.people import Actor, ActorKind, Role
from service.domain.rules import Step
from service.settings import Secret, for_role
from service.store import keys as key_store
from service.store import people
from service.store import pool as pools
from service.store.blobs import Blobs
from service.store.pool import Pool, Scope
from tests import good
from tests.fixtures import keys as test_keys

EVERY_ROLE = frozenset(Role) - {Role.INTEGRATION}
_counter = itertools.count(1)


class Org(msgspec.Struct, frozen=True, kw_only=True):
    """An organization of a test: its id, a member with every role, its service, its mailbox."""

    id: UUID
    actor: Actor
    service_id: UUID
    mailbox: str
    address_id: UUID

    def acting(self, *roles: Role) -> Actor:
        """Return the same member with these roles only."""
        return msgspec.structs.replace(self.actor, roles=frozenset(roles))


class House:
    """Pools of every role on one database, and the keyring of the tests."""

    def __init__(
        self, url: str, office: Office, *, worker: Pool, check: Pool, keys: Keyring
    ) -> None:
        self.url = url
        self.office = office
        self.worker = worker
        self.check = check
        self.keys = keys

    @property
    def worker_office(self) -> Office:
        """The office as workers have it."""
        return Office(db=self.worker, keys=self.keys, public_url="", demo=True)

    async def organization(
        self,
        name: str = "Northside Clinic",
        *,
        kind: str = "primary_care",
        channel: str = "account",
        cco: bool = False,
        covered: bool = True,
        zone: str = "America/Los_Angeles",
        language: str = "en",
        central_intake: bool = False,
        public_name: str | None = None,
        part2: bool = False,
        enrolled: bool = True,
        **service: Any,
    ) -> Org:
        """Make an organization with keys, a mailbox, one member of every role and one service."""
        org_id = ids.new_id()
        await self._found(
            org_id,
            name=name,
            public_name=public_name or name,
            kind=kind,
            channel=channel,
            is_cco=cco,
            covered_entity=covered,
            time_zone=zone,
            language=language,
            central_intake=central_intake,
            part2_program=part2,
        )
        mailbox, address_id = await self._mailbox(org_id, enrolled=enrolled)
        return Org(
            id=org_id,
            actor=await self.member(org_id, roles=EVERY_ROLE, cco=cco),
            service_id=await self.service(org_id, **service),
            mailbox=mailbox,
            address_id=address_id,
        )

    async def _found(self, org_id: UUID, **columns: Any) -> None:
        """Write an organization with its keys."""
        scope = Scope(org_id=org_id, network=True)
        await self._insert("organization", scope, id=org_id, phone="+15035550199", **columns)
        async with self.office.db.transaction(scope) as connection:
            await key_store.add(connection, await self.keys.new_organization(org_id))

    async def _insert(self, table: str, scope: Scope, **columns: Any) -> None:
        """Write one row with its time of creation."""
        names = ", ".join(columns)
        places = ", ".join(f"${n}" for n in range(1, len(columns) + 1))
        async with self.office.db.transaction(scope) as connection:
            await connection.execute(
                f"insert into {table} ({names}, created_at) values ({places}, lk.now())",
                *columns.values(),
            )

    async def _mailbox(self, org_id: UUID, *, enrolled: bool) -> tuple[str, UUID]:
        address_id, mailbox = ids.new_id(), f"intake{next(_counter)}@{org_id.hex[-8:]}.example"
        place = Place(table="address", column="sealed", row_id=address_id, org_id=org_id)
        sealed = await self.keys.seal_field(org_id, mailbox.encode(), place=place)
        token, *_ = await self.keys.indexes(None, "email", mailbox)
        async with self.office.db.transaction(Scope(org_id=org_id)) as connection:
            await connection.execute(
                "insert into address (org_id, id, sealed, token, attested_at, enrolled_at,"
                " created_at, key_version) values ($1, $2, $3, $4, lk.now(),"
                " case when $5 then lk.now() end, lk.now(), $6)",
                org_id,
                address_id,
                sealed,
                token.digest,
                enrolled,
                token.version,
            )
        return mailbox, address_id

    async def member(
        self,
        org_id: UUID,
        *,
        roles: frozenset[Role] = EVERY_ROLE,
        name: str = "Ana Ruiz",
        cco: bool = False,
    ) -> Actor:
        """Add a person with a sign-in address as a member of an organization."""
        person_id, member_id = ids.new_id(), ids.new_id()
        scope = Scope(org_id=org_id, person_id=person_id)
        person = await self._person(org_id, person_id, name=name)
        async with self.office.db.transaction(scope) as connection:
            await people.insert(connection, person)
        await self._insert(
            "member",
            scope,
            org_id=org_id,
            id=member_id,
            person_id=person_id,
            name=name,
            roles=sorted(roles),
        )
        return Actor(
            kind=ActorKind.MEMBER,
            org_id=org_id,
            member_id=member_id,
            person_id=person_id,
            roles=roles,
            cco=cco,
        )

    async def _person(self, org_id: UUID, person_id: UUID, *, name: str) -> people.NewPerson:
        login = f"ana{next(_counter)}@{org_id.hex[-8:]}.example"
        place = Place(table="person", column="login_sealed", row_id=person_id, org_id=None)
        return people.NewPerson(
            id=person_id,
            logins=tuple(await self.keys.indexes(None, "email", login)),
            login_sealed=await self.keys.seal_field(None, login.encode(), place=place),
            name=name,
            language="en",
            password_hash=None,
            state="active",
        )

    async def service(
        self,
        org_id: UUID,
        *,
        category: str = "food_pantry",
        pattern: str = "visit",
        reviewer: str = "staff",
        evidence: str = "outcome",
        name: str = "Groceries",
        required: tuple[str, ...] = (),
    ) -> UUID:
        """Offer a service in the directory."""
        service_id = ids.new_id()
        async with self.office.db.transaction(Scope(org_id=org_id)) as connection:
            await connection.execute(
                "insert into healthcare_service (org_id, id, name, category, pattern, reviewer,"
                " evidence, required, capacity, capacity_at, created_at)"
                " values ($1, $2, $3, $4, $5, $6, $7, $8, 'open', lk.now(), lk.now())",
                org_id,
                service_id,
                name,
                category,
                pattern,
                reviewer,
                evidence,
                list(required),
            )
        return service_id

    async def patient(self, org: Org, *, identity: Identity | None = None) -> Registered:
        """Register a patient; María García López unless the test says who."""
        # Tests register the same person again and again, and mean another one each time.
        return await create_patient.create_patient(
            self.office,
            org.actor,
            identity=identity or good.MARIA,
            extras=create_patient.Extras(confirm_distinct=True),
        )

    async def referral(self, sender: Org, recipients: list[Org], **wish: Any) -> Taken:
        """Create a referral from one organization to others, as a draft unless `send`."""
        patient_id = wish.pop("patient_id", None)
        if patient_id is None:
            patient_id = (await self.patient(sender)).id
        defaults: dict[str, Any] = {
            "patient_id": patient_id,
            "service_ids": tuple(org.service_id for org in recipients),
            "question": "Can you help this family with food?",
            "consent_basis": "treatment",
        }
        return await create_referral.create_referral(
            self.office, sender.actor, NewReferral(**(defaults | wish))
        )

    async def sent(self, sender: Org, recipients: list[Org], **wish: Any) -> Taken:
        """Create a referral and send it."""
        return await self.referral(sender, recipients, send=True, **wish)

    async def step(
        self,
        actor: Actor,
        leg_id: UUID | None,
        step: Step,
        *,
        details: Details | None = None,
        words: Words | None = None,
        referral_id: UUID | None = None,
        **order: Any,
    ) -> Taken:
        """Take one step with what it must carry filled in, unless the test says what."""
        wish = Wish(
            step=step,
            details=details if details is not None else good.DETAILS.get(step, Details()),
            words=words if words is not None else good.WORDS.get(step, Words()),
            document=order.pop("document", None),
            service_ids=order.pop("service_ids", ()),
        )
        return await take_step.take_step(
            self.office,
            actor,
            Order(leg_id=leg_id, referral_id=referral_id, wishes=(wish,), **order),
        )


def role_url(database_url: str, role: str) -> str:
    """Return the URL of the same database for one of the product's roles."""
    password = token.database_password(test_keys.root_key(), role)
    return for_role(Secret(database_url), role, password=password).reveal()


@asynccontextmanager
async def house(database_url: str, *, blobs: Blobs | None = None) -> AsyncIterator[House]:
    """Open every pool on a migrated database and close them at the end."""
    web = await pools.connect(role_url(database_url, "lk_web"), name="web", role="lk_web")
    keys_pool = await pools.connect(role_url(database_url, "lk_web"), name="keys", size=3)
    worker = await pools.connect(role_url(database_url, "lk_worker"), name="worker")
    check = await pools.connect(role_url(database_url, "lk_check"), name="check")
    ring = keyring.LocalKeyring(test_keys.root_key(), key_store.StoredKeyRows(keys_pool))
    office = Office(db=web, keys=ring, public_url="http://127.0.0.1:8080", demo=True, blobs=blobs)
    try:
        yield House(database_url, office, worker=worker, check=check, keys=ring)
    finally:
        for pool in (web, keys_pool, worker, check):
            await pool.close()
