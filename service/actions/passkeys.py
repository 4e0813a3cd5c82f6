"""Passkeys: ask a browser for a signature, and check what it answers; one challenge, one use.

Nobody says who they are before they sign: a browser offers the passkeys it holds for this
service, and so no question here can tell which accounts exist.
"""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import msgspec

from crypto import faults as crypto_faults
from crypto import passkey, primitives
from service import clock, faults
from service.actions import notices
from service.actions.office import Office
from service.store import passkeys
from service.store.pool import Scope

LIFETIME = timedelta(minutes=5)
_Part = Annotated[str, msgspec.Meta(max_length=8192, pattern=r"^[A-Za-z0-9_-]*$")]


class Purpose(StrEnum):
    """What a challenge is for; one of another purpose does not fit."""

    ENROL = "enrol"
    SIGN_IN = "sign_in"
    PROVE = "prove"


class Response(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What an authenticator signed or made, in base64url, as a browser spells it."""

    client_data_json: _Part = msgspec.field(name="clientDataJSON")
    authenticator_data: _Part | msgspec.UnsetType = msgspec.UNSET
    signature: _Part | msgspec.UnsetType = msgspec.UNSET
    user_handle: _Part | msgspec.UnsetType | None = msgspec.UNSET
    attestation_object: _Part | msgspec.UnsetType = msgspec.UNSET


class Credential(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A credential as a browser's toJSON() spells it; what else it says is not looked at."""

    id: _Part
    raw_id: _Part
    type: str
    response: Response

    def __repr__(self) -> str:
        return "<passkey's answer>"

    def plain(self) -> dict[str, Any]:
        """Return it as the checks read it."""
        found: dict[str, Any] = msgspec.to_builtins(self)
        return found


class NoPasskeysHere(faults.Fault):
    """This service has no name that passkeys could be made for."""

    kind, slug = faults.Kind.CONFLICT, "no-passkeys-here"
    advice = "Set LOOPKEEPER_PUBLIC_URL to an address with a host name."


def party(office: Office) -> passkey.Party:
    """Return whom passkeys of this service are for; raises NoPasskeysHere."""
    found = passkey.party_of(office.public_url)
    if found is None:
        raise NoPasskeysHere
    return found


async def new_challenge(office: Office, purpose: Purpose, *, person_id: UUID | None) -> bytes:
    """Make a challenge and keep its hash."""
    made, now = passkey.new_challenge(), clock.real_now()
    row = passkeys.ChallengeRow(
        challenge_hash=primitives.sha256(made),
        purpose=purpose,
        person_id=person_id,
        created_at=now,
        expires_at=now + LIFETIME,
    )
    scope = Scope(person_id=person_id, lookup=row.challenge_hash)
    async with office.db.transaction(scope) as connection:
        await passkeys.challenge(connection, row)
    return made


async def claimed(
    office: Office, credential: Credential, purpose: Purpose, *, person_id: UUID | None
) -> bytes:
    """Use up the challenge of an answer before anything of it is checked; raises SignInFailed."""
    try:
        challenge = passkey.challenge_of(credential.plain())
    except crypto_faults.CannotOpen:
        raise faults.SignInFailed from None
    digest = primitives.sha256(challenge)
    # A person's challenge is looked for as that person: another's is none at all.
    scope = Scope(person_id=person_id) if person_id is not None else Scope(lookup=digest)
    async with office.db.transaction(scope) as connection:
        if not await passkeys.claim(connection, digest, purpose=purpose, now=clock.real_now()):
            raise faults.SignInFailed
    return challenge


async def ask_to_sign_in(office: Office) -> dict[str, Any]:
    """Return what the browser of somebody at the door is asked; the same for everybody."""
    challenge = await new_challenge(office, Purpose.SIGN_IN, person_id=None)
    return passkey.ask_to_sign(party(office), challenge)


async def ask_to_prove(office: Office, person_id: UUID) -> dict[str, Any]:
    """Return what the browser of somebody signed in is asked, to prove who they are again."""
    async with office.db.transaction(Scope(person_id=person_id)) as connection:
        known = await passkeys.credential_ids(connection, person_id)
    challenge = await new_challenge(office, Purpose.PROVE, person_id=person_id)
    return passkey.ask_to_sign(party(office), challenge, known=known)


async def signer_of(
    office: Office, credential: Credential, purpose: Purpose, *, person_id: UUID | None = None
) -> UUID:
    """Return whose passkey signed; every fault is SignInFailed.

    A counter that stands still or goes back means a copy: the passkey ends and its person hears.
    """
    challenge = await claimed(office, credential, purpose, person_id=person_id)
    answer = credential.plain()
    try:
        digest = primitives.sha256(passkey.credential_id_of(answer))
        async with office.db.transaction(Scope(lookup=digest)) as connection:
            row = await passkeys.by_credential(connection, digest)
        if row is None or person_id not in (None, row.person_id):
            raise faults.SignInFailed
        signed = passkey.check_signed(
            party(office), answer, challenge=challenge, public_key=row.public_key
        )
    except crypto_faults.CannotOpen:
        raise faults.SignInFailed from None
    if signed.user not in (None, row.person_id.bytes):
        raise faults.SignInFailed
    await _count(office, row, sign_count=signed.sign_count)
    return row.person_id


async def _count(office: Office, row: passkeys.PasskeyRow, *, sign_count: int) -> None:
    now = clock.real_now()
    async with office.db.transaction(Scope(person_id=row.person_id)) as connection:
        if await passkeys.used(connection, row.id, sign_count=sign_count, now=now):
            return
        if await passkeys.end(connection, row.person_id, passkey_id=row.id, why="cloned", now=now):
            await notices.tell_person(connection, notices.What.PASSKEY_COPIED, row.person_id)
    raise faults.SignInFailed
