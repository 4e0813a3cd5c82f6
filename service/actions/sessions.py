"""Sessions: made at sign-in and nowhere else, found by their hash, ended at once.

The secret changes whenever what it opens does: a new proof, another organization.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import msgspec

from crypto import token
from service import clock, faults
from service.actions.office import Office
from service.domain import ids
from service.domain.people import Actor, ActorKind, Role
from service.store import sessions
from service.store.pool import Connection

LIFE = timedelta(hours=12)
"""The longest a session lasts without a new proof; how long it may rest, organizations say."""

KEY_PREFIX = "lk_"
"""What an API key begins with, so that people and scanners know one when they see it."""


class Method(StrEnum):
    """How somebody proved who they are."""

    PASSWORD = "password"  # noqa: S105 - the name of a way, no password
    PASSWORD_TOTP = "password_totp"  # noqa: S105
    PASSWORD_RECOVERY = "password_recovery"  # noqa: S105
    PASSKEY = "passkey"

    @property
    def two_factors(self) -> bool:
        """Whether it took more than a password; a passkey has checked its owner itself."""
        return self is not Method.PASSWORD


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """A fresh session: both texts go to the browser once and are stored nowhere."""

    secret: str
    csrf: str
    expires_at: datetime

    def __repr__(self) -> str:
        return "<opened session>"


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """Who a secret stands for, and the hash of the token its unsafe requests must carry."""

    actor: Actor
    csrf_hash: bytes | None


def csrf_of(secret: str) -> str:
    """Derive the token that goes with a session: it tells nothing about the session's secret."""
    return token.secret_hash(f"lk1/csrf/{secret}").hex()


async def begin(
    connection: Connection,
    *,
    person_id: UUID,
    org_id: UUID,
    member_id: UUID,
    method: Method = Method.PASSWORD,
    device: str | None = None,
) -> Opened:
    """Make a session within the transaction of a sign-in, whose scope names the person.

    The secret is made here: what a browser brought along is never taken up.
    """
    minted, now = token.new_secret(), clock.real_now()
    csrf = csrf_of(minted.text)
    new = sessions.NewSession(
        secret_hash=minted.digest,
        id=ids.new_id(),
        person_id=person_id,
        org_id=org_id,
        member_id=member_id,
        csrf_hash=token.secret_hash(csrf),
        method=method,
        totp_passed=method.two_factors,
        device=device,
        created_at=now,
        expires_at=now + LIFE,
    )
    await sessions.open_session(connection, new)
    return Opened(secret=minted.text, csrf=csrf, expires_at=new.expires_at)


async def rotate(
    connection: Connection,
    session_id: UUID,
    *,
    method: Method | None = None,
    org_id: UUID | None = None,
    member_id: UUID | None = None,
) -> Opened:
    """Give a session another secret; with `method`, a new proof, it is as good as new.

    Without one it is as old as before. Raises SignInRequired where it ended meanwhile.
    """
    minted, now = token.new_secret(), clock.real_now()
    csrf = csrf_of(minted.text)
    proven = {} if method is None else {"proven_at": now, "expires_at": now + LIFE}
    row = sessions.Rotation(
        id=session_id,
        secret_hash=minted.digest,
        csrf_hash=token.secret_hash(csrf),
        now=now,
        org_id=org_id,
        member_id=member_id,
        method=method,
        totp_passed=method.two_factors if method is not None else None,
        **proven,
    )
    ends = await sessions.rotate(connection, row)
    if ends is None:
        raise faults.SignInRequired
    return Opened(secret=minted.text, csrf=csrf, expires_at=ends)


async def by_cookie(office: Office, secret_hash: bytes) -> Known | None:
    """Find who a session cookie stands for."""
    row = await sessions.by_session(office.db, secret_hash, now=clock.real_now())
    return _known(row)


async def at_rest(office: Office, secret_hash: bytes) -> Known | None:
    """Find who a session cookie stands for, without keeping the session from going idle."""
    row = await sessions.by_session(office.db, secret_hash, now=clock.real_now(), used=False)
    return _known(row)


async def by_key(office: Office, secret_hash: bytes) -> Known | None:
    """Find which member an API key acts for; both are recorded with every act."""
    row = await sessions.by_api_key(office.db, secret_hash, now=clock.real_now())
    return _known(row)


async def end(office: Office, secret_hash: bytes) -> None:
    """End a session; ending an ended one changes nothing."""
    await sessions.end(office.db, secret_hash, now=clock.real_now())


def _known(row: sessions.CallerRow | None) -> Known | None:
    if row is None:
        return None
    actor = Actor(
        kind=ActorKind.MEMBER,
        org_id=row.org_id,
        member_id=row.member_id,
        person_id=row.person_id,
        roles=frozenset(Role(role) for role in row.roles),
        cco=row.cco,
        session_id=row.session_id,
        api_key_id=row.api_key_id,
        stepped_up=row.stepped_up,
    )
    return Known(actor=actor, csrf_hash=row.csrf_hash)
