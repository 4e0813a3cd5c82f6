"""One-time links to set a password with: how long they live, and what they look like.

The secret follows from a key of the network and the link's id, so that the courier can write it
into a mail and no row holds it.
"""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from crypto import token
from crypto.ports import Keyring
from crypto.token import Minted
from service import clock
from service.domain import ids
from service.store import invitations
from service.store.pool import Connection

LIFETIME = timedelta(days=3)
"""Long enough for a weekend; an administrator makes another one at any time."""

FORGOTTEN = timedelta(hours=1)
"""For somebody who asked just now and waits for the mail."""

PREFIX = "li_"


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """A link's id and secret, and until when it works."""

    id: UUID
    token: str
    expires_at: datetime

    def __repr__(self) -> str:
        return "<invitation>"

    def url(self, public_url: str) -> str:
        """Return the address to open."""
        return url(public_url, self.token)


def url(public_url: str, secret: str) -> str:
    """Return the address to open; paths are kept in no log, and opening it changes nothing."""
    return f"{public_url.rstrip('/')}/invitation/{secret}"


async def link_of(keys: Keyring, invitation_id: UUID) -> Minted:
    """Return an invitation's secret, always the same, and the digest that is stored."""
    secret = PREFIX + token.invitation_secret(await keys.network_key("link"), invitation_id)
    return Minted(text=secret, digest=token.secret_hash(secret))


async def write(
    keys: Keyring,
    connection: Connection,
    *,
    person_id: UUID,
    purpose: str,
    life: timedelta = LIFETIME,
) -> Invitation:
    """Store a new invitation of a person, in whose scope the transaction must be."""
    invitation_id, now = ids.new_id(), clock.real_now()
    minted = await link_of(keys, invitation_id)
    await invitations.replace(
        connection,
        invitations.NewInvitation(
            secret_hash=minted.digest,
            id=invitation_id,
            person_id=person_id,
            purpose=purpose,
            created_at=now,
            expires_at=now + life,
        ),
    )
    return Invitation(id=invitation_id, token=minted.text, expires_at=now + life)
