"""Letting organizations into a thread: who may be told, on whose account, who is named."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from service import faults
from service.actions import gate
from service.actions.thread_keys import NO_PATIENT
from service.domain import consent as consents
from service.domain import threads as rules
from service.domain.consent import Discloser, Receiver
from service.domain.people import Capacity, SensitivityClass
from service.domain.threads import Guest, NotHere
from service.store import referrals, threads
from service.store.pool import Connection
from service.store.referrals import ConsentRow, SenderRow
from service.store.thread_writes import PartyRow


class Invited(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An organization that somebody wants in a thread, and whom there to tell by name."""

    org_id: UUID
    member_ids: tuple[UUID, ...] = ()


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """On whose account and basis the organizations of a thread are told.

    `by` is who invites, in its part in the referral, if the thread hangs on one.
    """

    by: SenderRow
    owner_org_id: UUID
    sensitivity: SensitivityClass
    patient_id: UUID | None = None
    basis: str | None = None
    consent_id: UUID | None = None
    referral_id: UUID | None = None
    capacity: Capacity | None = None


_ADVICE: dict[NotHere, str] = {
    NotHere.UNKNOWN: "Name an organization of the directory that is active.",
    NotHere.OFFLINE: "This organization takes no messages here; call it.",
    NotHere.NEEDS_A_LEG: "This agency takes part by link: write to it from a referral it has.",
    NotHere.NOT_YOUR_CIRCLE: "Of this referral you can write to its sender and its coordinators.",
    NotHere.CLASS: "An organization without accounts never receives content of this class.",
}


def wrong(field: str, detail: str) -> faults.Invalid:
    """Make the fault of one field."""
    return faults.Invalid(errors=[{"field": field, "detail": detail}])


async def let_in(
    connection: Connection, account: Account, org_ids: Sequence[UUID], *, now: datetime
) -> dict[UUID, Guest]:
    """Look organizations up and raise Invalid where one of them may not be told."""
    found = await threads.guests(connection, org_ids, referral_id=account.referral_id)
    record = await _consent(connection, account)
    for org_id in org_ids:
        guest = found.get(org_id)
        if guest is None:
            raise wrong("participants", _ADVICE[NotHere.UNKNOWN])
        _check(account, guest, record, now=now)
    return found


async def _consent(connection: Connection, account: Account) -> ConsentRow | None:
    """Read the consent the thread stands on; only whose account it is can name one."""
    if account.consent_id is None or account.by.id != account.owner_org_id:
        return None
    record = await referrals.consent(connection, account.by.id, consent_id=account.consent_id)
    if record is None or record.patient_id != account.patient_id:
        raise wrong("consent_id", gate.NOT_THEIRS)
    return record


def _check(account: Account, guest: Guest, record: ConsentRow | None, *, now: datetime) -> None:
    refused = rules.not_here(
        guest,
        sensitivity=account.sensitivity,
        inviter=account.capacity,
        on_referral=account.referral_id is not None,
    )
    if refused is not None:
        raise wrong("participants", _ADVICE[refused])
    if rules.in_circle(guest, sensitivity=account.sensitivity) or _about_nobody(account):
        return
    refusal = consents.refusal(
        Discloser(part2_program=account.by.part2_program, public_name=gate.public_of(account.by)),
        Receiver(channel=guest.channel, covered=guest.covered),
        sensitivity=account.sensitivity,
        consent=gate.consent_of(account.basis, record, org_id=guest.org_id),
        now=now,
    )
    if refusal is not None:
        raise wrong("participants", gate.ADVICE[refusal])


def _about_nobody(account: Account) -> bool:
    return account.referral_id is None and account.patient_id is None and account.basis is None


def party_of(account: Account, guest: Guest, *, member_id: UUID | None) -> PartyRow:
    """Make the row of an organization's part: whose thread it is was let in by nobody."""
    owner = guest.org_id == account.owner_org_id
    return PartyRow(
        org_id=guest.org_id,
        referral_id=account.referral_id if guest.capacity is not None else None,
        leg_id=guest.leg_id if guest.channel.value == "link" else None,
        admitted_by_org_id=None if owner else account.owner_org_id,
        admitted_by_member_id=None if owner else member_id,
        basis=None if owner else account.basis or NO_PATIENT,
        consent_id=None if owner else account.consent_id,
    )


async def named(
    connection: Connection, invited: Collection[Invited]
) -> tuple[tuple[UUID, UUID], ...]:
    """Check that the people named work where they are said to; raises Invalid."""
    wanted = {(each.org_id, member) for each in invited for member in each.member_ids}
    if not wanted:
        return ()
    works = await threads.colleagues(connection, {member for _, member in wanted})
    if any(works.get(member) != org_id for org_id, member in wanted):
        raise wrong("participants", "Name people who are active members of that organization.")
    return tuple(sorted(wanted))
