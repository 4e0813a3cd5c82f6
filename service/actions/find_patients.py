"""Find patients of one's own organization by what people say at a desk.

All criteria given must fit. A double surname is found by either part; whoever fits more parts
comes first. There is no search by a beginning of a word: sealed names do not allow it.
"""

from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from crypto import blind
from crypto.faults import NotIndexable
from service import faults
from service.actions import identities, permission
from service.actions.create_patient import ExternalId, note
from service.actions.office import Office
from service.domain import ids, policy, texts
from service.domain.patient import Identity
from service.domain.people import Actor
from service.store import audit, patients
from service.store.patients import Tokens
from service.store.pool import Connection, Scope
from service.store.rows import AuditRow

MOST = 20


class Terms(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is known of somebody; `initial` goes with `birth_date` or `family`."""

    reference: texts.Line | None = None
    phone: texts.Line | None = None
    mrn: texts.Line | None = None
    email: texts.Line | None = None
    birth_date: date | None = None
    family: texts.Line | None = None
    initial: texts.Line | None = None
    external_id: ExternalId | None = None

    def __repr__(self) -> str:
        return "<terms>"


class FoundPatient(msgspec.Struct, frozen=True, kw_only=True):
    """A patient as a list shows them."""

    id: UUID
    reference: str
    identity: Identity
    version: int

    def __repr__(self) -> str:
        return f"<patient {self.id}>"


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """Who was found; `more` says that there are others: ask for one more detail."""

    patients: tuple[FoundPatient, ...]
    more: bool


async def find_patients(office: Office, actor: Actor, terms: Terms) -> Found:
    """Search, record the search and every patient shown, and only then open anything.

    Raises Invalid, Refused. Neither the record nor a fault names a term.
    """
    org_id, _ = permission.own(actor, policy.Action.PATIENT_SEARCH)
    tokens = await _tokens(office, org_id, terms)
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        found = await _ids(office, connection, org_id, terms, tokens=tokens)
        rows = await patients.several(connection, org_id, patient_ids=found[:MOST])
        used = [name for name in Terms.__struct_fields__ if getattr(terms, name) is not None]
        line = AuditRow(
            org_id=org_id, action="patient.search", detail={"fields": used, "found": len(rows)}
        )
        await audit.insert(connection, actor, line)
        for row in rows:
            await audit.insert(connection, actor, note("patient.found", org_id, row.id))
    opened = [
        FoundPatient(
            id=row.id,
            reference=row.reference,
            identity=await identities.opened(office.keys, org_id, row=row),
            version=row.version,
        )
        for row in rows
    ]
    return Found(patients=tuple(opened), more=len(found) > MOST)


async def _tokens(office: Office, org_id: UUID, terms: Terms) -> list[blind.Token]:
    tokens: list[blind.Token] = []
    for name, field, value in _values(terms):
        try:
            tokens += await office.keys.indexes(org_id, field, value)
        except NotIndexable as reason:
            raise _wrong(name, _FORMS.get(name, "Check how this is written.")) from reason
    return tokens


_FORMS = {
    "phone": "Write it as +15035550100.",
    "email": "Write it as name@domain.",
    "initial": "Give the first letter of the given name.",
}


def _values(terms: Terms) -> list[tuple[str, str, Any]]:
    """List the field of the request, the index it asks, and the value."""
    wanted: list[tuple[str, str, Any]] = [
        (name, name, getattr(terms, name))
        for name in ("phone", "mrn", "email")
        if getattr(terms, name) is not None
    ]
    if terms.birth_date is None and terms.family is None:
        return wanted
    if terms.initial is None or not blind.letters(terms.initial):
        raise _wrong("initial", "Give the first letter of the given name.")
    if terms.birth_date is not None:
        value = (terms.birth_date.isoformat(), terms.initial)
        wanted.append(("birth_date", "birth_initial", value))
    if terms.family is not None:
        parts = blind.surname_parts(terms.family)
        if not parts:
            raise _wrong("family", "Give at least one surname.")
        wanted += [("family", "name_initial", (part, terms.initial)) for part in parts]
    return wanted


async def _ids(
    office: Office, connection: Connection, org_id: UUID, terms: Terms, *, tokens: Tokens
) -> list[UUID]:
    """Return the patients that every criterion allows, in the order of the best match."""
    lists: list[list[UUID]] = []
    if tokens:
        fields = len({each.field for each in tokens})
        found = await patients.matching(
            connection, org_id, tokens=tokens, fields=fields, limit=MOST + 1
        )
        lists.append([match.id for match in found])
    if terms.reference is not None:
        spelled = ids.parse_reference(terms.reference)
        if spelled is None:
            raise _wrong("reference", "Check the letters; the last one does not fit the others.")
        lists.append(await patients.by_reference(connection, org_id, reference=spelled))
    if terms.external_id is not None:
        system, value = terms.external_id.system, terms.external_id.value
        try:
            known = await office.keys.indexes(org_id, "external_id", (system, value))
        except NotIndexable as reason:
            raise _wrong("external_id", "Give a system and a value.") from reason
        tokens_of = [each.digest for each in known]
        lists.append(
            await patients.by_external_id(connection, org_id, system=system, tokens=tokens_of)
        )
    if not lists:
        raise _wrong("reference", "Give at least one thing to look for.")
    return [each for each in lists[0] if all(each in other for other in lists[1:])]


def _wrong(field: str, detail: str) -> faults.Invalid:
    return faults.Invalid(errors=[{"field": field, "detail": detail}])
