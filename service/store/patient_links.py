"""The link in a patient's text: written by the courier, found by its hash, ended by wrong codes."""

from datetime import datetime
from uuid import UUID

import msgspec

from service.domain import ids
from service.domain.people import Actor, ActorKind
from service.store import audit, queries
from service.store.links import Asked, CodeRow
from service.store.pool import Connection
from service.store.rows import AuditRow

Q = queries.load("patient_links")


class NewPatientLink(msgspec.Struct, frozen=True, kw_only=True):
    """A link as the courier writes it: one a text, to one number, about one referral."""

    id: UUID
    org_id: UUID
    referral_id: UUID
    contact_id: UUID
    number_id: UUID
    delivery_id: UUID
    secret_hash: bytes


class PatientLinkRow(msgspec.Struct, frozen=True, kw_only=True):
    """Whose a link is and what it is about."""

    id: UUID
    org_id: UUID
    referral_id: UUID


class HeldLink(msgspec.Struct, frozen=True, kw_only=True):
    """How a link stands: whether it is good, its phone takes texts, and all behind it holds."""

    live: bool
    textable: bool
    standing: bool
    classes: list[str]
    sensitivity: str


class CodeTo(msgspec.Struct, frozen=True, kw_only=True):
    """Where a code goes, and in whose language."""

    number_id: UUID
    sealed: bytes
    state: str
    language: str

    def __repr__(self) -> str:
        return f"<number {self.number_id}>"


async def insert(connection: Connection, link: NewPatientLink) -> None:
    """Write a link, good for 14 days by the referral clock; a delivery has one, whoever repeats.

    For the courier: in a transaction that commits before the text leaves.
    """
    if await connection.fetchval(Q.insert, *msgspec.structs.astuple(link)) is not None:
        actor = Actor(kind=ActorKind.SYSTEM, org_id=link.org_id, link_id=link.id)
        line = AuditRow(
            org_id=link.org_id,
            action="page.minted",
            resource_kind="referral",
            resource_id=link.referral_id,
        )
        await audit.insert(connection, actor, line)


async def code_window(connection: Connection, effect_id: UUID) -> datetime | None:
    """Return the window that the code of this text belongs to."""
    window: datetime | None = await connection.fetchval(Q.code_window, effect_id)
    return window


async def code_to(connection: Connection, effect_id: UUID) -> CodeTo | None:
    """Read where the code of this text goes."""
    row = await connection.fetchrow(Q.code_to, effect_id)
    return CodeTo(**dict(row)) if row is not None else None


async def find(connection: Connection, secret_hash: bytes) -> PatientLinkRow | None:
    """Find a link by the hash of its secret; the scope's look-up must be the same hash."""
    row = await connection.fetchrow(Q.find, secret_hash)
    return PatientLinkRow(**dict(row)) if row is not None else None


async def known(connection: Connection, link_id: UUID) -> PatientLinkRow | None:
    """Read a link that a browser is bound to."""
    row = await connection.fetchrow(Q.known, link_id)
    return PatientLinkRow(**dict(row)) if row is not None else None


async def hold(connection: Connection, link_id: UUID) -> HeldLink | None:
    """Lock a link with its number, and say how it stands."""
    row = await connection.fetchrow(Q.hold, link_id)
    return HeldLink(**dict(row)) if row is not None else None


async def asked(connection: Connection, link_id: UUID, *, now: datetime) -> Asked:
    """Count the codes that this link's number was sent; `now` is real time."""
    return Asked(**dict(await connection.fetchrow(Q.asked, link_id, now)))


async def ask(connection: Connection, link_id: UUID, *, window: datetime, now: datetime) -> None:
    """Queue one text with a code to the phone on file."""
    await connection.execute(Q.ask, link_id, window, now, ids.new_id())


async def codes(connection: Connection, link_id: UUID, *, now: datetime) -> list[CodeRow]:
    """List the codes of the last ten minutes."""
    return [CodeRow(**dict(row)) for row in await connection.fetch(Q.codes, link_id, now)]


async def spend(connection: Connection, link_id: UUID, *, now: datetime) -> int | None:
    """Spend one guess of a link; the count so far, or nothing where no guess is allowed."""
    count: int | None = await connection.fetchval(Q.spend, link_id, now)
    return count


async def refund(connection: Connection, link_id: UUID) -> None:
    """Give one guess back: the code was right and somebody else used it first."""
    await connection.execute(Q.refund, link_id)


async def delay(connection: Connection, link_id: UUID, *, until: datetime) -> None:
    """Let nobody try before `until`, in real time."""
    await connection.execute(Q.delay, link_id, until)


async def claim_code(
    connection: Connection, link_id: UUID, *, window: datetime, now: datetime
) -> bool:
    """Use a code; False means somebody was first."""
    return await connection.fetchval(Q.claim_code, link_id, window, now) is not None


async def entered(connection: Connection, link_id: UUID) -> bool:
    """Note that somebody came in; False if the link ended meanwhile."""
    return await connection.fetchval(Q.entered, link_id) is not None


async def freeze(connection: Connection, link_id: UUID) -> bool:
    """End a link that somebody guesses at; False for one that was ended before."""
    return bool(await connection.fetchval(Q.freeze, link_id))


READS = {
    "find": PatientLinkRow,
    "known": PatientLinkRow,
    "hold": HeldLink,
    "asked": Asked,
    "codes": CodeRow,
    "code_to": CodeTo,
}
"""Which Struct the columns of a query feed; a test compares them."""
