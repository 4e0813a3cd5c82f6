"""Sealing and opening who a patient is, and the tokens a patient is found by."""

from typing import Any
from uuid import UUID

import msgspec

from crypto import blind
from crypto.ports import Keyring
from crypto.sealed import Place
from service import faults
from service.domain.patient import Identity
from service.store.patients import PatientRow
from service.store.rows import ExternalIdRow


def _place(org_id: UUID, patient_id: UUID, revision: int) -> Place:
    return Place(
        table="patient", column="sealed", row_id=patient_id, org_id=org_id, revision=revision
    )


async def sealed(
    keys: Keyring, org_id: UUID, *, patient_id: UUID, identity: Identity, revision: int
) -> bytes:
    """Seal an identity under the patient's own key."""
    return await keys.seal_field(
        org_id,
        msgspec.json.encode(identity),
        place=_place(org_id, patient_id, revision),
        patient_id=patient_id,
    )


async def opened(keys: Keyring, org_id: UUID, *, row: PatientRow) -> Identity:
    """Open a patient's identity; raises NoLongerReadable once it was destroyed."""
    if row.sealed is None:
        raise faults.NoLongerReadable
    plain = await keys.open_field(
        org_id, row.sealed, place=_place(org_id, row.id, row.revision), patient_id=row.id
    )
    return msgspec.json.decode(plain, type=Identity)


async def tokens(keys: Keyring, org_id: UUID, *, identity: Identity) -> list[blind.Token]:
    """Return every token this patient can be found by: double surnames on either part.

    Without a given name there is no initial, so name and birth date find nothing; the rest does.
    """
    wanted: list[tuple[str, Any]] = [
        *(("phone", phone) for phone in identity.phones),
        *(("mrn", mrn.value) for mrn in identity.mrns),
        *((("email", identity.email),) if identity.email else ()),
    ]
    given = next((name for name in identity.name.given if blind.letters(name)), None)
    if given is not None:
        parts = blind.surname_parts(identity.name.family)
        wanted += [("name_initial", (part, given)) for part in parts]
        wanted.append(("birth_initial", (identity.birth_date.isoformat(), given)))
    return [token for field, value in wanted for token in await keys.indexes(org_id, field, value)]


async def external_id(
    keys: Keyring, org_id: UUID, *, kind: str, subject_id: UUID, system: str, value: str
) -> ExternalIdRow:
    """Seal another system's id, with the token that finds it."""
    newest, *_ = await keys.indexes(org_id, "external_id", (system, value))
    return ExternalIdRow(
        org_id=org_id,
        kind=kind,
        system=system,
        token=newest.digest,
        subject_id=subject_id,
        sealed=await keys.seal_field(
            org_id,
            value.encode(),
            place=Place(table="external_id", column="sealed", row_id=subject_id, org_id=org_id),
        ),
        key_version=newest.version,
    )
