"""A new referral on one page: who, what for, to whom; found, kept as a draft or sent."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response

from service import faults
from service.actions import (
    create_patient,
    create_referral,
    find_patients,
    form_drafts,
    gate,
    replay,
)
from service.actions.create_patient import PerhapsKnown
from service.actions.create_referral import NewReferral
from service.actions.find_patients import FoundPatient
from service.domain.patient import Identity
from service.domain.policy import Action
from service.store.rows import OnceRow
from service.web import desk, guards, idempotency, limits, problems, routing
from service.web.desk import Asked
from service.web.pages import (
    consent_choice,
    speaking,
    staff,
    staff_drafts,
    staff_forms,
    staff_order,
    staff_preview,
    staff_recipients,
    staff_same,
)
from service.web.pages.staff_order import Draft

_LED = ("patient_id", "consent_id", "thread_id")
_ONLY_LOOKS = ("look", "choose", "preview", "enter")
"""Buttons that send nothing; the last one is what the Enter key presses."""

Patients = list[tuple[str, str]]


@routing.door("GET", "/referrals/new", policy=Action.REFERRAL_CREATE, **staff.LIVE_DOOR)
async def ask(request: Asked) -> Response[Any]:
    """Show the page: as it was left, or with the patient, consent or conversation that led here."""
    led = {name: request.query_params.get(name, "") for name in _LED}
    values = {name: value for name, value in led.items() if value}
    if not values and (left := await staff_drafts.left_at(request, staff_drafts.NEW)):
        return await shown_again(request, left.fields, resumed=left.at)
    return await _page(request, {"values": values, "patients": await _chosen(request, values)})


@routing.door("POST", "/referrals/new", policy=Action.REFERRAL_CREATE, **staff.LIVE_DOOR)
async def write(request: Asked) -> Response[Any]:
    """Find a patient, or write the referral; whatever is wrong, nothing typed is lost."""
    form = await speaking.form(request)
    try:
        if _looks_for_somebody(form):
            return await _find(request, form)
        if any(form.get(name) for name in _ONLY_LOOKS):
            return await shown_again(request, form)
        draft, errors = staff_order.read(form)
        if draft is None:
            return await _again(request, form, errors)
        same = await staff_same.open_for(request, draft.patient_id, draft.service_ids)
        if same and not form.get("confirm_another"):
            return await _again(request, form, {"confirm_another": "open_already"}, same=same)
        return await _write(request, form, draft)
    except PerhapsKnown as known:
        found = [_named(each.id, each.reference, each.identity) for each in known.candidates]
        return await _again(request, form, {"patient_id": "alike"}, found, alike=True)
    except faults.Invalid as fault:
        errors = staff_forms.fields_named(fault.extra.get("errors", []))
        return await _again(request, form, staff_order.named(errors))
    except (faults.IdempotencyMismatch, faults.Refused) as fault:
        return await _told(request, form, fault)


def _looks_for_somebody(form: dict[str, str]) -> bool:
    """Say whether a patient is looked for: by the button, or by Enter after typing a name."""
    typed = any(form.get(name, "").strip() for name in staff_order.FINDS)
    return bool(form.get("find") or (form.get("enter") and typed and not form.get("patient_id")))


async def _told(request: Asked, form: dict[str, str], fault: faults.Fault) -> Response[Any]:
    """Say above the form why not: it was sent already, or a conversation was a referral first."""
    refused = isinstance(fault, faults.Refused)
    if refused and not form.get("thread_id"):
        raise fault
    return await _again(request, form, {"": fault.detail if refused else fault.title()})


async def _find(request: Asked, form: dict[str, str]) -> Response[Any]:
    terms, errors = staff_order.terms_of(form)
    if terms is None:
        return await _again(request, form, errors)
    actor = guards.actor(request)
    await desk.of(request).limits.spend(limits.LOOK_UP, str(actor.member_id))
    found = await find_patients.find_patients(desk.of(request).office, actor, terms)
    patients = [_of(each) for each in found.patients]
    said: dict[str, Any] = {"values": form, "patients": patients, "looked": True}
    if len(patients) == 1:
        said["values"] = form | {"patient_id": patients[0][0]}
    return await _page(request, said | {"more": found.more})


async def _write(request: Asked, form: dict[str, str], draft: Draft) -> Response[Any]:
    once = await idempotency.once_of_form(request, form.get("nonce", ""))
    office, actor = desk.of(request).office, guards.actor(request)

    async def act() -> Response[Any]:
        patient_id = draft.patient_id or await _registered(request, form, draft)
        wish = await _wish(request, draft, patient_id, once=once)
        try:
            taken = await create_referral.create_referral(office, actor, wish)
        except faults.Invalid:
            # Registered already: choosing them keeps a second try from making a second one.
            form["patient_id"] = str(patient_id)
            raise
        await form_drafts.drop(office, actor, staff_drafts.NEW)
        return _made(taken.referral_id, draft)

    async def again(spent: idempotency.Spent) -> Response[Any]:
        assert spent.resource_id is not None
        return _made(spent.resource_id, draft)

    return await idempotency.run(request, once, act=act, again=again)


def _made(referral_id: UUID, draft: Draft) -> Response[Any]:
    return speaking.see_other(f"/referrals/{referral_id}?done={'send' if draft.send else 'create'}")


async def _wish(request: Asked, draft: Draft, patient_id: UUID, *, once: OnceRow) -> NewReferral:
    if draft.consent_id is not None:
        basis = await _basis_of(request, patient_id, draft.consent_id)
        draft = msgspec.structs.replace(draft, consent_basis=basis)
    return await staff_order.wish_of(
        desk.of(request).office,
        draft,
        patient_id=patient_id,
        once=once,
        request_id=problems.request_id_of(request.scope),
    )


async def _basis_of(request: Asked, patient_id: UUID, consent_id: UUID) -> str:
    """Return the basis that a consent on record is; raises Invalid for one that is none."""
    for each in await consent_choice.in_force(request, patient_id):
        if each.id == consent_id:
            return each.basis
    raise faults.Invalid(errors=[{"field": "consent_id", "detail": gate.NOT_THEIRS}])


async def _registered(request: Asked, form: dict[str, str], draft: Draft) -> UUID:
    """Register the new patient once for one showing of the form, however often it is sent."""
    assert draft.identity is not None
    office, actor = desk.of(request).office, guards.actor(request)
    once = await idempotency.once_of_form(request, f"{form.get('nonce', '')}-patient")
    extras = create_patient.Extras(confirm_distinct=draft.confirm_distinct, once=once)
    try:
        made = await create_patient.create_patient(
            office, actor, identity=draft.identity, extras=extras
        )
    except (idempotency.KeyUsed, PerhapsKnown):
        spent = await replay.spent(office, once)
        if spent is None or spent.resource_id is None:
            raise
        return spent.resource_id
    return made.id


async def shown_again(
    request: Asked, form: dict[str, str], *, resumed: datetime | None = None
) -> Response[Any]:
    """Show the page as somebody had filled it in, before a sign-in or another day."""
    said = {"values": form, "patients": await _chosen(request, form), "resumed": resumed}
    return await _page(request, said)


async def _again(
    request: Asked,
    form: dict[str, str],
    errors: dict[str, str],
    patients: Patients | None = None,
    *,
    alike: bool = False,
    same: list[dict[str, Any]] | None = None,
) -> Response[Any]:
    chosen = await _chosen(request, form) if patients is None else patients
    said = {"values": form, "errors": errors, "patients": chosen, "alike": alike}
    said |= {"same": same} if same else {}
    return await _page(request, said, status=409 if alike or same else 422)


async def _chosen(request: Asked, form: dict[str, str]) -> Patients:
    """Keep the one who was chosen in the list, by looking them up again."""
    try:
        patient_id = UUID(form.get("patient_id", ""))
    except ValueError:
        return []
    try:
        found = await staff_order.patient(
            desk.of(request).office, guards.actor(request), patient_id
        )
    except faults.Missing:
        return []
    return [_named(found.id, found.reference, found.identity)]


def _of(each: FoundPatient) -> tuple[str, str]:
    return _named(each.id, each.reference, each.identity)


def _named(patient_id: UUID, reference: str, who: Identity) -> tuple[str, str]:
    given = " ".join(who.name.given)
    return str(patient_id), f"{who.name.family}, {given}, {who.birth_date} ({reference})"


async def _page(request: Asked, said: dict[str, Any], *, status: int = 200) -> Response[Any]:
    values: dict[str, str] = said.get("values", {})
    found = await staff_recipients.found_for(request, values)
    say = staff.saying(request)
    services = [(str(each.id), staff_recipients.offered(each, say)) for each in found.services]
    context = {"nonce": staff.nonce(), "services": services, "patients": []} | said
    context |= {"found_services": found.fitting}
    patient_id = _patient_of(context)
    context |= await consent_choice.offered(request, patient_id)
    context |= {"known_open": await staff_same.open_for(request, patient_id)}
    if values.get("preview") or values.get("enter"):
        context |= await staff_preview.of_form(request, values, found.services)
    return await staff.show(
        request, "staff/new_referral", context | {"drafts": True}, status=status
    )


def _patient_of(context: dict[str, Any]) -> UUID | None:
    """Return who was chosen, if it is somebody this page has looked up."""
    chosen = context.get("values", {}).get("patient_id", "")
    known = {patient_id for patient_id, _ in context["patients"]}
    return UUID(chosen) if chosen in known else None


HANDLERS = (ask, write)
