"""Links of the e-mail way in: minted by the courier, found by their hash, ended by people."""

from datetime import datetime
from uuid import UUID

import msgspec

from service.store import queries
from service.store.pool import Connection

Q = queries.load("links")


class NewLink(msgspec.Struct, frozen=True, kw_only=True):
    """A link as the courier mints it: one per delivery, to one address, about one leg."""

    id: UUID
    org_id: UUID
    referral_id: UUID
    leg_id: UUID
    address_id: UUID
    delivery_id: UUID
    secret_hash: bytes


async def insert(connection: Connection, link: NewLink) -> None:
    """Write a link, good for 14 days by the referral clock; a delivery has one, whoever repeats.

    For the courier: in a transaction that commits before the mail leaves.
    """
    await connection.execute(
        Q.insert,
        link.id,
        link.org_id,
        link.referral_id,
        link.leg_id,
        link.address_id,
        link.delivery_id,
        link.secret_hash,
    )


async def code_window(connection: Connection, effect_id: UUID) -> datetime | None:
    """Return the window that the code of this mail belongs to, or nothing for another effect."""
    window: datetime | None = await connection.fetchval(Q.code_window, effect_id)
    return window
