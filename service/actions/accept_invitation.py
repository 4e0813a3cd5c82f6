"""Set a password with a one-time link: the first, or a new one in place of a forgotten one."""

from crypto import token
from crypto.sealed import Place
from service import clock, faults
from service.actions import hashing, notices
from service.actions.office import Office
from service.domain import passwords
from service.domain.people import Actor, ActorKind
from service.store import audit, invitations, people
from service.store.invitations import InvitationRow
from service.store.people import PersonRow
from service.store.pool import Scope
from service.store.rows import AuditRow


class InvitationEnded(faults.Fault):
    """This invitation does not work any more."""

    # One answer for used, expired and never made.
    kind, slug = faults.Kind.REFUSED, "invitation-ended"
    advice = "Ask your administrator for a new one."


async def accept_invitation(office: Office, *, secret: str, password: str) -> None:
    """Set the password and use the invitation up; a second factor stays as it is.

    Raises InvitationEnded, Invalid for a weak password, which leaves the invitation usable.
    """
    digest = token.secret_hash(secret)
    found = await _peek(office, digest)
    async with office.db.transaction(Scope(person_id=found.person_id)) as connection:
        person = await people.fetch(connection, found.person_id)
        sealed = await people.login(connection, found.person_id)
    await _check(office, person, sealed, password=password)
    hashed = await hashing.make(password)
    now = clock.real_now()
    scope = Scope(person_id=found.person_id, lookup=digest)
    async with office.db.transaction(scope) as connection:
        if await invitations.claim(connection, digest, now=now) is None:
            raise InvitationEnded
        await people.set_password(connection, found.person_id, password_hash=hashed)
        await people.end_sessions(connection, found.person_id, now=now)
        if found.purpose == "password":
            await notices.tell_person(connection, notices.What.PASSWORD_SET, found.person_id)
        note = AuditRow(
            org_id=None,
            action="password.set",
            resource_kind="person",
            resource_id=found.person_id,
            detail={"purpose": found.purpose},
        )
        actor = Actor(kind=ActorKind.SYSTEM, person_id=found.person_id)
        await audit.insert(connection, actor, note)


async def _peek(office: Office, digest: bytes) -> InvitationRow:
    async with office.db.transaction(Scope(lookup=digest)) as connection:
        found = await invitations.peek(connection, digest, now=clock.real_now())
    if found is None:
        raise InvitationEnded
    return found


async def _check(office: Office, person: PersonRow, sealed: bytes, *, password: str) -> None:
    place = Place(table="person", column="login_sealed", row_id=person.id, org_id=None)
    address = (await office.keys.open_field(None, sealed, place=place)).decode()
    weak = passwords.weakness(
        password,
        second_factor=person.totp_confirmed_at is not None,
        about=(person.name, address),
    )
    if weak is not None:
        raise faults.Invalid(errors=[{"field": "password", "detail": passwords.ADVICE[weak]}])
