"""Set up a second factor: offer a seed, and use it once it was confirmed by a code."""

from uuid import UUID

import msgspec

from crypto.sealed import Place
from service import clock, faults
from service.actions import hashing, keep_session, notices, recovery, totp
from service.actions.office import Office
from service.actions.sessions import Method
from service.actions.sign_in import SignedIn
from service.domain.people import Actor
from service.store import audit, people
from service.store.pool import Scope
from service.store.rows import AuditRow


class Offered(msgspec.Struct, frozen=True, kw_only=True):
    """A seed, shown once, and the same as an authenticator reads it."""

    seed: str
    uri: str

    def __repr__(self) -> str:
        return "<offered seed>"


class TotpInUse(faults.Fault):
    """An authenticator is set up already."""

    kind, slug = faults.Kind.CONFLICT, "totp-in-use"
    advice = "Ask an administrator to reset it if the device was lost."


async def offer_totp(office: Office, actor: Actor, *, password: str) -> Offered:
    """Offer a seed to whoever knows the password; raises SignInFailed, TotpInUse.

    The password is asked for, because a borrowed browser must not take an account over.
    """
    person_id = keep_session.person_of(actor)
    await _know(office, person_id, password=password)
    seed = totp.new_seed()
    sealed = await totp.sealed(office, person_id, seed=seed)
    async with office.db.transaction(Scope(person_id=person_id)) as connection:
        if not await people.offer_totp(connection, person_id, sealed=sealed):
            raise TotpInUse
        login = await people.login(connection, person_id)
    place = Place(table="person", column="login_sealed", row_id=person_id, org_id=None)
    account = (await office.keys.open_field(None, login, place=place)).decode()
    return Offered(seed=seed, uri=totp.uri(seed, account=account))


async def _know(office: Office, person_id: UUID, *, password: str) -> None:
    async with office.db.transaction(Scope(person_id=person_id)) as connection:
        person = await people.fetch(connection, person_id)
        may_try = await people.spend_try(connection, person_id, now=clock.real_now())
    if not await hashing.verify(password, person.password_hash if may_try else None):
        raise faults.SignInFailed
    async with office.db.transaction(Scope(person_id=person_id)) as connection:
        await people.forgive_tries(connection, person_id)


class Confirmed(msgspec.Struct, frozen=True, kw_only=True):
    """The session under its new secret, and the recovery codes, shown this once."""

    signed: SignedIn
    codes: tuple[str, ...]

    def __repr__(self) -> str:
        return "<confirmed authenticator>"


async def confirm_totp(office: Office, actor: Actor, *, code: str) -> Confirmed:
    """Confirm the offered seed by its first code; raises SignInFailed.

    All other sessions end, and this one gets a new secret: it may do more than it could before.
    """
    person_id = keep_session.person_of(actor)
    now = clock.real_now()
    async with office.db.transaction(Scope(person_id=person_id)) as connection:
        may_try = await people.spend_try(connection, person_id, now=now)
        person = await people.fetch(connection, person_id)
    async with office.db.transaction(Scope(person_id=person_id)) as connection:
        if not may_try or not await totp.spend(office, connection, person, code=code):
            raise faults.SignInFailed
        await people.forgive_tries(connection, person_id)
        await people.end_sessions(connection, person_id, now=now, but=actor.session_id)
        codes = await recovery.write(connection, person_id)
        await notices.tell_person(connection, notices.What.TOTP_CONFIRMED, person_id)
        note = AuditRow(
            org_id=actor.org_id,
            action="totp.confirm",
            resource_kind="person",
            resource_id=person_id,
        )
        await audit.insert(connection, actor, note)
    signed = await keep_session.rotate(office, actor, method=Method.PASSWORD_TOTP)
    return Confirmed(signed=signed, codes=codes)
