"""Who answers for what is brought in from a command: a member, named by their sign-in address."""

from uuid import UUID

import msgspec

from service import faults
from service.actions import add_member
from service.actions.office import Office
from service.domain.people import Actor, ActorKind, Role
from service.store import members
from service.store import people as person_store
from service.store.pool import Scope


class Acting(msgspec.Struct, frozen=True, kw_only=True):
    """A member as an actor, and the zone of their organization."""

    actor: Actor
    zone: str


async def acting(office: Office, address: str, *, org_id: UUID | None) -> Acting:
    """Find a member by address; raises Invalid where there is none, or several and none named."""
    logins = await add_member.logins_of(office, address)
    known = await person_store.by_login(office.db, [each.digest for each in logins])
    found = []
    if known is not None:
        async with office.db.transaction(Scope(person_id=known.id)) as connection:
            found = await members.choices(connection, known.id)
    fitting = [each for each in found if org_id is None or each.org_id == org_id]
    if known is None or not fitting:
        raise faults.Invalid(errors=[{"field": "by", "detail": "There is no such member."}])
    if len(fitting) > 1:
        detail = "This person works for several organizations; name one with --org."
        raise faults.Invalid(errors=[{"field": "org", "detail": detail}])
    (member,) = fitting
    actor = Actor(
        kind=ActorKind.MEMBER,
        org_id=member.org_id,
        member_id=member.member_id,
        person_id=known.id,
        roles=frozenset(map(Role, member.roles)),
        cco=member.is_cco,
    )
    return Acting(actor=actor, zone=member.time_zone)
