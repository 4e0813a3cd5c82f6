"""Let another organization into a conversation, with as much of the past as somebody chooses.

All of it: the epochs there are, sealed to the newcomer. From a message on, or nothing: a new epoch
begins, and what was before stays without a row and without a key; of the epoch that the chosen
message lies in, the messages from it on are sealed once more: a key cannot be given in part.
"""

from uuid import UUID

import msgspec

from service import faults
from service.actions import permission, thread_guests, thread_keys
from service.actions.office import Office
from service.actions.send_message import resource_of, speaking
from service.actions.start_thread import Said, audited, party_of_row
from service.actions.thread_guests import Account, Invited
from service.actions.thread_history import Case, copies_for, extend, files_for, sealed, title
from service.actions.thread_keys import Writing
from service.domain import ids, policy
from service.domain import threads as rules
from service.domain.access import PROTECTED
from service.domain.outcome import ConsentBasis
from service.domain.people import Actor, Capacity, SensitivityClass
from service.domain.threads import History
from service.store import referrals, rows, thread_work, thread_writes, threads
from service.store.pool import Connection, Scope
from service.store.thread_work import HeldEpoch
from service.store.thread_writes import MessageRow, ThreadRows
from service.store.threads import Standing


class Forward(msgspec.Struct, frozen=True, kw_only=True):
    """Who is let in, what is said about it to everybody, and how much of the past goes along."""

    thread_id: UUID
    guest: Invited
    text: str
    history: History
    from_message_id: UUID | None = None
    once: rows.OnceRow | None = None
    request_id: str | None = None


async def forward_thread(office: Office, actor: Actor, wish: Forward) -> Said:
    """Let an organization in with a message to everybody; raises what `send_message` raises."""
    async with office.db.transaction(Scope(org_id=actor.org_id)) as connection:
        thread = await speaking(connection, actor, wish.thread_id)
        permission.require(actor, policy.Action.THREAD_WRITE, resource=resource_of(actor, thread))
        case = await _case(office, connection, actor, thread, wish=wish)
        members = await thread_guests.named(connection, [wish.guest])
        act = await _rows(case, wish, members=members)
        written = await thread_writes.write(connection, act)
        if written is None or act.message is None:
            raise faults.Busy(retry_after=1)
    return Said(
        thread_id=thread.id,
        reference=thread.reference,
        message_id=act.message.id,
        seq=written.last_seq,
        version=written.version,
    )


async def _case(
    office: Office, connection: Connection, actor: Actor, thread: Standing, *, wish: Forward
) -> Case:
    assert actor.org_id is not None
    if wish.guest.org_id in thread.org_ids:
        raise thread_guests.wrong("participant", "That organization takes part already.")
    account = await _account(connection, actor.org_id, thread)
    found = await thread_guests.let_in(connection, account, [wish.guest.org_id], now=thread.now)
    party = thread_guests.party_of(account, found[wish.guest.org_id], member_id=actor.member_id)
    first = await _first(connection, thread, wish)
    return Case(
        office=office,
        connection=connection,
        actor=actor,
        org_id=actor.org_id,
        thread=thread,
        party=msgspec.structs.replace(party, from_seq=first),
        held=await thread_work.held(connection, thread.id, org_id=actor.org_id),
    )


async def _account(connection: Connection, org_id: UUID, thread: Standing) -> Account:
    """Say on whose account a newcomer is told: of protected classes only on the owner's."""
    by = await referrals.sender(connection, org_id)
    sensitivity = SensitivityClass(thread.sensitivity)
    mine = org_id == thread.owner_org_id
    if not mine and sensitivity in PROTECTED:
        raise faults.Refused("Only whose conversation this is can let somebody into its class.")
    own = await threads.guests(connection, [org_id], referral_id=thread.referral_id)
    capacity = own[org_id].capacity
    if thread.referral_id is not None or mine:
        return Account(
            by=by,
            owner_org_id=thread.owner_org_id,
            sensitivity=sensitivity,
            patient_id=thread.patient_id,
            basis=thread.consent_basis,
            consent_id=thread.consent_id,
            referral_id=thread.referral_id,
            capacity=capacity or (Capacity.OBSERVER if thread.referral_id else None),
        )
    basis = ConsentBasis.TREATMENT if thread.consent_basis else None
    return Account(by=by, owner_org_id=org_id, sensitivity=sensitivity, basis=basis)


