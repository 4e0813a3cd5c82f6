"""Sign in with a password, and a code where one is set up.

A wrong password, an unknown address, a disabled person, a used code and a running delay cost the
same and are answered the same.
"""

from uuid import UUID

import msgspec

from crypto.blind import Token
from crypto.faults import NotIndexable
from service import clock, faults
from service.actions import factors, hashing, passkeys, sessions
from service.actions.office import Office
from service.actions.passkeys import Credential, Purpose
from service.actions.sessions import Method
from service.domain import ids, texts
from service.domain.people import Actor, ActorKind
from service.store import audit, factor_resets, members, people
from service.store.members import Choice
from service.store.people import PersonRow
from service.store.pool import Connection, Scope
from service.store.rows import AuditRow

_NOBODY = "nobody@invalid.invalid"


class Attempt(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody types to sign in; `member_id` chooses among several organizations.

    `totp_code` takes a code of the authenticator or one of the recovery codes.
    """

    address: texts.Line
    password: texts.Secret
    totp_code: texts.Line | None = None
    member_id: UUID | None = None

    def __repr__(self) -> str:
        return "<attempt>"


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """How somebody came in: what they proved, as whom they would act, on what kind of device."""

    person_id: UUID
    method: Method
    member_id: UUID | None = None
    device: str | None = None


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


async def sign_in(office: Office, attempt: Attempt, *, device: str | None = None) -> SignedIn:
    """Check and begin a session; raises SignInFailed, CodeNeeded, NoMembership, Busy."""
    person = await _by_address(office, attempt.address)
    person, method = await proven(office, person, password=attempt.password, code=attempt.totp_code)
    entry = Entry(person_id=person.id, method=method, member_id=attempt.member_id, device=device)
    return await enter(office, entry)


async def sign_in_by_passkey(
    office: Office,
    credential: Credential,
    *,
    member_id: UUID | None = None,
    device: str | None = None,
) -> SignedIn:
    """Begin a session for whoever's passkey signed; raises SignInFailed, NoMembership."""
    person_id = await by_passkey(office, credential, Purpose.SIGN_IN)
    async with office.db.transaction(Scope(person_id=person_id)) as connection:
        person = await people.fetch(connection, person_id)
    if person.state != "active":
        await denied(office, person_id)
        raise faults.SignInFailed
    entry = Entry(person_id=person_id, method=Method.PASSKEY, member_id=member_id, device=device)
    return await enter(office, entry)


async def by_passkey(
    office: Office, credential: Credential, purpose: Purpose, *, person_id: UUID | None = None
) -> UUID:
    """Return whose passkey signed; a refusal is recorded. Raises SignInFailed."""
    try:
        return await passkeys.signer_of(office, credential, purpose, person_id=person_id)
    except faults.SignInFailed:
        await denied(office, person_id)
        raise


async def logins_of(office: Office, address: str) -> list[Token]:
    """Return the blind index of what somebody typed, under every key that opens, the newest first.

    Where it is no address it is nobody's.
    """
    try:
        return await office.keys.indexes(None, "email", address)
    except NotIndexable:
        return await office.keys.indexes(None, "email", _NOBODY)


async def _by_address(office: Office, address: str) -> PersonRow | None:
    logins = await logins_of(office, address)
    return await people.by_login(office.db, [each.digest for each in logins])


async def proven(
    office: Office, person: PersonRow | None, *, password: str, code: str | None
) -> tuple[PersonRow, Method]:
    """Check a person's factors; a try is spent before it is checked, and forgiven if right.

    Nobody costs what somebody does. Raises SignInFailed, CodeNeeded, Busy.
    """
    person_id = person.id if person is not None else ids.new_id()
    async with office.db.transaction(Scope(person_id=person_id)) as connection:
        may_try = await people.spend_try(connection, person_id, now=clock.real_now())
    usable = person is not None and may_try and person.state == "active"
    phc = person.password_hash if person is not None and usable else None
    right = await hashing.verify(password, phc)
    if person is None or not right:
        await denied(office, person_id if person else None)
        raise faults.SignInFailed
    method = await _second(office, person, code=code)
    if method is None:
        await denied(office, person.id)
        raise faults.SignInFailed
    return person, method


async def _second(office: Office, person: PersonRow, *, code: str | None) -> Method | None:
    async with office.db.transaction(Scope(person_id=person.id)) as connection:
        method: Method | None = Method.PASSWORD
        if person.totp_confirmed_at is not None:
            if not code:
                raise faults.CodeNeeded
            method = await factors.spend(office, connection, person, code=code)
            if method is None:
                return None
        await people.forgive_tries(connection, person.id)
    return method


async def denied(office: Office, person_id: UUID | None) -> None:
    """Record that somebody was not let in, whoever they were."""
    nobody = Actor(kind=ActorKind.SYSTEM)
    note = AuditRow(
        org_id=None, action="session.begin", resource_kind="person", resource_id=person_id
    )
    async with office.db.transaction(Scope()) as connection:
        await audit.insert(connection, nobody, note, outcome="denied")


async def enter(office: Office, entry: Entry) -> SignedIn:
    """Begin a session as the member asked for, else as the first; raises Missing, NoMembership."""
    async with office.db.transaction(Scope(person_id=entry.person_id)) as connection:
        member, choices = await _chosen(connection, entry)
        opened = await sessions.begin(
            connection,
            person_id=entry.person_id,
            org_id=member.org_id,
            member_id=member.member_id,
            method=entry.method,
            device=entry.device,
        )
        await note_session(connection, member, person_id=entry.person_id, action="session.begin")
        if entry.method.two_factors:
            # Nothing was lost: whoever asked for a reset was mistaken, or somebody else.
            await factor_resets.end_of_person(connection, entry.person_id, now=clock.real_now())
    return SignedIn(session=opened, member=member, choices=choices, totp=entry.method.two_factors)


async def _chosen(connection: Connection, entry: Entry) -> tuple[Choice, tuple[Choice, ...]]:
    choices = await members.choices(connection, entry.person_id)
    if not choices:
        raise NoMembership
    wanted = [each for each in choices if entry.member_id in (None, each.member_id)]
    if not wanted:
        raise faults.Missing
    return wanted[0], tuple(choices)


async def note_session(
    connection: Connection, member: Choice, *, person_id: UUID, action: str
) -> None:
    """Record what became of a session, as the member it acts as."""
    actor = Actor(
        kind=ActorKind.MEMBER,
        org_id=member.org_id,
        member_id=member.member_id,
        person_id=person_id,
    )
    note = AuditRow(
        org_id=member.org_id, action=action, resource_kind="person", resource_id=person_id
    )
    await audit.insert(connection, actor, note)
