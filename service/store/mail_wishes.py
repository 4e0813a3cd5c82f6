"""When routine mail comes to a member: their own word, and their organization's."""

from uuid import UUID

import msgspec

from service.domain.mail_pace import RoutineMail
from service.store import queries
from service.store.pool import Connection

Q = queries.load("mail_wishes")


class MailWish(msgspec.Struct, frozen=True, kw_only=True):
    """`routine`: what the member said, null as `organization` says for all of its people."""

    routine: RoutineMail | None
    organization: RoutineMail


async def fetch(connection: Connection, org_id: UUID, member_id: UUID) -> MailWish:
    """Read a member's wish."""
    row = await connection.fetchrow(Q.fetch, org_id, member_id)
    return msgspec.convert(dict(row), MailWish, strict=False)


async def wish(
    connection: Connection, org_id: UUID, member_id: UUID, routine: RoutineMail | None
) -> bool:
    """Write a member's wish; False where it was so already."""
    return await connection.fetchval(Q.wish, org_id, member_id, routine) is not None


READS = {"fetch": MailWish}
"""Which Struct the columns of a query feed; a test compares them."""
