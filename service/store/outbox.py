"""The outbox as workers see it: effects leased, claimed and settled; deliveries and the breaker."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from service.domain import clocks, effects, ids
from service.domain import leg as legs
from service.store import queries
from service.store.pool import Connection

Q = queries.load("outbox")

MAIL = "mail"
SMS = "sms"
"""The channels; every effect, every breaker and every delivery names its own."""


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """Whose eyes an effect needs: its organization's, on its one referral or conversation."""

    id: UUID
    channel: str
    org_id: UUID
    opening: UUID | None


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """An effect that this courier holds; `closed_way` says that its channel's breaker is open.

    `waited`: seconds since it was due. `reported`: an earlier try was taken, as its receipt says.
    """

    id: UUID
    kind: str
    channel: str
    org_id: UUID
    referral_id: UUID | None
    thread_id: UUID | None
    leg_id: UUID | None
    link_id: UUID | None
    member_id: UUID | None
    invitation_id: UUID | None
    contact_id: UUID | None
    number_id: UUID | None
    patient_link_id: UUID | None
    code: str | None
    tries: int
    expired: bool
    closed_way: bool
    waited: float
    reported: bool


class LetterRow(msgspec.Struct, frozen=True, kw_only=True):
    """What a mail may speak of, and the sealed address it goes to."""

    channel: str
    language: str
    time_zone: str
    address_id: UUID | None
    mailbox_sealed: bytes | None
    phrase_sealed: bytes | None
    member_id: UUID | None
    person_id: UUID | None
    login_sealed: bytes | None
    person_language: str | None
    reference: str | None
    priority: str | None
    referral_state: str | None
    owner_org_id: UUID | None
    owner_member_id: UUID | None
    sender_org_id: UUID | None
    public_name: str | None
    sender_phone: str | None
    reminders_off: bool
    routine_mail: str | None
    acted_member_id: UUID | None
    has_leg: bool
    leg_state: str | None
    ask_open: bool | None
    reviewed_at: datetime | None
    answer_due_at: datetime | None
    link_state: str | None
    invitation_live: bool
    link_leg_id: UUID | None
    open_items: int
    final_at: datetime | None
    created_at: datetime
    now: datetime

    def __repr__(self) -> str:
        """Say nothing: the row holds sealed addresses and a telephone number."""
        return "<LetterRow>"


class DeliveryRow(msgspec.Struct, frozen=True, kw_only=True):
    """The one delivery of an effect, as its first try wrote it."""

    id: UUID
    message_id: str
    said: dict[str, Any]
    created_at: datetime


async def lease(connection: Connection, limit: int) -> list[UUID]:
    """Lease up to `limit` due effects for ten seconds and return their ids."""
    return [row["id"] for row in await connection.fetch(Q.lease, limit)]


async def probe(connection: Connection) -> list[UUID]:
    """List one parked effect for each closed way, to try it with when it is time."""
    return [row["id"] for row in await connection.fetch(Q.probe)]


async def heads(connection: Connection, effect_ids: Sequence[UUID]) -> list[Head]:
    """Return whose eyes these effects need, leaving out those that are over."""
    return [Head(**dict(row)) for row in await connection.fetch(Q.heads, list(effect_ids))]


async def claim(connection: Connection, effect_id: UUID) -> Claim | None:
    """Take an effect for ten seconds, or answer None where it is over or somebody has it."""
    row = await connection.fetchrow(Q.claim, effect_id)
    return Claim(**dict(row)) if row is not None else None


async def known(connection: Connection, effect_id: UUID) -> None:
    """End an effect whose receipt came before the answer did."""
    await connection.execute(Q.known, effect_id)


async def renew(connection: Connection, effect_ids: Sequence[UUID]) -> None:
    """Hold on to effects that are being carried."""
    await connection.execute(Q.renew, list(effect_ids))


async def letter(connection: Connection, effect_id: UUID) -> LetterRow:
    """Read what the mail of an effect may speak of."""
    live = [str(state) for state in legs.LIVE]
    owners = [str(clock) for clock in clocks.REFERRER_CLOCKS]
    personal = [str(kind) for kind in effects.PERSONAL]
    row = await connection.fetchrow(Q.letter, effect_id, owners, live, personal)
    return LetterRow(**dict(row))


async def attempt(
    connection: Connection,
    effect: Claim,
    *,
    delivery_id: UUID,
    message_id: str,
    said: Any,
    address_id: UUID | None,
    member_id: UUID | None,
) -> DeliveryRow:
    """Write the delivery of an effect, or find the one an earlier try wrote."""
    row = await connection.fetchrow(
        Q.attempt,
        delivery_id,
        effect.id,
        effect.org_id,
        effect.referral_id,
        address_id,
        member_id,
        MAIL,
        message_id,
        said,
    )
    return DeliveryRow(**dict(row))


