"""Register a patient of one's own organization, unless somebody alike is registered already."""

from typing import Any
from uuid import UUID

import msgspec

from crypto.blind import Token
from crypto.faults import NotIndexable
from crypto.ports import Keyring
from service import faults
from service.actions import identities, permission
from service.actions.office import Office
from service.domain import calendars, consent, ids, people, policy, texts
from service.domain.patient import Identity, SafeContact
from service.domain.people import Actor
from service.store import audit, idempotency, patients
from service.store import keys as key_store
from service.store import pool as pools
from service.store.pool import Connection, Scope
from service.store.rows import AuditRow, OnceRow

CANDIDATES = 5


class ExternalId(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What another system calls this patient."""

    system: texts.Name
    value: texts.Name

    def __repr__(self) -> str:
        return "<external id>"


class Extras(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept beside the identity."""

    safe_contact: SafeContact = SafeContact()
    time_zone: str | None = None
    external_ids: tuple[ExternalId, ...] = ()
    confirm_distinct: bool = False
    once: OnceRow | None = None


class Registered(msgspec.Struct, frozen=True, kw_only=True):
    """The new patient's id and the reference people may say aloud."""

    id: UUID
    reference: str


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody registered who may be the same person, and what they share."""

    id: UUID
    reference: str
    identity: Identity
    shared: tuple[str, ...]

    def __repr__(self) -> str:
        return f"<candidate {self.id}>"


class PerhapsKnown(faults.Fault):
    """Somebody very much like this is registered already."""

    kind, slug = faults.Kind.CONFLICT, "perhaps-known"
    advice = "Use one of `candidates`, or send it again with `confirm_distinct`."

    def __init__(self, candidates: tuple[Candidate, ...]) -> None:
        """Keep who it may be, for the answer to its own organization."""
        super().__init__()
        self.candidates = candidates


async def create_patient(
    office: Office, actor: Actor, *, identity: Identity, extras: Extras | None = None
) -> Registered:
    """Seal and store a patient with a key of its own and its indexes, in one transaction.

    Alike is who shares a record number, or two of telephone, e-mail, birth date with initial, name
    with initial; a telephone alone is a family. Raises Invalid, PerhapsKnown, Refused.
    """
    extras = extras or Extras()
    org_id, _ = permission.own(actor, policy.Action.PATIENT_CREATE)
    tokens = await checked_tokens(office.keys, org_id, identity=identity)
    check_extras(extras.safe_contact, extras.time_zone)
    known = await _alike(office, actor, tokens, alone=not extras.confirm_distinct)
    if known:
        raise PerhapsKnown(known)
    made = Registered(id=ids.new_id(), reference=ids.new_reference())
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        key = await office.keys.new_patient(org_id, made.id)
        await key_store.add(connection, [key])
        sealed = await identities.sealed(
            office.keys, org_id, patient_id=made.id, identity=identity, revision=1
        )
        safe = msgspec.to_builtins(extras.safe_contact)
        await patients.insert(
            connection,
            org_id,
            columns=(made.id, made.reference, sealed, identity.language, extras.time_zone, safe),
        )
        await patients.insert_index(connection, org_id, patient_id=made.id, tokens=tokens)
        await watch_ages(connection, org_id, patient_id=made.id, identity=identity)
        await write_external_ids(office, connection, org_id, patient_id=made.id, extras=extras)
        if extras.once is not None:
            await idempotency.spend(connection, extras.once, resource_id=made.id, version=1)
        await audit.insert(connection, actor, note("patient.create", org_id, made.id))
    return made


async def check_new(office: Office, actor: Actor, *, identity: Identity) -> None:
    """Say what `create_patient` would say, and change nothing. Raises Invalid, PerhapsKnown."""
    org_id, _ = permission.own(actor, policy.Action.PATIENT_CREATE)
    tokens = await checked_tokens(office.keys, org_id, identity=identity)
    known = await _alike(office, actor, tokens, alone=True)
    if known:
        raise PerhapsKnown(known)


async def watch_ages(
    connection: Connection, org_id: UUID, *, patient_id: UUID, identity: Identity
) -> None:
    """Have somebody look at the consents when the patient comes of an age of consent.

    Raises Invalid of somebody who is not born yet.
    """
    today = (await pools.now(connection)).date()
    if identity.birth_date > today:
        detail = "Give a day that has been."
        raise faults.Invalid(errors=[{"field": "identity.birth_date", "detail": detail}])
    reviews = consent.consent_reviews(identity.birth_date, day=today)
    await patients.watch_ages(connection, org_id, patient_id=patient_id, reviews=reviews)


async def checked_tokens(keys: Keyring, org_id: UUID, *, identity: Identity) -> list[Token]:
    """Check an identity and return its tokens; raises Invalid with a field and no value."""
    wrong: list[dict[str, str]] = []
    name = identity.name
    if not texts.is_name(name.family):
        wrong.append({"field": "identity.name.family", "detail": "Give a family name."})
    if not all(texts.is_name(each) for each in name.given):
        wrong.append({"field": "identity.name.given", "detail": "Write each as it is spoken."})
    if not all(people.is_phone(phone) for phone in identity.phones):
        wrong.append({"field": "identity.phones", "detail": "Write each as +15035550100."})
    if wrong:
        raise faults.Invalid(errors=wrong)
    try:
        return await identities.tokens(keys, org_id, identity=identity)
    except NotIndexable as reason:
        detail = "Check the e-mail address and the record numbers."
        raise faults.Invalid(errors=[{"field": "identity", "detail": detail}]) from reason


def check_extras(safe: SafeContact, zone: str | None) -> None:
    """Refuse hours that are no part of a day, and a zone that is none."""
    if not 0 <= safe.from_hour < safe.to_hour <= 24:
        detail = "Give hours of one day, the first before the last."
        raise faults.Invalid(errors=[{"field": "safe_contact", "detail": detail}])
    try:
        calendars.Calendar(zone=zone or "UTC")
    except ValueError as reason:
        detail = "Use a name such as America/Los_Angeles."
        raise faults.Invalid(errors=[{"field": "time_zone", "detail": detail}]) from reason


async def _alike(
    office: Office, actor: Actor, tokens: list[Token], *, alone: bool
) -> tuple[Candidate, ...]:
    """Open those who may be the same; each is a look at a patient, and recorded as one."""
    if not alone or actor.org_id is None:
        return ()
    org_id = actor.org_id
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        found = await patients.similar(connection, org_id, tokens=tokens, limit=CANDIDATES)
        rows = await patients.several(connection, org_id, patient_ids=[match.id for match in found])
        for row in rows:
            await audit.insert(connection, actor, note("patient.candidate", org_id, row.id))
    shared = {match.id: tuple(match.fields) for match in found}
    return tuple(
        [
            Candidate(
                id=row.id,
                reference=row.reference,
                identity=await identities.opened(office.keys, org_id, row=row),
                shared=shared[row.id],
            )
            for row in rows
        ]
    )


async def write_external_ids(
    office: Office, connection: Connection, org_id: UUID, *, patient_id: UUID, extras: Extras
) -> None:
    """Seal and store what other systems call the patient."""
    for each in extras.external_ids:
        try:
            row = await identities.external_id(
                office.keys,
                org_id,
                kind="patient",
                subject_id=patient_id,
                system=each.system,
                value=each.value,
            )
        except NotIndexable as reason:
            detail = "Give a system and a value."
            raise faults.Invalid(errors=[{"field": "external_ids", "detail": detail}]) from reason
        await patients.insert_external_id(connection, row)


def note(
    action: str, org_id: UUID, patient_id: UUID, *, detail: dict[str, Any] | None = None
) -> AuditRow:
    """Spell a line of the record about a patient."""
    return AuditRow(
        org_id=org_id,
        action=action,
        resource_kind="patient",
        resource_id=patient_id,
        detail=detail or {},
    )