async def _first(connection: Connection, thread: Standing, wish: Forward) -> int | None:
    """Return the number of the first message the newcomer sees, None for this very one."""
    match wish.history:
        case History.ALL:
            return thread.from_seq
        case History.NONE:
            return None
        case _:
            if wish.from_message_id is None:
                raise thread_guests.wrong("from_message_id", "Name the message it begins with.")
            seq = await threads.seq_of(connection, thread.id, message_id=wish.from_message_id)
            if seq is None:
                raise thread_guests.wrong("from_message_id", "Name a message of this thread.")
            return seq


async def _rows(case: Case, wish: Forward, *, members: tuple[tuple[UUID, UUID], ...]) -> ThreadRows:
    thread, party = case.thread, party_of_row(case.party)
    parties = (*thread.parties, party)
    whole = wish.history is History.ALL
    seen = await (_current(case) if whole else _next(case))
    given = _given(case, whole=whole)
    made = [seal for each in given for seal in await extend(case, each)]
    copies = await copies_for(case, given, seen)
    file_copies = () if whole else await files_for(case, given, seen)
    message_id = ids.new_id()
    me = (case.org_id, case.actor.member_id)
    return ThreadRows(
        thread_id=thread.id,
        actor=case.actor,
        now=thread.now,
        circle=thread.circle,
        request_id=wish.request_id,
        referral_id=thread.referral_id,
        org_ids=tuple(sorted((*thread.org_ids, party.org_id))),
        parties=(case.party,),
        members=members,
        epochs=seen.epochs,
        seals=(*seen.seals, *made),
        disclosures=(*seen.disclosures, *thread_keys.told(made, parties, thread=thread)),
        titles=() if whole else await title(case, seen),
        copies=copies,
        file_copies=file_copies,
        message=await _message(case, wish, seen, message_id=message_id),
        told=rules.audience(parties, (*thread.members, *members), author=me),
        audits=(_audit(case, wish, epochs=len(given), copies=len(copies)),),
        once=msgspec.structs.replace(wish.once, resource_id=message_id) if wish.once else None,
    )


def _given(case: Case, *, whole: bool) -> list[HeldEpoch]:
    """List the epochs that a newcomer is given by their key: those that hold nothing older."""
    first = case.party.from_seq
    return [
        each
        for each in case.held
        if whole or (first is not None and (each.first_seq or 0) >= first)
    ]


def _audit(case: Case, wish: Forward, *, epochs: int, copies: int) -> rows.AuditRow:
    return audited(
        case.actor,
        "thread.forward",
        case.thread,
        to_org_id=case.party.org_id,
        history=wish.history,
        epochs=epochs,
        copies=copies,
    )


async def _current(case: Case) -> Writing:
    """Write in the open epoch, which the newcomer is given too."""
    seen = await thread_keys.writing(case.office, case.thread, case.org_id)
    if seen.epochs:
        return await _next(case)
    return msgspec.structs.replace(seen, holders=(*seen.holders, case.party.org_id))


async def _next(case: Case) -> Writing:
    parties = (*case.thread.parties, party_of_row(case.party))
    return await thread_keys.opened(
        case.office, case.thread, case.org_id, epoch=case.thread.newest + 1, parties=parties
    )


async def _message(case: Case, wish: Forward, seen: Writing, *, message_id: UUID) -> MessageRow:
    return MessageRow(
        id=message_id,
        sensitivity=case.thread.sensitivity,
        epoch=seen.own.epoch,
        envelope=await sealed(case, seen, {"text": wish.text}, row_id=message_id),
        author_org_id=case.org_id,
        author_member_id=case.actor.member_id,
    )
