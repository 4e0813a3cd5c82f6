"""Settle the demo's organizations, people, services and patients."""

from datetime import timedelta
from uuid import UUID

import msgspec

from service import clock
from service.actions import (
    add_member,
    add_organization,
    create_patient,
    found_network,
    offer_service,
)
from service.actions.add_member import NewMember
from service.actions.add_organization import NewOrganization
from service.actions.mailboxes import Mailbox
from service.actions.office import Office
from service.actions.permission import OPERATOR
from service.demo import patients
from service.demo.directory import OFFERS, Offer
from service.demo.people import CASTS, PASSWORD, ZONE, Cast, Player
from service.domain.people import Actor, ActorKind, Channel, Role
from service.store import demo
from service.store.pool import Pool


class Resident(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody of the demo as an actor, with the name and number an order carries."""

    actor: Actor
    name: str
    npi: str | None


class Town:
    """Who and what is where, by the keys of the cast and the directory."""

    def __init__(self) -> None:
        self.orgs: dict[str, UUID] = {}
        self.residents: dict[str, list[Resident]] = {}
        self.services: dict[str, UUID] = {}
        self.patients: dict[tuple[str, int], UUID] = {}

    def who(self, key: str, *roles: Role, turn: int = 0) -> Resident:
        """Return somebody of an organization who has one of these roles; they take turns."""
        able = [each for each in self.residents[key] if each.actor.roles & set(roles)]
        return able[turn % len(able)]

    def key_of(self, org_id: UUID) -> str:
        """Return the key of an organization."""
        return next(key for key, known in self.orgs.items() if known == org_id)


async def settle(office: Office, worker: Pool) -> Town:
    """Make all organizations, people and services; capacity is told when the directory says."""
    town = Town()
    for cast in CASTS:
        await demo.move_clock(worker, -timedelta(days=120))
        await _organization(office, town, cast)
    for offer in OFFERS:
        await demo.move_clock(worker, -timedelta(days=offer.days))
        await _service(office, town, offer)
    return town


async def _organization(office: Office, town: Town, cast: Cast) -> None:
    players = list(cast.players)
    if cast.key == CASTS[0].key:
        first = players.pop(0)
        founded = await found_network.found_network(
            office,
            name=cast.name,
            zone=ZONE,
            administrator_address=cast.address(first),
            administrator_name=first.name,
            password=PASSWORD,
        )
        town.orgs[cast.key] = founded.org_id
        actor = _actor(founded.org_id, founded.member_id, first, cco=True)
        town.residents[cast.key] = [Resident(actor=actor, name=first.name, npi=first.npi)]
    else:
        wish = NewOrganization(
            name=cast.name,
            public_name=cast.public_name,
            kind=cast.kind,
            channel=cast.channel,
            zone=ZONE,
            language=cast.language,
            phone=cast.phone,
            covered_entity=cast.covered,
            part2_program=cast.part2,
            agreement_on=clock.real_now().date() - timedelta(days=120),
            mailbox=Mailbox(address=cast.mailbox, shared=True, phrase="blue kettle"),
        )
        town.orgs[cast.key] = await add_organization.add_organization(office, OPERATOR, wish)
        town.residents[cast.key] = []
    for player in players:
        await _player(office, town, cast, player)
    if cast.channel is Channel.LINK:
        # Somebody at the agency pressed the buttons of its link.
        visitor = Actor(kind=ActorKind.LINK, org_id=town.orgs[cast.key])
        town.residents[cast.key] = [Resident(actor=visitor, name="", npi=None)]


async def _player(office: Office, town: Town, cast: Cast, player: Player) -> None:
    org_id = town.orgs[cast.key]
    wish = NewMember(
        org_id=org_id,
        address=cast.address(player),
        name=player.name,
        roles=player.roles,
        npi=player.npi,
        password=PASSWORD,
    )
    added = await add_member.add_member(office, OPERATOR, wish)
    actor = _actor(org_id, added.member_id, player, cco=cast.key == CASTS[0].key)
    town.residents[cast.key].append(Resident(actor=actor, name=player.name, npi=player.npi))


def _actor(org_id: UUID, member_id: UUID, player: Player, *, cco: bool) -> Actor:
    return Actor(
        kind=ActorKind.MEMBER, org_id=org_id, member_id=member_id, roles=player.roles, cco=cco
    )


async def _service(office: Office, town: Town, offer: Offer) -> None:
    wish = offer_service.NewService(
        name=offer.name,
        category=offer.category,
        pattern=offer.pattern,
        reviewer=offer.reviewer,
        evidence=offer.evidence,
        required=offer.required,
        eligibility=offer.eligibility,
        languages=offer.languages,
        area=offer.area,
        capacity=offer.capacity,
    )
    row = await offer_service.offer_service(
        office, OPERATOR, org_id=town.orgs[offer.cast], wish=wish
    )
    town.services[offer.key] = row.id


async def patient(office: Office, town: Town, key: str, *, number: int) -> UUID:
    """Return a patient as this organization knows them, registered when first asked for."""
    if (key, number) not in town.patients:
        people = patients.patients(clock.real_now().date())
        clerk = town.who(key, Role.FRONT_DESK, Role.COORDINATOR, Role.CLINICIAN, Role.BH_CLINICIAN)
        made = await create_patient.create_patient(office, clerk.actor, identity=people[number])
        town.patients[key, number] = made.id
    return town.patients[key, number]
