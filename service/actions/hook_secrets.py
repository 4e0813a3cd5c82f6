"""What is sealed of a webhook: where it goes, and the secrets that are valid."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from crypto import webhook
from crypto.ports import Keyring
from crypto.sealed import Place


class Sealed(msgspec.Struct, frozen=True, kw_only=True):
    """An address and its secret; the one before it is valid until its moment."""

    url: str
    secret: str
    old_secret: str | None = None
    old_until: datetime | None = None

    def __repr__(self) -> str:
        return "<sealed webhook>"

    def valid(self, now: datetime) -> list[str]:
        """List the secrets to sign with, the newest first."""
        if self.old_secret is None or self.old_until is None or self.old_until <= now:
            return [self.secret]
        return [self.secret, self.old_secret]

    def rotated(self, now: datetime, *, keep: timedelta) -> "Sealed":
        """Put a new secret before the one in use."""
        return Sealed(
            url=self.url,
            secret=webhook.new_secret(),
            old_secret=self.secret,
            old_until=now + keep,
        )


def _place(org_id: UUID, webhook_id: UUID) -> Place:
    return Place(table="webhook", column="sealed", row_id=webhook_id, org_id=org_id)


async def seal(keys: Keyring, org_id: UUID, webhook_id: UUID, *, said: Sealed) -> bytes:
    """Seal an address with its secrets under the organization's key."""
    plain = msgspec.json.encode(said)
    return await keys.seal_field(org_id, plain, place=_place(org_id, webhook_id))


async def opened(keys: Keyring, org_id: UUID, webhook_id: UUID, *, sealed: bytes) -> Sealed:
    """Open them again."""
    plain = await keys.open_field(org_id, sealed, place=_place(org_id, webhook_id))
    return msgspec.json.decode(plain, type=Sealed)
