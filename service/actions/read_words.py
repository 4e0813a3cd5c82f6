"""What phones wrote that no rule understood: kept for the patient's organization, read by people.

The words are sealed under the patient's key as soon as they are heard, and gone with it.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from crypto.ports import Keyring
from crypto.sealed import Place
from service.actions import permission
from service.actions.create_patient import note
from service.actions.office import Office
from service.domain import policy
from service.domain.people import Actor
from service.store import audit, hearing, patients, tasks
from service.store.hearing import WordsRow
from service.store.pool import Scope
from service.store.tasks import OpenRow


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """One text as it came; `contact_id` is who of the patient's has that number now."""

    at: datetime
    meaning: str
    text: str
    contact_id: UUID | None
    referral_id: UUID
    reference: str

    def __repr__(self) -> str:
        return "<words>"


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """What a patient's phones wrote, the newest first, and the work that waits for it."""

    words: tuple[Words, ...]
    tasks: tuple[OpenRow, ...]


async def sealed(
    keys: Keyring, text: str, *, heard_id: UUID, org_id: UUID, patient_id: UUID
) -> bytes:
    """Seal what a phone wrote for the organization that is to read it."""
    place = _place(heard_id, org_id)
    return await keys.seal_field(org_id, text.encode(), place=place, patient_id=patient_id)


async def read(office: Office, actor: Actor, *, patient_id: UUID) -> Written:
    """Record the look, commit, and only then open; raises Missing, Refused, NoLongerReadable."""
    org_id, _ = permission.own(actor, policy.Action.PATIENT_READ)
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        await patients.readable(connection, org_id, patient_id=patient_id)
        rows = await hearing.words(connection, org_id, patient_id=patient_id)
        waiting = await tasks.of_patient(connection, org_id, patient_id=patient_id)
        await audit.insert(connection, actor, note("patient.words_read", org_id, patient_id))
    words = [await _opened(office, org_id, patient_id, row) for row in rows]
    return Written(words=tuple(words), tasks=tuple(waiting))


async def _opened(office: Office, org_id: UUID, patient_id: UUID, row: WordsRow) -> Words:
    plain = await office.keys.open_field(
        org_id, row.sealed, place=_place(row.id, org_id), patient_id=patient_id
    )
    return Words(
        at=row.at,
        meaning=row.meaning,
        text=plain.decode(),
        contact_id=row.contact_id,
        referral_id=row.referral_id,
        reference=row.reference,
    )


def _place(heard_id: UUID, org_id: UUID) -> Place:
    return Place(table="text_heard", column="sealed", row_id=heard_id, org_id=org_id)
