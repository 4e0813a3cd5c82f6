"""What a number may be texted for, as a person says it for its owner: given, taken back, put right.

Every yes and no is a line of evidence that nothing takes away. A phone's own stop stays: only the
same phone takes that back.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from service import faults
from service.actions import permission
from service.actions.create_patient import note
from service.actions.office import Office
from service.actions.reaching import ConsentHow
from service.domain import ids, policy
from service.domain.patient_texts import TextPurpose
from service.domain.people import Actor, ContactRelation
from service.store import audit, idempotency, members, patients
from service.store import text_numbers as number_store
from service.store.patients import ContactRow
from service.store.pool import Connection, Scope
from service.store.rows import OnceRow
from service.store.text_numbers import Evidence, HistoryRow

BY_PAPER: ConsentHow = "form"


class Leave(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody allows from now on, in whose name, and how that is known.

    What is spoken has a witness, a member who is not the one that writes it down; `form` is paper.
    Without a purpose everything is taken back, and nobody has to have heard it.
    """

    purposes: frozenset[TextPurpose]
    how: ConsentHow
    given_by: ContactRelation = ContactRelation.SELF
    witness_id: UUID | None = None


class Past(msgspec.Struct, frozen=True, kw_only=True):
    """One line of evidence; without a purpose it is for all of them."""

    at: datetime
    given: bool
    purpose: str | None
    how: str
    given_by: str | None
    member: str | None
    witness: str | None
    by_phone: bool


class OfNumber(msgspec.Struct, frozen=True, kw_only=True):
    """How a contact's number stands, and all that was ever said of it, the newest first."""

    contact_id: UUID
    past: tuple[Past, ...]


async def allow(
    office: Office,
    actor: Actor,
    *,
    patient_id: UUID,
    contact_id: UUID,
    leave: Leave,
    once: OnceRow | None = None,
) -> None:
    """Keep what a contact's number may be texted for; raises Invalid, Missing, Refused."""
    org_id, member_id = permission.own(actor, policy.Action.PATIENT_EDIT)
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        row, number_id = await _numbered(connection, org_id, patient_id, contact_id)
        await _heard(connection, org_id, member_id, leave)
        await number_store.note(connection, _lines(actor, row, number_id, leave))
        await patients.let_text(
            connection, org_id, contact_id=contact_id, may_text=bool(leave.purposes)
        )
        await _spend(connection, once, contact_id)
        detail = {"purposes": sorted(leave.purposes), "how": leave.how}
        line = note("contact.texts", org_id, patient_id, detail=detail)
        await audit.insert(connection, actor, line)


async def reopen(
    office: Office,
    actor: Actor,
    *,
    patient_id: UUID,
    contact_id: UUID,
    leave: Leave,
    once: OnceRow | None = None,
) -> str:
    """Say that a number is theirs after all, and what it allows now; return how it stands.

    What anybody allowed before counts no more. Raises Invalid, Missing, Refused, and Stale where
    nobody had said that it was wrong.
    """
    org_id, member_id = permission.own(actor, policy.Action.PATIENT_EDIT)
    if not leave.purposes:
        raise faults.Invalid(
            errors=[{"field": "purposes", "detail": "Say what it may be texted for."}]
        )
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        row, number_id = await _numbered(connection, org_id, patient_id, contact_id)
        await _heard(connection, org_id, member_id, leave)
        state = await number_store.reopen(connection, number_id)
        if state is None:
            raise faults.Stale
        ours = _line(actor, row, number_id, leave, purpose=None)
        await number_store.note(connection, [msgspec.structs.replace(ours, how="reopened")])
        await number_store.note(connection, _lines(actor, row, number_id, leave))
        await patients.let_text(connection, org_id, contact_id=contact_id, may_text=True)
        await _spend(connection, once, contact_id)
        detail = {"purposes": sorted(leave.purposes), "how": leave.how}
        line = note("contact.number_reopened", org_id, patient_id, detail=detail)
        await audit.insert(connection, actor, line)
    return state


async def past(office: Office, actor: Actor, *, patient_id: UUID) -> list[OfNumber]:
    """Record the look and list what was ever said of the numbers of a patient's contacts."""
    org_id, _ = permission.own(actor, policy.Action.PATIENT_READ)
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        await patients.fetch(connection, org_id, patient_id=patient_id)
        rows = await number_store.history(connection, org_id, patient_id=patient_id)
        await audit.insert(connection, actor, note("contact.texts_read", org_id, patient_id))
    of: dict[UUID, list[HistoryRow]] = {}
    for row in rows:
        of.setdefault(row.contact_id, []).append(row)
    return [
        OfNumber(contact_id=contact_id, past=tuple(_past(each) for each in lines))
        for contact_id, lines in of.items()
    ]


async def witnesses(office: Office, actor: Actor) -> list[tuple[UUID, str]]:
    """List who of one's own organization may have heard it: everybody active but oneself."""
    org_id, member_id = permission.own(actor, policy.Action.PATIENT_EDIT)
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        found = await members.of_organization(connection, org_id)
    return [(each.id, each.name) for each in found if _may_witness(each, member_id)]


async def _spend(connection: Connection, once: OnceRow | None, contact_id: UUID) -> None:
    if once is not None:
        await idempotency.spend(connection, once, resource_id=contact_id)


def _may_witness(row: members.MemberRow, writer: UUID | None) -> bool:
    return row.state == "active" and row.id != writer


async def _numbered(
    connection: Connection, org_id: UUID, patient_id: UUID, contact_id: UUID
) -> tuple[ContactRow, UUID]:
    await patients.readable(connection, org_id, patient_id=patient_id)
    known = await patients.contacts(connection, org_id, patient_id=patient_id)
    row = next((each for each in known if each.id == contact_id), None)
    if row is None:
        raise faults.Missing
    if row.number_id is None:
        raise faults.Invalid(
            errors=[{"field": "purposes", "detail": "Give the number that may be texted first."}]
        )
    return row, row.number_id


async def _heard(connection: Connection, org_id: UUID, writer: UUID | None, leave: Leave) -> None:
    """Require somebody else who heard what was only spoken."""
    if leave.how == BY_PAPER or not leave.purposes:
        return
    found = await members.of_organization(connection, org_id)
    if not any(each.id == leave.witness_id and _may_witness(each, writer) for each in found):
        said = "Choose somebody else of your organization who heard it."
        raise faults.Invalid(errors=[{"field": "witness_id", "detail": said}])


def _lines(actor: Actor, row: ContactRow, number_id: UUID, leave: Leave) -> list[Evidence]:
    return [_line(actor, row, number_id, leave, purpose=each) for each in TextPurpose]


def _line(
    actor: Actor, row: ContactRow, number_id: UUID, leave: Leave, *, purpose: TextPurpose | None
) -> Evidence:
    return Evidence(
        id=ids.new_id(),
        number_id=number_id,
        org_id=actor.org_id,
        purpose=purpose,
        given=purpose is None or purpose in leave.purposes,
        how=leave.how,
        contact_id=row.id,
        member_id=actor.member_id,
        given_by=leave.given_by,
        witness_member_id=leave.witness_id if leave.how != BY_PAPER else None,
    )


def _past(row: HistoryRow) -> Past:
    return Past(
        at=row.at,
        given=row.given,
        purpose=row.purpose,
        how=row.how,
        given_by=row.given_by,
        member=row.member,
        witness=row.witness,
        by_phone=row.by_phone,
    )
