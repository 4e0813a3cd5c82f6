"""Patients over the API; whatever is searched for travels in a body, never in an address."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response

from service.actions import create_patient, find_patients, keep_patient
from service.actions.create_patient import ExternalId, Extras, PerhapsKnown
from service.actions.find_patients import FoundPatient, Terms
from service.actions.keep_patient import PatientChange
from service.domain import texts
from service.domain.patient import Identity, SafeContact
from service.domain.policy import Action, Purpose
from service.web import desk, guards, idempotency, limits, problems, routing
from service.web.desk import Asked
from service.web.idempotency import Spent


class NewPatient(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A patient to be registered; `confirm_distinct` after the candidates were looked at."""

    identity: Identity
    safe_contact: SafeContact = SafeContact()
    time_zone: texts.Name | None = None
    external_ids: Annotated[tuple[ExternalId, ...], msgspec.Meta(max_length=20)] = ()
    confirm_distinct: bool = False


class RegisteredOut(msgspec.Struct, frozen=True, kw_only=True):
    """The new patient, by id and by the reference people say aloud."""

    id: UUID
    reference: str
    version: int = 1


class CandidateOut(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody registered who may be the same person; `shared` names what they have in common."""

    id: UUID
    reference: str
    identity: Identity
    shared: tuple[str, ...]


class PerhapsKnownOut(msgspec.Struct, frozen=True, kw_only=True):
    """The problem that nothing was stored because somebody alike is registered."""

    type: str
    title: str
    status: int
    detail: str
    candidates: tuple[CandidateOut, ...]


class PatientOut(msgspec.Struct, frozen=True, kw_only=True):
    """A patient as the own organization sees them."""

    id: UUID
    reference: str
    version: int
    identity: Identity
    safe_contact: SafeContact
    time_zone: str | None
    deceased_on: date | None
    do_not_contact: bool


class FoundOut(msgspec.Struct, frozen=True, kw_only=True):
    """Who was found; with `more`, ask for one more detail."""

    items: tuple[FoundPatient, ...]
    more: bool


class ReadAsk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the look is for; it is recorded with it."""

    purpose: Purpose = Purpose.TREATMENT


@routing.door(
    "POST",
    "/api/v1/patients",
    policy=Action.PATIENT_CREATE,
    takes=NewPatient,
    gives=RegisteredOut,
    status=201,
)
async def create(request: Asked) -> Response[Any]:
    """Register a patient; somebody alike is answered with 409 and the candidates."""
    once = await idempotency.once_of(request, status=201, needed=False)
    body = await routing.body(request, NewPatient)
    await _look_up(request)
    extras = Extras(
        safe_contact=body.safe_contact,
        time_zone=body.time_zone,
        external_ids=body.external_ids,
        confirm_distinct=body.confirm_distinct,
        once=once,
    )

    async def act() -> Response[Any]:
        made = await create_patient.create_patient(
            desk.of(request).office, guards.actor(request), identity=body.identity, extras=extras
        )
        return _registered(made.id, made.reference)

    async def again(spent: Spent) -> Response[Any]:
        assert spent.resource_id is not None
        kept = await keep_patient.read_patient(
            desk.of(request).office, guards.actor(request), patient_id=spent.resource_id
        )
        return _registered(kept.id, kept.reference)

    try:
        return await idempotency.run(request, once, act=act, again=again)
    except PerhapsKnown as known:
        return _perhaps(known)


def _registered(patient_id: UUID, reference: str) -> Response[Any]:
    return routing.answer(
        RegisteredOut(id=patient_id, reference=reference),
        status=201,
        version=1,
        location=f"/api/v1/patients/{patient_id}",
    )


def _perhaps(known: PerhapsKnown) -> Response[Any]:
    said = PerhapsKnownOut(
        type=f"/problems/{known.slug}",
        title=known.title(),
        status=problems.status_of(known),
        detail=known.detail,
        candidates=tuple(
            CandidateOut(
                id=each.id, reference=each.reference, identity=each.identity, shared=each.shared
            )
            for each in known.candidates
        ),
    )
    answer = routing.answer(said, status=said.status)
    answer.media_type = problems.MEDIA_TYPE
    return answer


@routing.door(
    "POST",
    "/api/v1/patients/search",
    policy=Action.PATIENT_SEARCH,
    takes=Terms,
    gives=FoundOut,
)
async def search(request: Asked) -> Response[Any]:
    """Find patients by reference, telephone, record number, e-mail, birth date or surname.

    Birth date and surname go with the first letter of the given name; a double surname is found
    by either part, and there is no search by a beginning of a word.
    """
    await _look_up(request)
    body = await routing.body(request, Terms)
    found = await find_patients.find_patients(desk.of(request).office, guards.actor(request), body)
    return routing.answer(FoundOut(items=found.patients, more=found.more))


@routing.door(
    "GET",
    "/api/v1/patients/{patient_id:uuid}",
    policy=Action.PATIENT_READ,
    asks=ReadAsk,
    gives=PatientOut,
)
async def read(request: Asked) -> Response[Any]:
    """Read one patient; the look is recorded before anything is answered."""
    ask = routing.query(request, ReadAsk)
    kept = await keep_patient.read_patient(
        desk.of(request).office,
        guards.actor(request),
        patient_id=request.path_params["patient_id"],
        purpose=ask.purpose,
    )
    return routing.answer(_out(kept), version=kept.version)


@routing.door(
    "PATCH",
    "/api/v1/patients/{patient_id:uuid}",
    policy=Action.PATIENT_EDIT,
    takes=PatientChange,
    gives=PatientOut,
)
async def edit(request: Asked) -> Response[Any]:
    """Correct a patient; If-Match names the version seen."""
    body = await routing.body(request, PatientChange)
    kept = await keep_patient.edit_patient(
        desk.of(request).office,
        guards.actor(request),
        patient_id=request.path_params["patient_id"],
        change=body,
        seen=routing.decided_on(request, given=None),
    )
    return routing.answer(_out(kept), version=kept.version)


def _out(kept: keep_patient.Patient) -> PatientOut:
    return PatientOut(**msgspec.structs.asdict(kept))


async def _look_up(request: Asked) -> None:
    member = guards.actor(request).member_id
    await desk.of(request).limits.spend(limits.LOOK_UP, str(member))


HANDLERS = (create, search, read, edit)
