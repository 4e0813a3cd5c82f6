"""What a signed-in person does with the session: look, switch organization, prove again."""

from uuid import UUID

import msgspec

from crypto import token
from crypto.sealed import Place
from service import clock, faults
from service.actions import sign_in
from service.actions.office import Office
from service.actions.sign_in import SignedIn
from service.domain.people import Actor
from service.store import members, people
from service.store.members import Choice
from service.store.pool import Scope


class Current(msgspec.Struct, frozen=True, kw_only=True):
    """Who is signed in: the person's name, the member acted as, and the others to choose."""

    name: str
    member: Choice
    choices: tuple[Choice, ...]
    totp: bool


def person_of(actor: Actor) -> UUID:
    """Return the person behind a session; an API key has none to speak of."""
    if actor.person_id is None or actor.session_id is None:
        raise faults.Refused("Sign in as a person for this.")
    return actor.person_id


async def current(office: Office, actor: Actor) -> Current:
    """Say who is signed in and as what."""
    person_id = person_of(actor)
    async with office.db.transaction(Scope(person_id=person_id)) as connection:
        person = await people.fetch(connection, person_id)
        choices = await members.choices(connection, person_id)
    member = next((each for each in choices if each.member_id == actor.member_id), None)
    if member is None:
        raise faults.SignInRequired
    return Current(
        name=person.name,
        member=member,
        choices=tuple(choices),
        totp=person.totp_confirmed_at is not None,
    )


async def switch_member(office: Office, actor: Actor, *, member_id: UUID) -> SignedIn:
    """Act as another of one's members: a new session as old as the one it ends; raises Missing."""
    person_id = person_of(actor)
    async with office.db.transaction(Scope(person_id=person_id)) as connection:
        begun = await sign_in.begin(
            connection, person_id=person_id, member_id=member_id, totp_passed=actor.stepped_up
        )
        if actor.session_id is not None:
            digest = token.secret_hash(begun.session.secret)
            await people.inherit_age(connection, actor.session_id, secret_hash=digest)
            await people.end_session(connection, actor.session_id, now=clock.real_now())
    return begun


async def prove_again(
    office: Office, actor: Actor, *, password: str, totp_code: str | None
) -> SignedIn:
    """Check password and code once more, for acts that need a fresh sign-in; a new session."""
    person_id = person_of(actor)
    async with office.db.transaction(Scope(person_id=person_id)) as connection:
        sealed = await people.login(connection, person_id)
    place = Place(table="person", column="login_sealed", row_id=person_id, org_id=None)
    address = (await office.keys.open_field(None, sealed, place=place)).decode()
    login = await office.keys.index(None, "email", address)
    person = await sign_in.proven(office, login=login, password=password, code=totp_code)
    async with office.db.transaction(Scope(person_id=person_id)) as connection:
        begun = await sign_in.begin(
            connection,
            person_id=person_id,
            member_id=actor.member_id,
            totp_passed=person.totp_confirmed_at is not None,
        )
        if actor.session_id is not None:
            await people.end_session(connection, actor.session_id, now=clock.real_now())
    return begun
