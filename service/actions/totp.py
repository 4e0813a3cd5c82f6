"""Codes of an authenticator (RFC 6238): a seed sealed under the network's key, each step once."""

from uuid import UUID

import pyotp
from pyotp.totp import TOTP

from crypto import primitives
from crypto.sealed import Place
from service import clock
from service.actions.office import Office
from service.store import people
from service.store.people import PersonRow
from service.store.pool import Connection

ISSUER = "Loopkeeper"
STEP_SECONDS = 30


def _place(person_id: UUID) -> Place:
    return Place(table="person", column="totp_sealed", row_id=person_id, org_id=None)


def new_seed() -> str:
    """Make a seed of 160 bits in base 32."""
    return pyotp.random_base32(32)


def uri(seed: str, *, account: str) -> str:
    """Return what an authenticator reads from a QR code."""
    return TOTP(seed).provisioning_uri(name=account, issuer_name=ISSUER)


async def sealed(office: Office, person_id: UUID, *, seed: str) -> bytes:
    """Seal a person's seed."""
    return await office.keys.seal_field(None, seed.encode(), place=_place(person_id))


async def spend(office: Office, connection: Connection, person: PersonRow, *, code: str) -> bool:
    """Say whether a code is right and use its step up; a step that was used is wrong."""
    if person.totp_sealed is None:
        return False
    seed = await office.keys.open_field(None, person.totp_sealed, place=_place(person.id))
    step = _step_of(seed.decode(), code)
    if step is None:
        return False
    return await people.spend_totp_step(connection, person.id, step=step, now=clock.real_now())


def _step_of(seed: str, code: str) -> int | None:
    """Return the step whose code this is: the one of now, before or after, for slow clocks."""
    totp = TOTP(seed)
    now = int(clock.unix_seconds()) // STEP_SECONDS
    given = "".join(code.split()).encode("utf-8", "surrogatepass")
    found = None
    for step in (now - 1, now, now + 1):
        if primitives.same(totp.generate_otp(step).encode(), given):
            found = step
    return found
