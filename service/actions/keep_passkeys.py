"""A person's own passkeys: add one after a fresh proof, list them, take one away."""

from typing import Any
from uuid import UUID

from crypto import faults as crypto_faults
from crypto import passkey, primitives
from crypto.sealed import Place
from service import clock, faults
from service.actions import notices, passkeys, permission, prove
from service.actions.office import Office
from service.actions.passkeys import Credential, Purpose
from service.domain import ids
from service.domain.people import Actor
from service.store import audit, people
from service.store import passkeys as rows
from service.store.passkeys import ListedRow, NewPasskey
from service.store.pool import Connection, Scope
from service.store.rows import AuditRow

MOST = 20
"""More passkeys than anybody has devices for."""


async def ask_to_make(office: Office, actor: Actor) -> dict[str, Any]:
    """Return what the browser is asked for a new passkey; raises FreshSignInNeeded, Invalid.

    A fresh proof is asked for, because a borrowed browser must not take an account over.
    """
    person_id = prove.person_of(actor)
    await permission.fresh(office, actor)
    party = passkeys.party(office)
    async with office.db.transaction(Scope(person_id=person_id)) as connection:
        known = await rows.credential_ids(connection, person_id)
        sealed = await people.login(connection, person_id)
    if len(known) >= MOST:
        detail = "Take one of your passkeys away first."
        raise faults.Invalid(errors=[{"field": "name", "detail": detail}])
    place = Place(table="person", column="login_sealed", row_id=person_id, org_id=None)
    address = (await office.keys.open_field(None, sealed, place=place)).decode()
    challenge = await passkeys.new_challenge(office, Purpose.ENROL, person_id=person_id)
    return passkey.ask_to_make(party, challenge, user=person_id, name=address, known=known)


async def add(office: Office, actor: Actor, *, name: str, credential: Credential) -> UUID:
    """Keep a new passkey; raises SignInFailed where its answer does not hold, PasskeyKnown."""
    person_id = prove.person_of(actor)
    await permission.fresh(office, actor)
    challenge = await passkeys.claimed(office, credential, Purpose.ENROL, person_id=person_id)
    try:
        made = passkey.check_made(passkeys.party(office), credential.plain(), challenge=challenge)
    except crypto_faults.CannotOpen:
        raise faults.SignInFailed from None
    row = NewPasskey(
        id=ids.new_id(),
        person_id=person_id,
        credential_hash=primitives.sha256(made.credential_id),
        credential_id=made.credential_id,
        public_key=made.public_key,
        sign_count=made.sign_count,
        backed_up=made.backed_up,
        name=name.strip()[:60] or "Passkey",
        created_at=clock.real_now(),
    )
    async with office.db.transaction(Scope(person_id=person_id)) as connection:
        await rows.insert(connection, row)
        await _note(connection, actor, "passkey.add", row.id, what=notices.What.PASSKEY_ADDED)
    return row.id


async def listed(office: Office, actor: Actor) -> list[ListedRow]:
    """List one's own passkeys."""
    person_id = prove.person_of(actor)
    async with office.db.transaction(Scope(person_id=person_id)) as connection:
        return await rows.of_person(connection, person_id)


async def end(office: Office, actor: Actor, *, passkey_id: UUID) -> None:
    """Take one of one's own passkeys away; raises FreshSignInNeeded, Missing."""
    person_id = prove.person_of(actor)
    await permission.fresh(office, actor)
    now = clock.real_now()
    async with office.db.transaction(Scope(person_id=person_id)) as connection:
        if not await rows.end(connection, person_id, passkey_id=passkey_id, why="revoked", now=now):
            raise faults.Missing
        await _note(connection, actor, "passkey.end", passkey_id, what=notices.What.PASSKEY_ENDED)


async def _note(
    connection: Connection, actor: Actor, action: str, passkey_id: UUID, *, what: notices.What
) -> None:
    person_id = prove.person_of(actor)
    await notices.tell_person(connection, what, person_id)
    note = AuditRow(
        org_id=actor.org_id, action=action, resource_kind="passkey", resource_id=passkey_id
    )
    await audit.insert(connection, actor, note)
