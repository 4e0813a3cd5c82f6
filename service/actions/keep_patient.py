"""Read and correct a patient of one's own organization."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

import msgspec

from service import faults
from service.actions import create_patient, identities, permission
from service.actions.create_patient import note
from service.actions.office import Office
from service.domain import policy, texts
from service.domain.patient import Address, Identity, Mrn, Name, SafeContact
from service.domain.people import Actor
from service.domain.policy import Purpose
from service.store import audit, patients
from service.store.patients import WholeRow
from service.store.pool import Scope

U = msgspec.UnsetType
_UNSET = msgspec.UNSET


class Patient(msgspec.Struct, frozen=True, kw_only=True):
    """A patient as its own organization sees it."""

    id: UUID
    reference: str
    version: int
    identity: Identity
    safe_contact: SafeContact
    time_zone: str | None
    deceased_on: date | None
    do_not_contact: bool

    def __repr__(self) -> str:
        return f"<patient {self.id}>"


class IdentityChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The parts of an identity to correct; what is left out stays."""

    name: Name | U = _UNSET
    birth_date: date | U = _UNSET
    sex: texts.Line | U = _UNSET
    address: Address | U = _UNSET
    phones: texts.Names | U = _UNSET
    email: texts.Line | U | None = _UNSET
    language: texts.Language | U = _UNSET
    interpreter: bool | U = _UNSET
    payer: texts.Line | U | None = _UNSET
    payer_kind: texts.Line | U | None = _UNSET
    member_number: texts.Line | U | None = _UNSET
    race: texts.Names | U = _UNSET
    ethnicity: texts.Line | U | None = _UNSET
    mrns: Annotated[tuple[Mrn, ...], msgspec.Meta(max_length=20)] | U = _UNSET
    call_as: texts.Line | U | None = _UNSET

    def __repr__(self) -> str:
        return "<identity change>"


class PatientChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to correct of a patient; what is left out stays."""

    identity: IdentityChange = IdentityChange()
    safe_contact: SafeContact | U = _UNSET
    time_zone: texts.Line | U | None = _UNSET
    deceased_on: date | U | None = _UNSET
    do_not_contact: bool | U = _UNSET


async def read_patient(
    office: Office, actor: Actor, *, patient_id: UUID, purpose: Purpose = Purpose.TREATMENT
) -> Patient:
    """Record the look, commit, and only then open; raises Missing, Refused."""
    resource = policy.Resource(org_id=actor.org_id)
    permission.require(actor, policy.Action.PATIENT_READ, resource=resource, purpose=purpose)
    if actor.org_id is None:
        raise faults.Refused
    async with office.db.transaction(Scope(org_id=actor.org_id)) as connection:
        row = await patients.whole(connection, actor.org_id, patient_id=patient_id)
        seen = note("patient.read", actor.org_id, patient_id, detail={"purpose": purpose})
        await audit.insert(connection, actor, seen)
    return _patient(row, await _identity(office, actor.org_id, row))


async def edit_patient(
    office: Office, actor: Actor, *, patient_id: UUID, change: PatientChange, seen: int
) -> Patient:
    """Correct a patient if the version is still the one seen; raises Stale, Invalid, Missing."""
    org_id, _ = permission.own(actor, policy.Action.PATIENT_EDIT)
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        row = await patients.whole(connection, org_id, patient_id=patient_id)
        if row.version != seen:
            raise faults.Stale(version=row.version)
        before = await _identity(office, org_id, row)
        identity = msgspec.structs.replace(before, **_given(change.identity))
        tokens = await create_patient.checked_tokens(office.keys, org_id, identity=identity)
        after = await _after(office, org_id, row, change, identity=identity)
        version = await patients.edit(connection, org_id, row=after)
        await patients.replace_index(connection, org_id, patient_id=patient_id, tokens=tokens)
        await create_patient.watch_ages(
            connection, org_id, patient_id=patient_id, identity=identity
        )
        fields = sorted({*_given(change), *_given(change.identity)} - {"identity"})
        await audit.insert(
            connection, actor, note("patient.edit", org_id, patient_id, detail={"fields": fields})
        )
    after = msgspec.structs.replace(after, version=version, revision=row.revision + 1)
    return _patient(after, identity)


async def _after(
    office: Office, org_id: UUID, row: WholeRow, change: PatientChange, *, identity: Identity
) -> WholeRow:
    given = {name: value for name, value in _given(change).items() if name != "identity"}
    safe = given.pop("safe_contact", None)
    after = msgspec.structs.replace(row, language=identity.language, **given)
    if safe is not None:
        after = msgspec.structs.replace(after, safe_contact=msgspec.to_builtins(safe))
    create_patient.check_extras(_safe(after), after.time_zone)
    sealed = await identities.sealed(
        office.keys, org_id, patient_id=row.id, identity=identity, revision=row.revision + 1
    )
    return msgspec.structs.replace(after, sealed=sealed)


async def _identity(office: Office, org_id: UUID, row: WholeRow) -> Identity:
    narrow = patients.PatientRow(
        id=row.id,
        reference=row.reference,
        sealed=row.sealed,
        revision=row.revision,
        language=row.language,
        deceased_on=row.deceased_on,
        do_not_contact=row.do_not_contact,
        version=row.version,
    )
    return await identities.opened(office.keys, org_id, row=narrow)


def _safe(row: WholeRow) -> SafeContact:
    return msgspec.convert(row.safe_contact, SafeContact)


def _patient(row: WholeRow, identity: Identity) -> Patient:
    return Patient(
        id=row.id,
        reference=row.reference,
        version=row.version,
        identity=identity,
        safe_contact=_safe(row),
        time_zone=row.time_zone,
        deceased_on=row.deceased_on,
        do_not_contact=row.do_not_contact,
    )


def _given(change: Any) -> dict[str, Any]:
    fields = msgspec.structs.asdict(change)
    return {name: value for name, value in fields.items() if value is not _UNSET}
