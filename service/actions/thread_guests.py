"""Letting organizations into a thread: who may be told, on whose account, who is named."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from service import faults
from service.actions import gate
from service.actions.sealing import Circle
from service.actions.thread_keys import NO_PATIENT
from service.domain import consent as consents
from service.domain import threads as rules
from service.domain.consent import Discloser, Receiver, Refusal
from service.domain.outcome import ConsentBasis
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

    `by` is who invites, in its part in the referral, if the thread hangs on one; `circle` is who
    may know about that one today.
    """

    by: SenderRow
    owner_org_id: UUID
    sensitivity: SensitivityClass
    patient_id: UUID | None = None
    basis: str | None = None
    consent_id: UUID | None = None
    referral_id: UUID | None = None
    capacity: Capacity | None = None
    circle: Circle | None = None


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
    found = await _guests(connection, account, org_ids)
    record = await _consent(connection, account)
    for org_id in org_ids:
        guest = found.get(org_id)
        if guest is None:
            raise wrong("participants", _ADVICE[NotHere.UNKNOWN])
        _check(account, guest, record, now=now)
    return found


async def own_part(connection: Connection, account: Account, *, now: datetime) -> Guest:
    """Return who begins a thread as a guest of it; raises Refused, Invalid where it is out.

    Whose part in the referral has ended, or the ground on which it was told, begins nothing there.
    """
    guest = (await _guests(connection, account, [account.by.id]))[account.by.id]
    if account.circle is not None:
        if guest.capacity is None:
            raise faults.Refused("Your organization's part in this referral has ended.")
        _stands(account, guest, await _consent(connection, account), now=now)
    return guest


async def _guests(
    connection: Connection, account: Account, org_ids: Sequence[UUID]
) -> dict[UUID, Guest]:
    """Look organizations up; a recipient whose answer was its last is as any other by then."""
    found = await threads.guests(connection, org_ids, referral_id=account.referral_id)
    if account.circle is None:
        return found
    recipients = account.circle.recipients
    return {
        org_id: msgspec.structs.replace(guest, capacity=None, classes=(), leg_id=None)
        if guest.capacity is Capacity.RECIPIENT and org_id not in recipients
        else guest
        for org_id, guest in found.items()
    }


async def _consent(connection: Connection, account: Account) -> ConsentRow | None:
    """Read the consent the thread stands on: a referral's own, or one that the owner names."""
    owner = account.owner_org_id
    if account.consent_id is None or (account.circle is None and account.by.id != owner):
        return None
    record = await referrals.consent(connection, owner, consent_id=account.consent_id)
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
    if rules.in_circle(guest, sensitivity=account.sensitivity):
        _stands(account, guest, record, now=now)
    elif not _about_nobody(account):
        _allowed(account, guest, record, now=now)


def _allowed(account: Account, guest: Guest, record: ConsentRow | None, *, now: datetime) -> None:
    """Require a consent that lets this one be told."""
    refusal = consents.refusal(
        Discloser(part2_program=account.by.part2_program, public_name=gate.public_of(account.by)),
        Receiver(channel=guest.channel, covered=guest.covered),
        sensitivity=account.sensitivity,
        consent=gate.consent_of(account.basis, record, org_id=guest.org_id),
        now=now,
    )
    if refusal is not None:
        raise wrong("participants", gate.ADVICE[refusal])


def _stands(account: Account, guest: Guest, record: ConsentRow | None, *, now: datetime) -> None:
    """Require that whoever the referral told may still be told: its consent may have ended since.

    An emergency that let somebody in ends by being taken back only.
    """
    circle = account.circle
    if circle is None or guest.org_id in circle.entitled(account.sensitivity):
        return
    lapsed = guest.org_id in circle.lapsed or record is None or record.revoked_at is not None
    raise wrong("participants", gate.ADVICE[Refusal.WITHDRAWN if lapsed else Refusal.EXPIRED])


def _about_nobody(account: Account) -> bool:
    return account.referral_id is None and account.patient_id is None and account.basis is None


def party_of(account: Account, guest: Guest, *, member_id: UUID | None) -> PartyRow:
    """Make the row of an organization's part: whose thread it is was let in by nobody."""
    owner = guest.org_id == account.owner_org_id
    basis, consent_id = _ground(account, guest)
    return PartyRow(
        org_id=guest.org_id,
        referral_id=account.referral_id if guest.capacity is not None else None,
        leg_id=guest.leg_id if guest.channel.value == "link" else None,
        admitted_by_org_id=None if owner else account.owner_org_id,
        admitted_by_member_id=None if owner else member_id,
        basis=None if owner else basis or NO_PATIENT,
        consent_id=None if owner else consent_id,
    )


def _ground(account: Account, guest: Guest) -> tuple[str | None, UUID | None]:
    """Say on what somebody is told: the emergency that let it in, or what the thread stands on."""
    circle = account.circle
    emergency = circle.overrides.get(guest.org_id) if circle is not None else None
    if emergency is not None and rules.in_circle(guest, sensitivity=account.sensitivity):
        return ConsentBasis.EMERGENCY, emergency
    return account.basis, account.consent_id


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
