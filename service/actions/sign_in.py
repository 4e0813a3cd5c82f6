"""Sign in with a password, and a code where one is set up.

A wrong password, an unknown address, a disabled person, a used code and a running delay cost the
same and are answered the same.
"""

from uuid import UUID

import msgspec

from crypto.faults import NotIndexable
from service import clock, faults
from service.actions import hashing, sessions, totp
from service.actions.office import Office
from service.domain import ids, texts
from service.domain.people import Actor, ActorKind
from service.store import audit, members, people
from service.store.members import Choice
from service.store.people import PersonRow
from service.store.pool import Connection, Scope
from service.store.rows import AuditRow

_NOBODY = "nobody@invalid.invalid"


class Attempt(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody types to sign in; `member_id` chooses among several organizations."""

    address: texts.Line
    password: texts.Secret
    totp_code: texts.Line | None = None
    member_id: UUID | None = None

    def __repr__(self) -> str:
        return "<attempt>"


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    """A session as one member, and the members the person could choose instead."""

    session: sessions.Opened
    member: Choice
    choices: tuple[Choice, ...]
    totp: bool


class NoMembership(faults.Fault):
    """You are no active member of an organization."""

    kind, slug = faults.Kind.REFUSED, "no-membership"
    advice = "Ask an administrator of your organization to add you."


async def sign_in(office: Office, attempt: Attempt) -> SignedIn:
    """Check and begin a session; raises SignInFailed, CodeNeeded, NoMembership, Busy."""
    person = await proven(
        office,
        login=await _login(office, attempt.address),
        password=attempt.password,
        code=attempt.totp_code,
    )
    async with office.db.transaction(Scope(person_id=person.id)) as connection:
        return await begin(
            connection,
            person_id=person.id,
            member_id=attempt.member_id,
            totp_passed=person.totp_confirmed_at is not None,
        )


async def _login(office: Office, address: str) -> bytes:
    try:
        return await office.keys.index(None, "email", address)
    except NotIndexable:
        return await office.keys.index(None, "email", _NOBODY)


async def proven(office: Office, *, login: bytes, password: str, code: str | None) -> PersonRow:
    """Check a person's factors; a try is spent before it is checked, and forgiven if right."""
    async with office.db.transaction(Scope(lookup=login)) as connection:
        person = await people.by_login(connection, login)
    person_id = person.id if person is not None else ids.new_id()
    async with office.db.transaction(Scope(person_id=person_id)) as connection:
        may_try = await people.spend_try(connection, person_id, now=clock.real_now())
    usable = person is not None and may_try and person.state == "active"
    phc = person.password_hash if person is not None and usable else None
    right = await hashing.verify(password, phc)
    if person is None or not right:
        await _denied(office, person_id if person else None)
        raise faults.SignInFailed
    if not await _code_fits(office, person, code=code):
        await _denied(office, person.id)
        raise faults.SignInFailed
    return person


async def _code_fits(office: Office, person: PersonRow, *, code: str | None) -> bool:
    async with office.db.transaction(Scope(person_id=person.id)) as connection:
        if person.totp_confirmed_at is not None:
            if not code:
                raise faults.CodeNeeded
            if not await totp.spend(office, connection, person, code=code):
                return False
        await people.forgive_tries(connection, person.id)
    return True


async def _denied(office: Office, person_id: UUID | None) -> None:
    nobody = Actor(kind=ActorKind.SYSTEM)
    note = AuditRow(
        org_id=None, action="session.begin", resource_kind="person", resource_id=person_id
    )
    async with office.db.transaction(Scope()) as connection:
        await audit.insert(connection, nobody, note, outcome="denied")


async def begin(
    connection: Connection, *, person_id: UUID, member_id: UUID | None, totp_passed: bool
) -> SignedIn:
    """Begin a session as the member asked for, else as the first; raises Missing, NoMembership."""
    choices = await members.choices(connection, person_id)
    if not choices:
        raise NoMembership
    wanted = [each for each in choices if member_id in (None, each.member_id)]
    if not wanted:
        raise faults.Missing
    member = wanted[0]
    opened = await sessions.begin(
        connection,
        person_id=person_id,
        org_id=member.org_id,
        member_id=member.member_id,
        totp_passed=totp_passed,
    )
    actor = Actor(
        kind=ActorKind.MEMBER,
        org_id=member.org_id,
        member_id=member.member_id,
        person_id=person_id,
    )
    note = AuditRow(
        org_id=member.org_id, action="session.begin", resource_kind="person", resource_id=person_id
    )
    await audit.insert(connection, actor, note)
    return SignedIn(session=opened, member=member, choices=tuple(choices), totp=totp_passed)
