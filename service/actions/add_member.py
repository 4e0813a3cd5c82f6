"""Add a member to an organization, making the person where the address is new."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from crypto.blind import Token
from crypto.faults import NotIndexable
from crypto.ports import Keyring
from crypto.sealed import Place
from service import faults
from service.actions import hashing, invitations, notices, permission
from service.actions.invitations import Invitation
from service.actions.office import Office
from service.domain import ids, people, policy, texts
from service.domain.effects import EffectKind
from service.domain.people import Actor, ActorKind, Role
from service.store import audit, members, personal_mails
from service.store import people as person_store
from service.store.people import NewPerson
from service.store.pool import Connection
from service.store.rows import AuditRow


class NewMember(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody to be a member; with `password` (demo people) nobody needs an invitation.

    What an administrator adds is always mailed; what the operator adds only where `mailed` says so.
    """

    org_id: UUID
    address: str
    name: str
    roles: frozenset[Role]
    npi: str | None = None
    language: str = "en"
    password: str | None = None
    purpose: str = "member"
    mailed: bool = False

    def __repr__(self) -> str:
        return f"<new member of {self.org_id}>"


class Added(msgspec.Struct, frozen=True, kw_only=True):
    """The new member. No invitation means that the person signs in, or was invited, elsewhere.

    Whoever runs the command line may print the invitation; over the web it is mailed only.
    """

    member_id: UUID
    person_id: UUID
    invitation: Invitation | None


async def add_member(office: Office, actor: Actor, wish: NewMember) -> Added:
    """Make person, member and invitation; raises Invalid, Refused, Missing, AlreadyMember."""
    permission.of(actor, policy.Action.MEMBER_MANAGE, org_id=wish.org_id)
    await permission.fresh(office, actor)
    check(wish)
    logins = await logins_of(office, wish.address)
    known = await person_store.by_login(office.db, [each.digest for each in logins])
    person_id = known.id if known is not None else ids.new_id()
    scope = permission.eyes(actor, wish.org_id, person_id=person_id)
    fresh = None if known else await new_person(office, wish, person_id=person_id, logins=logins)
    async with office.db.transaction(scope) as connection:
        returns = known is not None and known.state == "disabled"
        if returns:
            # Back after they had left: they begin anew, by a mailed link.
            await person_store.clear_factors(connection, person_id)
        return await write(
            office.keys,
            connection,
            actor,
            wish,
            person_id=person_id,
            fresh=fresh,
            returns=returns,
        )


def check(wish: NewMember) -> None:
    """Refuse a nameless member, one without roles, and a number that is no NPI."""
    wrong: list[dict[str, str]] = []
    if not texts.is_name(wish.name):
        wrong.append({"field": "name", "detail": "Give the person's name."})
    if not wish.roles:
        wrong.append({"field": "roles", "detail": "Choose at least one role."})
    if wish.npi is not None and not people.is_npi(wish.npi):
        detail = "Check the ten digits; the last one does not fit the others."
        wrong.append({"field": "npi", "detail": detail})
    if wrong:
        raise faults.Invalid(errors=wrong)


async def logins_of(office: Office, address: str) -> list[Token]:
    """Return the blind index of a sign-in address under every key; a malformed one is Invalid."""
    try:
        return await office.keys.indexes(None, "email", address)
    except NotIndexable as reason:
        detail = "Write it as name@domain."
        raise faults.Invalid(errors=[{"field": "address", "detail": detail}]) from reason


async def new_person(
    office: Office, wish: NewMember, *, person_id: UUID, logins: Sequence[Token]
) -> NewPerson:
    """Seal a person's address under the network's key."""
    place = Place(table="person", column="login_sealed", row_id=person_id, org_id=None)
    return NewPerson(
        id=person_id,
        logins=tuple(logins),
        login_sealed=await office.keys.seal_field(None, wish.address.strip().encode(), place=place),
        name=wish.name.strip(),
        language=wish.language,
        password_hash=await hashing.make(wish.password) if wish.password else None,
        state="active" if wish.password else "invited",
    )


async def write(
    keys: Keyring,
    connection: Connection,
    actor: Actor,
    wish: NewMember,
    *,
    person_id: UUID,
    fresh: NewPerson | None,
    returns: bool = False,
) -> Added:
    """Write a member in a transaction of its organization and person.

    An invitation is made for a new person only: one for somebody who belongs elsewhere would let
    this organization's administrator set that person's password.
    """
    if fresh is not None:
        await person_store.insert(connection, fresh)
    row = members.NewMemberRow(
        org_id=wish.org_id,
        id=ids.new_id(),
        person_id=person_id,
        name=wish.name.strip(),
        roles=sorted(wish.roles),
        npi=wish.npi,
    )
    await members.insert(connection, row)
    invited = returns or (fresh is not None and fresh.password_hash is None)
    invitation = None
    if invited:
        invitation = await invitations.write(
            keys, connection, person_id=person_id, purpose=wish.purpose
        )
    if (actor.kind is ActorKind.MEMBER or wish.mailed) and wish.password is None:
        await _mail(connection, row, invitation)
    await audit.insert(connection, actor, _note(row, invited=invited))
    return Added(member_id=row.id, person_id=person_id, invitation=invitation)


async def _mail(
    connection: Connection, row: members.NewMemberRow, invitation: Invitation | None
) -> None:
    """Write to the person either way: who added them learns nothing from what comes back."""
    if invitation is None:
        await notices.tell(
            connection, notices.What.MEMBER_ADDED, org_id=row.org_id, member_id=row.id
        )
        return
    await personal_mails.queue(
        connection,
        EffectKind.PERSON_INVITE,
        org_id=row.org_id,
        member_id=row.id,
        invitation_id=invitation.id,
    )


def _note(row: members.NewMemberRow, *, invited: bool) -> AuditRow:
    return AuditRow(
        org_id=row.org_id,
        action="member.add",
        resource_kind="member",
        resource_id=row.id,
        detail={"roles": row.roles, "invited": invited},
    )
