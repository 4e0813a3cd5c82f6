"""Links of the e-mail way in: minted by the courier, found by their hash, ended by people."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from service.domain import ids
from service.domain.people import Actor, ActorKind
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


class LinkRow(msgspec.Struct, frozen=True, kw_only=True):
    """Whose a link is and what it is about."""

    id: UUID
    org_id: UUID
    referral_id: UUID
    leg_id: UUID
    address_id: UUID


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """How a link stands; `leg_state` is None once its organization has no part any more."""

    state: str
    expired: bool
    reachable: bool
    leg_state: str | None


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """How many mails the button of a link has asked for, and whether a code still lives."""

    lately: int
    today: int
    living: bool
    last_window: datetime | None


class CodeRow(msgspec.Struct, frozen=True, kw_only=True):
    """One code of a link that may still be entered, by its window."""

    window_start: datetime
    used: bool


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """A link that somebody is about to end."""

    id: UUID
    org_id: UUID
    leg_id: UUID


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the record about a link; codes and ids only."""

    action: str
    resource_kind: str
    resource_id: UUID
    referral_id: UUID | None = None
    sensitivity: str | None = None
    outcome: str = "done"
    worker_id: UUID | None = None
    request_id: str | None = None
    detail: dict[str, Any] = {}


async def insert(connection: Connection, link: NewLink) -> None:
    """Write a link, good for 14 days by the referral clock; a delivery has one, whoever repeats.

    For the courier: in a transaction that commits before the mail leaves, its line of the record
    with it.
    """
    made = await connection.fetchval(
        Q.insert,
        link.id,
        link.org_id,
        link.referral_id,
        link.leg_id,
        link.address_id,
        link.delivery_id,
        link.secret_hash,
    )
    if made is not None:
        actor = Actor(kind=ActorKind.SYSTEM, org_id=link.org_id, link_id=link.id)
        line = Line(
            action="link.minted",
            resource_kind="link",
            resource_id=link.id,
            referral_id=link.referral_id,
        )
        await record(connection, actor, line)


async def code_window(connection: Connection, effect_id: UUID) -> datetime | None:
    """Return the window that the code of this mail belongs to, or nothing for another effect."""
    window: datetime | None = await connection.fetchval(Q.code_window, effect_id)
    return window


async def find(connection: Connection, secret_hash: bytes) -> LinkRow | None:
    """Find a link by the hash of its secret; the scope's look-up must be the same hash."""
    row = await connection.fetchrow(Q.find, secret_hash)
    return LinkRow(**dict(row)) if row is not None else None


async def known(connection: Connection, link_id: UUID) -> LinkRow | None:
    """Read a link that a browser is bound to."""
    row = await connection.fetchrow(Q.known, link_id)
    return LinkRow(**dict(row)) if row is not None else None


async def hold(connection: Connection, link_id: UUID) -> Held | None:
    """Lock a link and say how it stands."""
    row = await connection.fetchrow(Q.hold, link_id)
    return Held(**dict(row)) if row is not None else None


async def asked(connection: Connection, link_id: UUID, *, now: datetime) -> Asked:
    """Count what the button of a link has asked for; `now` is real time."""
    return Asked(**dict(await connection.fetchrow(Q.asked, link_id, now)))


async def ask(
    connection: Connection,
    link_id: UUID,
    *,
    kind: str,
    window: datetime,
    now: datetime,
    lives: timedelta,
) -> None:
    """Queue one mail to the address on file: before all other mail, and not after `lives`."""
    await connection.execute(Q.ask, link_id, window, now, ids.new_id(), kind, lives)


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


async def seen(connection: Connection, link_id: UUID) -> bool:
    """Note that a person came in; False if the link ended meanwhile."""
    return await connection.fetchval(Q.seen, link_id) is not None


async def leg_of(connection: Connection, link_id: UUID) -> UUID:
    """Return the leg that a link is about."""
    leg_id: UUID = await connection.fetchval(Q.leg_of, link_id)
    return leg_id


async def end(
    connection: Connection, link_id: UUID, *, state: str, reason: str, now: datetime
) -> bool:
    """End a link with its sessions and challenges in one transaction; False if it was ended."""
    if await connection.fetchval(Q.end, link_id, state, reason) is None:
        return False
    await connection.execute(Q.end_sessions, link_id, now)
    await connection.execute(Q.end_challenges, link_id, now)
    return True


async def live_of_leg(connection: Connection, leg_id: UUID) -> list[Ended]:
    """List the live links of a leg."""
    return [Ended(**dict(row)) for row in await connection.fetch(Q.of_leg, leg_id)]


async def tell_frozen(connection: Connection, link_id: UUID) -> None:
    """Queue the news of a frozen link to both sides."""
    await connection.execute(Q.tell_frozen, link_id, ids.new_id(), ids.new_id())


async def ask_for_call(connection: Connection, link_id: UUID, *, reason: str) -> None:
    """Open work for the referral's owner: the recipient has to be called."""
    await connection.execute(Q.ask_for_call, link_id, ids.new_id(), reason)


async def ask_for_confirmation(connection: Connection, link_id: UUID) -> None:
    """Open work for the referral's owner: confirm an agency's people by calling its number."""
    await connection.execute(Q.ask_for_confirmation, link_id, ids.new_id())


async def mark_address(connection: Connection, link_id: UUID) -> None:
    """Send nothing more to the mailbox of a link."""
    await connection.execute(Q.mark_address, link_id)


async def record(connection: Connection, actor: Actor, line: Line) -> None:
    """Write one line of the record, in the transaction of what it records."""
    await connection.execute(
        Q.audit,
        ids.new_id(),
        actor.org_id,
        actor.kind,
        actor.org_id,
        actor.member_id,
        actor.link_id,
        line.worker_id or actor.worker_id,
        line.action,
        line.outcome,
        line.resource_kind,
        line.resource_id,
        line.referral_id,
        line.sensitivity,
        line.request_id or actor.request_id,
        line.detail,
    )


READS = {
    "find": LinkRow,
    "known": LinkRow,
    "hold": Held,
    "asked": Asked,
    "codes": CodeRow,
    "of_leg": Ended,
}
"""Which Struct the columns of a query feed; a test compares them."""