async def done(connection: Connection, taken: Sequence[tuple[UUID, str]]) -> None:
    """Record that the next hop took these effects, each under the name it gave."""
    effect_ids, refs = [each for each, _ in taken], [ref for _, ref in taken]
    await connection.execute(Q.done, effect_ids, refs)


async def again(
    connection: Connection, effect_id: UUID, *, wait: timedelta, tries: int, error: str
) -> None:
    """Record an answer that asks for another try."""
    await connection.execute(Q.again, effect_id, wait, tries, error)


async def tries(connection: Connection, effect_id: UUID) -> int | None:
    """Return how often an effect was tried, or None where it is over."""
    found: int | None = await connection.fetchval(Q.tries, effect_id)
    return found


async def give_up(
    connection: Connection, effect_id: UUID, *, tries: int, error: str, state: str
) -> None:
    """Make a dead letter of an effect, `state` being its delivery's, and of what a digest held.

    Whoever answers for what it spoke of gets work about it.
    """
    kind = "address_bounced" if state == "bounced" else "undeliverable"
    await connection.execute(Q.give_up, effect_id, tries, error, state)
    await open_work(connection, effect_id, kind=kind, reason=error)


async def open_work(connection: Connection, effect_id: UUID, *, kind: str, reason: str) -> None:
    """Open work for people about an effect: of a digest, one task for each organization that waits.

    It names the referral, and goes to its owner, where that is one for all of them.
    """
    waits: dict[UUID, list[tuple[UUID, UUID, UUID | None]]] = {}
    for item in await connection.fetch(Q.spoke_of, effect_id):
        await see(connection, item["referral_id"])
        owner = await connection.fetchrow(Q.owner, item["referral_id"])
        about = (owner["owner_member_id"], item["referral_id"], item["leg_id"])
        waits.setdefault(owner["owner_org_id"], []).append(about)
    for org_id, items in waits.items():
        shared = [each[0] if len(set(each)) == 1 else None for each in zip(*items, strict=True)]
        await connection.execute(
            Q.open_shared_task, effect_id, ids.new_id(), kind, reason, org_id, *shared
        )
    if not waits:
        await open_task(connection, effect_id, kind=kind, reason=reason)


async def see(connection: Connection, referral_id: UUID | None) -> None:
    """Look at one more of the referrals that a digest speaks of."""
    if referral_id is not None:
        await connection.execute(Q.see, referral_id)


async def open_task(connection: Connection, effect_id: UUID, *, kind: str, reason: str) -> None:
    """Open work for a person about an effect, unless some is open already."""
    await connection.execute(Q.open_task, effect_id, ids.new_id(), kind, reason)


async def let_go(connection: Connection, effect_id: UUID, *, state: str, why: str) -> None:
    """End an effect without a word: `state` is expired or cancelled."""
    await connection.execute(Q.let_go, effect_id, state, why)


async def dead_address(connection: Connection, delivery_id: UUID) -> None:
    """Mark the mailbox of a delivery bad and revoke every link to it."""
    await connection.execute(Q.address_dead, delivery_id)


async def may_probe(connection: Connection, effect: Claim) -> bool:
    """Say whether this effect goes out as the probe of a closed way; if not, it is parked."""
    row = await connection.fetchrow(Q.breaker, effect.channel)
    if row["opened_at"] is None:
        return True
    if row["now"] - row["probed_at"] >= timedelta(seconds=2):
        await connection.execute(Q.breaker_probes, effect.channel)
        return True
    await connection.execute(Q.park, effect.id, None)
    return False


async def unreachable(connection: Connection, effect: Claim, *, error: str) -> None:
    """Open the breaker, or keep it open, and park the effect; one outage is one task."""
    if await connection.fetchval(Q.breaker_opens, effect.channel):
        await connection.execute(
            Q.channel_task, ids.new_id(), effect.org_id, effect.id, effect.channel
        )
    await connection.execute(Q.park, effect.id, error)


async def reachable(connection: Connection, channel: str) -> None:
    """Close a channel's breaker after any answer at all: everything parked behind it is due."""
    if await connection.fetchval(Q.breaker_closes, channel):
        await connection.execute(Q.free, channel)
        await connection.execute(Q.channel_task_done, channel)


async def beat(connection: Connection, name: str, *, detail: dict[str, Any]) -> None:
    """Say that a worker is alive."""
    await connection.execute(Q.beat, name, detail)


READS = {"heads": Head, "claim": Claim, "letter": LetterRow, "attempt": DeliveryRow}
"""Which Struct the columns of a query feed; a test compares them."""
