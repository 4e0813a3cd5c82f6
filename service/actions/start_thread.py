"""Begin a conversation: on a referral, or free-standing, such as advice before one."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from service import faults
from service.actions import permission, sealing, thread_guests, thread_keys
from service.actions.office import Office
from service.actions.thread_guests import Account, Invited
from service.actions.thread_keys import Writing
from service.domain import ids, policy
from service.domain import threads as rules
from service.domain.people import Actor, Capacity, SensitivityClass
from service.store import referrals, rows, thread_writes, threads
from service.store.pool import Connection, Scope
from service.store.thread_writes import MessageRow, PartyRow, ThreadRows, TitleRow
from service.store.threads import Party, Standing


class NewThread(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wants to say, to whom, and on what basis if it is about a patient."""

    subject: str
    text: str
    participants: tuple[Invited, ...]
    referral_id: UUID | None = None
    patient_id: UUID | None = None
    sensitivity: SensitivityClass | None = None
    consent_basis: str | None = None
    consent_id: UUID | None = None
    once: rows.OnceRow | None = None
    request_id: str | None = None


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What came of saying something: where it stands."""

    thread_id: UUID
    reference: str
    message_id: UUID
    seq: int
    version: int


async def start_thread(office: Office, actor: Actor, wish: NewThread) -> Said:
    """Write a thread with its first message, sealed to everybody named; all or nothing.

    Raises Missing (no such referral), Invalid (with `errors`), Refused, NoLongerReadable, Busy.
    """
    if actor.org_id is None or actor.member_id is None:
        raise faults.Refused
    async with office.db.transaction(Scope(org_id=actor.org_id)) as connection:
        account = await _account(connection, actor, wish)
        permission.require(actor, policy.Action.THREAD_START, resource=_resource(actor, account))
        others = [each.org_id for each in wish.participants]
        if not others or actor.org_id in others or len(set(others)) != len(others):
            raise thread_guests.wrong("participants", "Name each other organization once.")
        now = account.by.now
        mine = await thread_guests.own_part(connection, account, now=now)
        guests = await thread_guests.let_in(connection, account, others, now=now)
        parties = [
            thread_guests.party_of(account, guest, member_id=actor.member_id)
            for guest in (mine, *guests.values())
        ]
        named = await thread_guests.named(connection, wish.participants)
        members = ((actor.org_id, actor.member_id), *named)
        act = await _rows(office, actor, wish, account, parties=parties, members=members)
        await threads.open_to(connection, act.thread_id)
        written = await thread_writes.write(connection, act)
        if written is None or act.thread is None or act.message is None:
            raise faults.Busy(retry_after=1)
    return Said(
        thread_id=act.thread_id,
        reference=act.thread["reference"],
        message_id=act.message.id,
        seq=written.last_seq,
        version=written.version,
    )


def _resource(actor: Actor, account: Account) -> policy.Resource:
    return policy.Resource(org_id=actor.org_id, sensitivity=account.sensitivity)


async def _account(connection: Connection, actor: Actor, wish: NewThread) -> Account:
    assert actor.org_id is not None
    by = await referrals.sender(connection, actor.org_id)
    if wish.referral_id is None:
        return _free_standing(by, wish)
    picture = await referrals.picture(connection, referral_id=wish.referral_id)
    if picture.capacity is None or picture.capacity == Capacity.OBSERVER:
        raise faults.Missing
    own = SensitivityClass(picture.facts.sensitivity)
    sensitivity = wish.sensitivity or own
    sender = picture.capacity == Capacity.SENDER
    if not sender and not {own.value, sensitivity.value} <= set(picture.classes):
        raise faults.Refused("Your organization holds no content of this class here.")
    if not rules.may_hang(sensitivity, referral=own):
        raise thread_guests.wrong("sensitivity", "What is said on a referral is of its class.")
    if wish.patient_id or wish.consent_id or wish.consent_basis:
        raise thread_guests.wrong("patient_id", "A referral's thread stands on the referral's own.")
    return Account(
        by=by,
        owner_org_id=picture.facts.sender_org_id,
        sensitivity=sensitivity,
        patient_id=picture.patient_id,
        basis=picture.facts.consent_basis or "treatment",
        consent_id=picture.consent_id,
        referral_id=picture.facts.id,
        capacity=Capacity(picture.capacity),
        circle=sealing.circle_now(picture),
    )


def _free_standing(by: referrals.SenderRow, wish: NewThread) -> Account:
    sensitivity = wish.sensitivity or SensitivityClass.GENERAL
    if wish.patient_id is None and sensitivity is not SensitivityClass.GENERAL:
        raise thread_guests.wrong("patient_id", "Content of this class is about somebody: say who.")
    return Account(
        by=by,
        owner_org_id=by.id,
        sensitivity=sensitivity,
        patient_id=wish.patient_id,
        basis=wish.consent_basis,
        consent_id=wish.consent_id,
    )


async def _rows(
    office: Office,
    actor: Actor,
    wish: NewThread,
    account: Account,
    *,
    parties: list[PartyRow],
    members: tuple[tuple[UUID, UUID], ...],
) -> ThreadRows:
    assert actor.org_id is not None
    thread = _standing(account, parties, now=account.by.now, actor=actor)
    seen = await thread_keys.writing(office, thread, actor.org_id)
    title, message = await _words(office, actor, wish, thread, seen=seen)
    return ThreadRows(
        thread_id=thread.id,
        actor=actor,
        now=thread.now,
        request_id=wish.request_id,
        referral_id=account.referral_id,
        thread=_columns(actor, account, thread),
        parties=tuple(parties),
        members=members,
        epochs=seen.epochs,
        seals=seen.seals,
        disclosures=seen.disclosures,
        titles=(title,),
        message=message,
        told=rules.audience(parties, members, author=(actor.org_id, actor.member_id)),
        audits=(audited(actor, "thread.start", thread, seq=1),),
        once=msgspec.structs.replace(wish.once, resource_id=thread.id) if wish.once else None,
    )


async def _words(
    office: Office, actor: Actor, wish: NewThread, thread: Standing, *, seen: Writing
) -> tuple[TitleRow, MessageRow]:
    """Seal what the thread is called and what is said first."""
    assert actor.org_id is not None

    async def sealed(words: dict[str, str], row_id: UUID) -> bytes:
        return await thread_keys.sealed(
            office, seen.own, words, message_id=row_id, holders=seen.holders, now=thread.now
        )

    title_id, message_id = ids.new_id(), ids.new_id()
    place: dict[str, Any] = {
        "sensitivity": thread.sensitivity,
        "epoch": seen.own.epoch,
        "author_org_id": actor.org_id,
    }
    return TitleRow(
        id=title_id, envelope=await sealed({"subject": wish.subject}, title_id), **place
    ), MessageRow(
        id=message_id,
        envelope=await sealed({"text": wish.text}, message_id),
        author_member_id=actor.member_id,
        **place,
    )


def audited(actor: Actor, action: str, thread: Standing, **detail: object) -> rows.AuditRow:
    """Make the line of the record of an act on a thread: numbers and ids, never a word of it."""
    return rows.AuditRow(
        org_id=actor.org_id,
        action=action,
        resource_kind="thread",
        resource_id=thread.id,
        sensitivity=thread.sensitivity,
        detail=detail,
    )


def _standing(
    account: Account, parties: list[PartyRow], *, now: datetime, actor: Actor
) -> Standing:
    """Draw the thread that is to be, as writing in it sees it."""
    assert actor.org_id is not None
    return Standing(
        id=ids.new_id(),
        reference=ids.new_reference(),
        referral_id=account.referral_id,
        sensitivity=account.sensitivity.value,
        owner_org_id=account.owner_org_id,
        created_org_id=actor.org_id,
        patient_id=account.patient_id,
        consent_basis=account.basis,
        consent_id=account.consent_id,
        org_ids=tuple(sorted(party.org_id for party in parties)),
        circle=0,
        last_seq=0,
        version=0,
        from_seq=1,
        leg_id=None,
        newest=0,
        epoch=None,
        since=None,
        key_id=None,
        sealed=None,
        holders=(),
        parties=tuple(party_of_row(row) for row in parties),
        members=(),
        reply_known=True,
        drafted=False,
        opening="",
        now=now,
    )


def party_of_row(row: PartyRow) -> Party:
    """Read a row that is to be written as the party it will be."""
    return Party(
        org_id=row.org_id,
        leg_id=row.leg_id,
        admitted_by_org_id=row.admitted_by_org_id,
        basis=row.basis,
        consent_id=row.consent_id,
    )


def _columns(actor: Actor, account: Account, thread: Standing) -> dict[str, object]:
    return {
        "id": thread.id,
        "reference": thread.reference,
        "referral_id": account.referral_id,
        "class": thread.sensitivity,
        "created_org_id": actor.org_id,
        "created_member_id": actor.member_id,
        "owner_org_id": account.owner_org_id,
        "patient_id": account.patient_id,
        "consent_basis": account.basis,
        "consent_id": account.consent_id,
        "org_ids": list(thread.org_ids),
    }
