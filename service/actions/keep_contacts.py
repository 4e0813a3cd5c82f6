"""The people to talk to about a patient: who they are is sealed, what they may hear is a code."""

from datetime import datetime
from uuid import UUID

import msgspec

from crypto.sealed import Place
from service import faults
from service.actions import permission, phone, reaching, text_numbers
from service.actions.create_patient import note
from service.actions.office import Office
from service.actions.reaching import NewContact, Reach
from service.domain import consent, ids, policy
from service.domain.people import Actor, SensitivityClass
from service.store import audit, idempotency, patients
from service.store import text_numbers as number_store
from service.store.patients import ContactRow
from service.store.pool import Connection, Scope
from service.store.rows import OnceRow
from service.store.text_numbers import StandingRow


class Texting(msgspec.Struct, frozen=True, kw_only=True):
    """How a contact's number stands: open, stopped, wrong or dead; and what it is allowed for."""

    state: str
    state_at: datetime | None
    purposes: tuple[str, ...]
    how: str | None
    since: datetime | None


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """A contact as the patient's own organization sees it."""

    id: UUID
    relation: str
    language: str
    classes: tuple[str, ...]
    may_text: bool
    reach: Reach
    version: int
    texting: Texting | None = None

    def __repr__(self) -> str:
        return f"<contact {self.id}>"


async def add_contact(
    office: Office,
    actor: Actor,
    *,
    patient_id: UUID,
    wish: NewContact,
    leave: bool = True,
    once: OnceRow | None = None,
) -> Contact:
    """Keep a contact; raises Invalid, Missing, Refused.

    Without `leave` nothing is said of texts: that is asked by itself.
    """
    org_id, _ = permission.own(actor, policy.Action.PATIENT_EDIT)
    wish = reaching.spelled(
        wish if leave else reaching.unasked(wish, may_text=False), office.region
    )
    number_id = await _number(office, wish)
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        await patients.readable(connection, org_id, patient_id=patient_id)
        row = await _row(office, org_id, patient_id, wish, contact_id=ids.new_id(), version=1)
        row = msgspec.structs.replace(row, number_id=number_id)
        await patients.insert_contact(connection, org_id, patient_id=patient_id, row=row)
        if leave:
            await _allow(connection, actor, wish, row)
        if once is not None:
            await idempotency.spend(connection, once, resource_id=row.id, version=1)
        await audit.insert(connection, actor, note("contact.add", org_id, patient_id))
    return _contact(row, wish.reach)


async def edit_contact(
    office: Office,
    actor: Actor,
    *,
    patient_id: UUID,
    contact_id: UUID,
    wish: NewContact,
    seen: int,
    leave: bool = True,
) -> Contact:
    """Write a contact anew if the version is still the one seen; raises Stale, Invalid, Missing.

    Without `leave` a number that stays keeps what it allowed, and a new one has allowed nothing.
    """
    org_id, _ = permission.own(actor, policy.Action.PATIENT_EDIT)
    wish = reaching.spelled(wish, office.region)
    number_id = await _number(office, wish)
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        await patients.fetch(connection, org_id, patient_id=patient_id)
        known = await patients.contacts(connection, org_id, patient_id=patient_id)
        was = next((each for each in known if each.id == contact_id), None)
        if was is None:
            raise faults.Missing
        if not leave:
            stays = number_id is not None and was.number_id == number_id
            wish = reaching.unasked(wish, may_text=was.may_text and stays)
        row = await _row(office, org_id, patient_id, wish, contact_id=contact_id, version=seen + 1)
        row = msgspec.structs.replace(row, number_id=number_id)
        before = msgspec.structs.replace(row, version=seen)
        await patients.edit_contact(connection, org_id, patient_id=patient_id, row=before)
        if leave:
            await _allow(connection, actor, wish, row)
        await audit.insert(connection, actor, note("contact.edit", org_id, patient_id))
    return _contact(row, wish.reach)


