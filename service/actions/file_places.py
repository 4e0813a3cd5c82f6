"""Where a file may go: a referral or a thread, who reads there now, and the epoch they all open."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from crypto.keys import SealRow
from service import faults
from service.actions import open_now, permission, sealing, send_message, thread_keys
from service.actions.office import Office
from service.domain import policy
from service.domain.people import Actor, ActorKind, Capacity
from service.domain.policy import Action
from service.store import keys as key_store
from service.store import referrals
from service.store.pool import Connection, Scope
from service.store.rows import DisclosureRow, EpochRow
from service.store.threads import Standing


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A referral or a thread; of a visit through a link its leg, and who is there."""

    referral_id: UUID | None = None
    thread_id: UUID | None = None
    leg_id: UUID | None = None
    worker_id: UUID | None = None


class Writing(msgspec.Struct, frozen=True, kw_only=True):
    """The epoch a file is sealed in, who opens it, and the rows that come with a new one."""

    own: SealRow
    holders: tuple[UUID, ...]
    seen: int
    now: datetime
    epochs: Sequence[EpochRow] = ()
    seals: Sequence[SealRow] = ()
    disclosures: Sequence[DisclosureRow] = ()


async def may_add(office: Office, actor: Actor, place: Place) -> None:
    """Refuse before a byte is read: raises Missing, Refused."""
    async with office.db.transaction(Scope(org_id=actor.org_id)) as connection:
        if place.thread_id is not None:
            await _thread(connection, actor, place.thread_id)
        else:
            await _picture(connection, actor, place)


async def writing(office: Office, actor: Actor, place: Place) -> Writing:
    """Find the epoch that exactly today's readers open, or make the next one for them."""
    if place.thread_id is not None:
        return await _in_thread(office, actor, place.thread_id)
    return await _in_referral(office, actor, place)


async def _in_thread(office: Office, actor: Actor, thread_id: UUID) -> Writing:
    async with office.db.transaction(Scope(org_id=actor.org_id)) as connection:
        thread = await _thread(connection, actor, thread_id)
    assert actor.org_id is not None
    found = await thread_keys.writing(office, thread, actor.org_id)
    return Writing(
        own=found.own,
        holders=found.holders,
        seen=thread.circle,
        now=thread.now,
        epochs=found.epochs,
        seals=found.seals,
        disclosures=found.disclosures,
    )


async def _thread(connection: Connection, actor: Actor, thread_id: UUID) -> Standing:
    """Read the thread and ask the policy: who may say something may send a file."""
    thread = await send_message.speaking(connection, actor, thread_id)
    action, resource = send_message.action_of(actor), send_message.resource_of(actor, thread)
    permission.require(actor, action, resource=resource)
    return thread


async def _in_referral(office: Office, actor: Actor, place: Place) -> Writing:
    async with office.db.transaction(Scope(org_id=actor.org_id)) as connection:
        picture = await _picture(connection, actor, place)
        assert actor.org_id is not None
        held = await key_store.epochs(connection, picture.facts.id, org_id=actor.org_id)
    circle = sealing.circle_now(picture)
    sealer = sealing.Sealer(office, circle, org_id=actor.org_id, held=held, now=picture.now)
    seal = await sealer.writing_seal()
    return Writing(
        own=seal.row,
        holders=tuple(sorted(seal.holders)),
        seen=picture.facts.version,
        now=picture.now,
        epochs=sealer.epochs,
        seals=sealer.seals,
        disclosures=sealer.disclosures,
    )


async def _picture(connection: Connection, actor: Actor, place: Place) -> referrals.Picture:
    """Read the referral and ask the policy; a recipient adds to a part it still has."""
    picture = await referrals.picture(connection, referral_id=place.referral_id)
    if actor.kind is ActorKind.LINK:
        if not await referrals.link_opens(connection, actor.link_id, leg_id=place.leg_id):
            raise faults.Missing
        resource = policy.Resource(org_id=actor.org_id, link_id=actor.link_id)
    else:
        resource = open_now.resource_of(actor, picture)
    permission.require(actor, Action.DOCUMENT_FILE, resource=resource)
    legs = [leg for leg in picture.facts.legs if leg.org_id == actor.org_id]
    if picture.capacity == Capacity.RECIPIENT and not legs:
        raise faults.Missing
    return picture
