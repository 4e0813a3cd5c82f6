"""Begin a conversation: about a referral with those who take part in it, or about none."""

from typing import Any
from uuid import UUID

from litestar import Response

from service import faults
from service.actions import read_organizations, read_referral, start_thread
from service.actions.read_referral import Sheet
from service.actions.start_thread import NewThread
from service.actions.thread_guests import Invited
from service.domain import policy
from service.domain.leg import LIVE, LegState
from service.domain.people import Actor, Capacity, Channel, SensitivityClass
from service.domain.policy import Action
from service.store.organizations import OrganizationRow
from service.web import desk, guards, idempotency, limits, problems, routing
from service.web.desk import Asked
from service.web.pages import speaking, staff, staff_forms, staff_threads

_ORGANIZATIONS = 500
_SUBJECT = 200
Choices = list[tuple[str, str]]


@routing.door("GET", "/threads/new", policy=Action.THREAD_START, **staff.DOOR)
async def ask(request: Asked) -> Response[Any]:
    """Show the empty form, with those who may be written to."""
    return await _page(request, {"referral_id": request.query_params.get("referral_id", "")}, {})


@routing.door("POST", "/threads/new", policy=Action.THREAD_START, **staff.DOOR)
async def write(request: Asked) -> Response[Any]:
    """Begin it; whatever is wrong, nothing typed is lost."""
    form = await speaking.form(request)
    wrong = _faults(form)
    if wrong:
        return await _page(request, form, wrong, status=422)
    try:
        return await _begin(request, form)
    except faults.Invalid as fault:
        errors = staff_forms.fields_named(fault.extra.get("errors", []))
        named = {"to" if name == "participants" else name: said for name, said in errors.items()}
        return await _page(request, form, named, status=422)


def _faults(form: dict[str, str]) -> dict[str, str]:
    said = {
        "to": "" if form.get("to") else "missing",
        "subject": "too_long" if len(form.get("subject", "")) > _SUBJECT else "",
        "text": staff_threads.message_fault(form.get("text", "").strip()),
    }
    if not form.get("subject", "").strip():
        said["subject"] = "missing"
    return {name: code for name, code in said.items() if code}


async def _begin(request: Asked, form: dict[str, str]) -> Response[Any]:
    office, actor = desk.of(request).office, guards.actor(request)
    await desk.of(request).limits.spend(limits.MESSAGES, str(actor.member_id))
    once = await idempotency.once_of_form(request, form.get("nonce", ""))
    chosen = [form[name] for name in ("to", "also_to") if form.get(name)]
    wish = NewThread(
        subject=form["subject"].strip(),
        text=form["text"].strip(),
        participants=tuple(Invited(org_id=_id(each)) for each in dict.fromkeys(chosen)),
        referral_id=_id(form["referral_id"]) if form.get("referral_id") else None,
        once=once,
        request_id=problems.request_id_of(request.scope),
    )

    async def act() -> Response[Any]:
        said = await start_thread.start_thread(office, actor, wish)
        return speaking.see_other(f"/threads/{said.thread_id}")

    async def again(spent: idempotency.Spent) -> Response[Any]:
        return speaking.see_other(f"/threads/{spent.resource_id}")

    return await idempotency.run(request, once, act=act, again=again)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise faults.Malformed("Send the form as the page has it.") from None


async def shown_again(request: Asked, form: dict[str, str]) -> Response[Any]:
    """Show the form as somebody had filled it in before they had to sign in again."""
    return await _page(request, form, {})


async def _page(
    request: Asked, form: dict[str, str], errors: dict[str, str], *, status: int = 200
) -> Response[Any]:
    office, actor = desk.of(request).office, guards.actor(request)
    known = await read_organizations.list_organizations(
        office, actor, after=None, limit=_ORGANIZATIONS
    )
    context: dict[str, Any] = {
        "nonce": staff.nonce(),
        "values": form,
        "errors": errors,
        "referral_id": form.get("referral_id", ""),
    }
    if form.get("referral_id"):
        sheet = await read_referral.read_referral(
            office,
            actor,
            _id(form["referral_id"]),
            request_id=problems.request_id_of(request.scope),
        )
        if not may_begin(actor, sheet):
            raise faults.Refused
        context["reference"] = sheet.card.reference
        context["organizations"] = _circle(actor, sheet, known)
    else:
        context["organizations"] = [
            (str(each.id), each.public_name)
            for each in known
            if each.id != actor.org_id and each.channel == Channel.ACCOUNT
        ]
    return await staff.show(request, "staff/thread_new", context, status=status)


def may_begin(actor: Actor, sheet: Sheet) -> bool:
    """Say whether this reader may begin a conversation about a referral of this class."""
    card = sheet.card
    if sheet.stage_only or card.sensitivity not in card.classes:
        return False
    resource = policy.Resource(org_id=actor.org_id, sensitivity=SensitivityClass(card.sensitivity))
    return isinstance(policy.decide(actor, Action.THREAD_START, resource=resource), policy.Allow)


def _circle(actor: Actor, sheet: Sheet, known: list[OrganizationRow]) -> Choices:
    """List who may be written to about a referral: of recipients, each only the other sides."""
    card = sheet.card
    found = {card.sender_org_id: card.sender}
    if card.capacity != Capacity.RECIPIENT:
        found |= {
            leg.org_id: leg.recipient
            for leg in card.legs
            if leg.state in LIVE or leg.state == LegState.COMPLETED
        }
    found |= {each.id: each.public_name for each in known if each.is_cco}
    offline = {each.id for each in known if each.channel == Channel.OFFLINE}
    return [
        (str(org_id), name)
        for org_id, name in found.items()
        if org_id != actor.org_id and org_id not in offline
    ]


HANDLERS = (ask, write)
