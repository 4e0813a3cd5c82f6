"""What a signed-in person does with the session: look, switch organization, prove again."""

from uuid import UUID

import msgspec

from service import faults
from service.actions import prove, sessions, sign_in
from service.actions.office import Office
from service.actions.prove import Proof
from service.actions.sign_in import SignedIn
from service.domain.people import Actor
from service.store import members, people
from service.store.members import Choice
from service.store.pool import Scope

person_of = prove.person_of


class Current(msgspec.Struct, frozen=True, kw_only=True):
    """Who is signed in: the person's name, the member acted as, and the others to choose."""

    name: str
    member: Choice
    choices: tuple[Choice, ...]
    totp: bool
    shortcuts: bool


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
        shortcuts=person.shortcuts,
    )


async def switch_member(office: Office, actor: Actor, *, member_id: UUID) -> SignedIn:
    """Act as another of one's members: the session gets a new secret, as old as it was."""
    return await _rotated(office, actor, member_id=member_id, action="session.switch")


async def prove_again(office: Office, actor: Actor, proof: Proof) -> SignedIn:
    """Prove once more, for acts that need a fresh sign-in; the session gets a new secret."""
    method = await prove.prove(office, actor, proof)
    if actor.member_id is None:
        raise faults.Refused
    return await _rotated(
        office, actor, member_id=actor.member_id, action="session.rotate", method=method
    )


async def rotate(office: Office, actor: Actor, *, method: sessions.Method) -> SignedIn:
    """Give the session a new secret after a proof that was checked in the act itself."""
    if actor.member_id is None:
        raise faults.Refused
    return await _rotated(
        office, actor, member_id=actor.member_id, action="session.rotate", method=method
    )


async def _rotated(
    office: Office,
    actor: Actor,
    *,
    member_id: UUID,
    action: str,
    method: sessions.Method | None = None,
) -> SignedIn:
    person_id = person_of(actor)
    if actor.session_id is None:
        raise faults.SignInRequired
    async with office.db.transaction(Scope(person_id=person_id)) as connection:
        choices = await members.choices(connection, person_id)
        member = next((each for each in choices if each.member_id == member_id), None)
        if member is None:
            raise faults.Missing
        opened = await sessions.rotate(
            connection,
            actor.session_id,
            method=method,
            org_id=member.org_id,
            member_id=member.member_id,
        )
        await sign_in.note_session(connection, member, person_id=person_id, action=action)
    stepped_up = actor.stepped_up if method is None else method.two_factors
    return SignedIn(session=opened, member=member, choices=tuple(choices), totp=stepped_up)
