"""Another consent for a referral: chosen among those on record, when the old one has ended."""

from typing import Any
from uuid import UUID

from litestar import Response

from service import faults
from service.actions import read_referral, renew_consent
from service.actions.read_referral import Sheet
from service.domain.people import Capacity, Source
from service.domain.policy import Action
from service.web import desk, guards, problems, routing
from service.web.desk import Asked
from service.web.pages import consent_choice, speaking, staff

_PATH = "/referrals/{referral_id:uuid}/consent"


@routing.door("GET", _PATH, policy=Action.CONSENT_RENEW, **staff.DOOR)
async def ask(request: Asked) -> Response[Any]:
    """Show the consents in force that the referral could stand on."""
    return await _page(request, {})


async def _page(request: Asked, said: dict[str, Any], *, status: int = 200) -> Response[Any]:
    sheet = await _sheet(request)
    assert sheet.picture is not None
    context: dict[str, Any] = {
        "referral_id": str(sheet.card.id),
        "reference": sheet.card.reference,
        "seen": sheet.picture.facts.version,
        "ended": bool(sheet.picture.ended),
        **await consent_choice.offered(request, sheet.card.patient_id),
    }
    return await staff.show(
        request, "staff/renewal", context | said, status=status, where=sheet.card.zone
    )


async def _sheet(request: Asked) -> Sheet:
    sheet = await read_referral.read_referral(
        desk.of(request).office,
        guards.actor(request),
        request.path_params["referral_id"],
        request_id=problems.request_id_of(request.scope),
    )
    if sheet.card.capacity != Capacity.SENDER or sheet.picture is None:
        # What the patient allowed is the sender's to know and to choose.
        raise faults.Missing
    return sheet


@routing.door("POST", _PATH, policy=Action.CONSENT_RENEW, **staff.DOOR)
async def choose(request: Asked) -> Response[Any]:
    """Move the referral onto the one that was chosen."""
    form = await speaking.form(request)
    referral_id: UUID = request.path_params["referral_id"]
    chosen, seen = _read(form)
    if chosen is None:
        return await _page(request, {"errors": {"consent_id": "choose_one"}}, status=422)
    try:
        await renew_consent.renew_consent(
            desk.of(request).office,
            guards.actor(request),
            referral_id,
            consent_id=chosen,
            seen=seen,
            source=Source.WEB,
            request_id=problems.request_id_of(request.scope),
        )
    except faults.Invalid as fault:
        advice = " ".join(each["detail"] for each in fault.extra.get("errors", []))
        said = {"errors": {"consent_id": advice}, "values": form}
        return await _page(request, said, status=422)
    except (faults.Stale, faults.StepRefused) as fault:
        said = {"errors": {"": fault.title()}, "values": form}
        return await _page(request, said, status=problems.status_of(fault))
    return speaking.see_other(f"/referrals/{referral_id}?done=consent")


def _read(form: dict[str, str]) -> tuple[UUID | None, int]:
    seen = form.get("seen", "")
    if not (seen.isascii() and seen.isdigit() and len(seen) < 10):
        raise faults.Malformed("Send the form as the page has it.")
    try:
        return UUID(form.get("consent_id", "")), int(seen)
    except ValueError:
        return None, int(seen)


HANDLERS = (ask, choose)
