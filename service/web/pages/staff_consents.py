"""What a patient allowed, on a page: listed with how each stands, recorded, and ended."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response

from service import faults
from service.actions import (
    keep_consents,
    keep_patient,
    keep_session,
    skip_ahead,
)
from service.actions.keep_consents import Ending, KeptConsent, NewConsent
from service.domain import policy
from service.domain.policy import Action, Purpose
from service.web import desk, guards, idempotency, routing
from service.web.desk import Asked
from service.web.pages import consent_choice, consent_form, speaking, staff
from templates import words


@routing.door(
    "GET", "/patients/{patient_id:uuid}/consents", policy=Action.CONSENT_LIST, **staff.DOOR
)
async def listing(request: Asked) -> Response[Any]:
    """List a patient's consents, with the form of a new one and what ends each."""
    done = request.query_params.get("done", "")
    return await _page(request, {"done": done if done in words.WORDS["consent_done"] else ""})


async def _page(request: Asked, said: dict[str, Any], *, status: int = 200) -> Response[Any]:
    office, actor = desk.of(request).office, guards.actor(request)
    patient_id: UUID = request.path_params["patient_id"]
    found = await keep_consents.list_consents(office, actor, patient_id=patient_id)
    seen = await keep_patient.read_patient(
        office, actor, patient_id=patient_id, purpose=_purpose(request)
    )
    say, names = staff.saying(request), await consent_choice.names(request)
    zone = (await keep_session.current(office, actor)).member.time_zone
    now = await skip_ahead.clock_says(office)
    ends = policy.ever(actor, Action.CONSENT_WITHDRAW)
    writes = policy.ever(actor, Action.REFERRAL_SEND)
    rows = [_row(each, say, names, zone=zone, now=now) for each in found]
    for row in rows:
        row["ends"] = ends and row["state"] == "in_force"
        row["uses"] = writes and row["state"] == "in_force"
    context: dict[str, Any] = {
        "patient_id": str(patient_id),
        "patient": f"{' '.join(seen.identity.name.given)} {seen.identity.name.family}",
        "birth_date": seen.identity.birth_date,
        "reference": seen.reference,
        "rows": rows,
        "records": policy.ever(actor, Action.CONSENT_RECORD),
        "nonce": staff.nonce(),
        "organizations": [(org_id, name) for org_id, name in names.items()],
        "bases": [(each.value, words.word(say, each, "consent_basis")) for each in BASES],
        "purposes": [(each.value, words.word(say, each, "purpose")) for each in PURPOSES],
        "endings": [(each.value, words.word(say, each, "consent_ending")) for each in Ending],
        "to_rows": range(1, consent_form.ROWS + 1),
        "values": {"class-general": "yes", "purpose": Purpose.TREATMENT.value},
    }
    return await staff.show(request, "staff/consents", context | said, status=status)


BASES, PURPOSES = consent_form.BASES, consent_form.PURPOSES


def _purpose(request: Asked) -> Purpose:
    """Look for care where the reader's role does, and else to watch over it."""
    actor = guards.actor(request)
    resource = policy.Resource(org_id=actor.org_id)
    cares = policy.decide(actor, Action.PATIENT_READ, resource=resource, purpose=Purpose.TREATMENT)
    return Purpose.TREATMENT if isinstance(cares, policy.Allow) else Purpose.OVERSIGHT


def _row(
    each: KeptConsent, say: words.Say, names: dict[str, str], *, zone: str, now: datetime
) -> dict[str, Any]:
    kinds = sorted(each.classes)
    return {
        "id": str(each.id),
        "state": consent_choice.state_of(each, now=now),
        "basis": each.basis,
        "classes": [words.word(say, kind, "sensitivity") for kind in kinds],
        "told": [names.get(str(org_id), "") for org_id in each.to_org_ids],
        "purpose": words.word(say, each.purpose, "purpose"),
        "signed": each.signed_on,
        "until": staff.local(each.expires_at, zone),
        "ended": staff.local(each.withdrawn_at, zone),
        "recorded": staff.local(each.recorded_at, zone),
        "document": each.document_sha256 or "",
        "said": [
            (words.word(say, name, "field"), text)
            for name in each.words.__struct_fields__
            if (text := getattr(each.words, name).strip())
        ],
    }


@routing.door(
    "POST", "/patients/{patient_id:uuid}/consents", policy=Action.CONSENT_RECORD, **staff.DOOR
)
async def record(request: Asked) -> Response[Any]:
    """Record a consent; whatever is wrong, nothing typed is lost."""
    form = await speaking.form(request)
    office, actor = desk.of(request).office, guards.actor(request)
    zone = (await keep_session.current(office, actor)).member.time_zone
    wish, errors = consent_form.read(form, zone=zone)
    if wish is None:
        return await _again(request, form, errors)
    try:
        return await _record(request, form, wish)
    except faults.Invalid as fault:
        errors = consent_form.named_here(fault.extra.get("errors", []))
        return await _again(request, form, errors)
    except faults.IdempotencyMismatch as fault:
        return await _again(request, form, {"": fault.title()})


async def _record(request: Asked, form: dict[str, str], wish: NewConsent) -> Response[Any]:
    patient_id: UUID = request.path_params["patient_id"]
    once = await idempotency.once_of_form(request, form.get("nonce", ""))
    done = speaking.see_other(f"/patients/{patient_id}/consents?done=recorded")

    async def act() -> Response[Any]:
        await keep_consents.record_consent(
            desk.of(request).office,
            guards.actor(request),
            patient_id=patient_id,
            wish=wish,
            once=once,
        )
        return done

    async def again(_: idempotency.Spent) -> Response[Any]:
        return done

    return await idempotency.run(request, once, act=act, again=again)


async def _again(request: Asked, form: dict[str, str], errors: dict[str, str]) -> Response[Any]:
    return await _page(request, {"values": form, "errors": errors}, status=422)


@routing.door(
    "POST",
    "/patients/{patient_id:uuid}/consents/{consent_id:uuid}/withdraw",
    policy=Action.CONSENT_WITHDRAW,
    **staff.DOOR,
)
async def withdraw(request: Asked) -> Response[Any]:
    """End a consent; owners of open referrals that stood on it are asked to decide."""
    form = await speaking.form(request)
    consent_id: UUID = request.path_params["consent_id"]
    if form.get("why") not in set(Ending):
        return await _page(request, {"errors": {f"why-{consent_id}": "choose_one"}}, status=422)
    touched = await keep_consents.withdraw_consent(
        desk.of(request).office,
        guards.actor(request),
        why=Ending(form["why"]),
        **request.path_params,
    )
    done = "ended_open" if touched else "ended"
    return speaking.see_other(f"/patients/{request.path_params['patient_id']}/consents?done={done}")


HANDLERS = (listing, record, withdraw)
