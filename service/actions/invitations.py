"""One-time links to set a password with: how long they live, and what they look like."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from crypto import token
from service import clock
from service.domain import ids
from service.store import invitations
from service.store.pool import Connection

LIFETIME = timedelta(days=3)
"""Long enough for a weekend; an administrator makes another one at any time."""

PREFIX = "li_"


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """A link's secret, told once, and until when it works."""

    token: str
    expires_at: datetime

    def __repr__(self) -> str:
        return "<invitation>"

    def url(self, public_url: str) -> str:
        """Return the address to open; paths are kept in no log, and opening it changes nothing."""
        return f"{public_url.rstrip('/')}/invitation/{self.token}"


async def write(connection: Connection, *, person_id: UUID, purpose: str) -> Invitation:
    """Store a new invitation of a person, in whose scope the transaction must be."""
    minted = token.new_secret(PREFIX)
    now = clock.real_now()
    await invitations.replace(
        connection,
        invitations.NewInvitation(
            secret_hash=minted.digest,
            id=ids.new_id(),
            person_id=person_id,
            purpose=purpose,
            created_at=now,
            expires_at=now + LIFETIME,
        ),
    )
    return Invitation(token=minted.text, expires_at=now + LIFETIME)
