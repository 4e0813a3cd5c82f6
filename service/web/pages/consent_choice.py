"""Which of a patient's consents a referral can stand on, as a form offers them."""

from typing import Any
from uuid import UUID

from service import faults
from service.actions import keep_consents, read_organizations, skip_ahead
from service.actions.keep_consents import KeptConsent
from service.domain import policy
from service.domain.policy import Action
from service.web import desk, guards
from service.web.desk import Asked
from service.web.pages import staff
from templates import words

_ORGANIZATIONS = 500
Names = dict[str, str]
Options = list[tuple[str, str]]

_LASTING = {"withdrawn": "withdrawn", "event": "ended_by_event"}


def state_of(each: KeptConsent, *, now: Any) -> str:
    """Say how a consent stands: in force, run out, taken back, or ended by what it named."""
    if each.withdrawn_at is not None:
        return _LASTING.get(each.ended_why or "", "withdrawn")
    over = each.expires_at is not None and each.expires_at <= now
    return "expired" if over else "in_force"


async def names(request: Asked) -> Names:
    """Name the other organizations of the network by their ids."""
    found = await read_organizations.list_organizations(
        desk.of(request).office, guards.actor(request), after=None, limit=_ORGANIZATIONS
    )
    own = guards.actor(request).org_id
    return {str(each.id): each.public_name for each in found if each.id != own}


async def in_force(request: Asked, patient_id: UUID) -> list[KeptConsent]:
    """List the consents in force of a patient, and record the look; raises Missing."""
    office, actor = desk.of(request).office, guards.actor(request)
    now = await skip_ahead.clock_says(office)
    found = await keep_consents.list_consents(office, actor, patient_id=patient_id)
    return [each for each in found if state_of(each, now=now) == "in_force"]


async def offered(request: Asked, patient_id: UUID | None) -> dict[str, Any]:
    """Spell what a form needs to offer the consents of a patient; nothing of a stranger."""
    if patient_id is None or not policy.ever(guards.actor(request), Action.CONSENT_LIST):
        return {"consents": [], "consents_href": ""}
    try:
        found = await in_force(request, patient_id)
    except faults.Missing:
        return {"consents": [], "consents_href": ""}
    say, named = staff.saying(request), await names(request)
    options = [(str(each.id), _line(each, say, named)) for each in found]
    return {"consents": options, "consents_href": f"/patients/{patient_id}/consents"}


def _line(each: KeptConsent, say: words.Say, named: Names) -> str:
    kinds = ", ".join(words.word(say, kind, "sensitivity") for kind in sorted(each.classes))
    told = ", ".join(named.get(str(org_id), "?") for org_id in each.to_org_ids)
    basis = words.word(say, each.basis, "consent_basis")
    return f"{basis}, {each.signed_on}: {kinds}" + (f" ({told})" if told else "")