async def remove_contact(
    office: Office, actor: Actor, *, patient_id: UUID, contact_id: UUID
) -> None:
    """Take a contact off; raises Missing, Refused."""
    org_id, _ = permission.own(actor, policy.Action.PATIENT_EDIT)
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        await patients.remove_contact(
            connection, org_id, patient_id=patient_id, contact_id=contact_id
        )
        await audit.insert(connection, actor, note("contact.remove", org_id, patient_id))


async def list_contacts(
    office: Office,
    actor: Actor,
    *,
    patient_id: UUID,
    told_of: SensitivityClass | None = None,
) -> list[Contact]:
    """Record the look and open a patient's contacts; raises Missing, Refused.

    With a class, only those who may be told of it; the others are not opened.
    """
    org_id, _ = permission.own(actor, policy.Action.PATIENT_READ)
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        await patients.fetch(connection, org_id, patient_id=patient_id)
        rows = await patients.contacts(connection, org_id, patient_id=patient_id)
        standing = await number_store.standing(
            connection, org_id, contact_ids=[row.id for row in rows]
        )
        await audit.insert(connection, actor, note("contact.read", org_id, patient_id))
    asked = [row for row in rows if told_of is None or consent.may_tell(row.classes, told_of)]
    return [
        _contact(row, await _opened(office, org_id, patient_id, row), standing.get(row.id))
        for row in asked
    ]


async def _number(office: Office, wish: NewContact) -> UUID | None:
    """Find the number that could be texted; behind an extension there is none."""
    line = phone.read(wish.reach.phone, office.region) if wish.reach.phone else None
    if line is None or line.extension is not None:
        return None
    return await text_numbers.known(office, line.number)


async def _allow(connection: Connection, actor: Actor, wish: NewContact, row: ContactRow) -> None:
    """Keep the evidence of what this number may be texted for, of no as much as of yes."""
    if row.number_id is None or actor.org_id is None:
        return
    lines = text_numbers.evidence(
        number_id=row.number_id,
        org_id=actor.org_id,
        contact_id=row.id,
        member_id=actor.member_id,
        given=wish.text_for if wish.may_text else (),
        how=wish.text_consent,
    )
    await number_store.note(connection, lines)


def _place(org_id: UUID, contact_id: UUID, version: int) -> Place:
    return Place(
        table="contact", column="sealed", row_id=contact_id, org_id=org_id, revision=version
    )


async def _row(
    office: Office,
    org_id: UUID,
    patient_id: UUID,
    wish: NewContact,
    *,
    contact_id: UUID,
    version: int,
) -> ContactRow:
    sealed = await office.keys.seal_field(
        org_id,
        msgspec.json.encode(wish.reach),
        place=_place(org_id, contact_id, version),
        patient_id=patient_id,
    )
    return ContactRow(
        id=contact_id,
        relation=wish.relation,
        language=wish.language,
        classes=sorted(wish.classes),
        may_text=wish.may_text,
        sealed=sealed,
        version=version,
    )


async def _opened(office: Office, org_id: UUID, patient_id: UUID, row: ContactRow) -> Reach:
    plain = await office.keys.open_field(
        org_id, row.sealed, place=_place(org_id, row.id, row.version), patient_id=patient_id
    )
    return msgspec.json.decode(plain, type=Reach)


def _contact(row: ContactRow, reach: Reach, standing: StandingRow | None = None) -> Contact:
    return Contact(
        id=row.id,
        relation=row.relation,
        language=row.language,
        classes=tuple(row.classes),
        may_text=row.may_text,
        reach=reach,
        version=row.version,
        texting=_texting(standing) if standing is not None else None,
    )


def _texting(row: StandingRow) -> Texting:
    return Texting(
        state=row.state,
        state_at=row.state_at,
        purposes=tuple(row.purposes),
        how=row.how,
        since=row.since,
    )
