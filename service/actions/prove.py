"""Prove again, in this very act, that it is the same person: the one door for acts of weight."""

from uuid import UUID

import msgspec

from service import faults
from service.actions import passkeys, sign_in
from service.actions.office import Office
from service.actions.passkeys import Credential
from service.actions.sessions import Method
from service.domain import texts
from service.domain.people import Actor
from service.store import audit, people
from service.store.pool import Scope
from service.store.rows import AuditRow


class Proof(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A password, with a code where an authenticator is set up; or what a passkey signed.

    `totp_code` takes a code of the authenticator or one of the recovery codes.
    """

    password: texts.Secret | None = None
    totp_code: texts.Line | None = None
    passkey: Credential | None = None

    def __repr__(self) -> str:
        return "<proof>"


def person_of(actor: Actor) -> UUID:
    """Return the person behind a session; an API key has none to speak of."""
    if actor.person_id is None or actor.session_id is None:
        raise faults.Refused("Sign in as a person for this.")
    return actor.person_id


async def prove(office: Office, actor: Actor, proof: Proof) -> Method:
    """Check that whoever acts is the person of the session, and record it.

    Call it inside the very request of the act it is for: what it answers is good for nothing
    later. Raises SignInFailed, CodeNeeded, Refused for an API key, Invalid without any proof.
    """
    person_id = person_of(actor)
    method = await _checked(office, person_id, proof)
    note = AuditRow(
        org_id=actor.org_id,
        action="session.prove",
        resource_kind="person",
        resource_id=person_id,
        detail={"method": method},
    )
    async with office.db.transaction(Scope(person_id=person_id)) as connection:
        await audit.insert(connection, actor, note)
    return method


async def _checked(office: Office, person_id: UUID, proof: Proof) -> Method:
    async with office.db.transaction(Scope(person_id=person_id)) as connection:
        person = await people.fetch(connection, person_id)
    if proof.passkey is not None:
        if person.state != "active":
            raise faults.SignInFailed
        await sign_in.by_passkey(office, proof.passkey, passkeys.Purpose.PROVE, person_id=person_id)
        return Method.PASSKEY
    if proof.password is None:
        detail = "Send your password, and a code where you use an authenticator; or a passkey."
        raise faults.Invalid(errors=[{"field": "password", "detail": detail}])
    _, method = await sign_in.proven(office, person, password=proof.password, code=proof.totp_code)
    return method
