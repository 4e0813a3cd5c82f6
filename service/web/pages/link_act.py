"""One address for every form of a visit through a link: the nonce makes it one act."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from litestar import Response

from service import clock, faults
from service.actions import agency_note, answer_by_link, enrol_agency, revoke_link, step_up
from service.actions import link_visit as visit_actions
from service.domain.policy import Action
from service.domain.rules import Step
from service.web import desk, guards, idempotency, problems, routing, visits
from service.web.desk import Asked
from service.web.headers import Page
from service.web.pages import (
    link_forms,
    link_inbox,
    link_once,
    link_pickup,
    link_talk,
    link_visit,
    link_words,
    speaking,
)
from service.web.pages.link_forms import Around, Errors, Form
from templates import words

_FIELDS = {"owner": "owner_name", "due_on": "due", "document": "comment"}
"""Names of the rules' gaps, where a form calls its field otherwise."""


@routing.door("POST", "/r/act", policy=Action.LINK_ACT, page=Page.FORM, hidden=True)
async def act(request: Asked) -> Response[Any]:
    """Do what a form of this visit asks for; a form sent twice is done once."""
    form = await speaking.form(request)
    nonce = form.get("nonce", "")
    if not guards.from_here(request) or not await link_words.is_fresh(request, nonce):
        return await _problem(request, faults.VisitOver())
    name = form.get("act", "")
    try:
        if name in _OTHER:
            return await _OTHER[name](request, form)
        return await _step(request, Step(name), form)
    except (faults.StepRefused, faults.Stale, faults.IdempotencyMismatch) as fault:
        return await _problem(request, fault)
    except ValueError:
        raise faults.Malformed("Send the form as the page has it.") from None


async def _problem(request: Asked, fault: faults.Fault) -> Response[Any]:
    """Say that a form came too late, with the way back."""
    say = speaking.saying(request, default=visits.of(request).language)
    context = {
        "title": words.word(say, fault.slug, "problem"),
        "detail": words.word(say, "back", "problem"),
        "back_href": "/r/card",
    }
    return await link_visit.show(request, "link/problem", context, status=problems.status_of(fault))


async def _step(request: Asked, step: Step, form: Form) -> Response[Any]:
    card = await link_visit.card_of(request)
    if card is None:
        return await link_visit.gone(request, None)
    visit = visits.of(request)
    around = Around(
        today=link_words.today(visit).date(),
        zone=visit.time_zone,
        author=visit.public_name,
        evidence=card.evidence,
    )
    wish, errors = link_forms.wish_of(step, form, around)
    if errors:
        return await _again(request, step, form, errors)
    once = await link_once.of(request, form["nonce"], route=f"link {step}")

    async def take() -> Response[Any]:
        await answer_by_link.answer_by_link(
            desk.of(request).office,
            visit,
            wish,
            once=once,
            request_id=problems.request_id_of(request.scope),
        )
        return speaking.see_other(f"/r/done/{step}")

    async def again(_spent: idempotency.Spent) -> Response[Any]:
        return speaking.see_other(f"/r/done/{step}")

    try:
        return await idempotency.run(request, once, act=take, again=again)
    except faults.Invalid as fault:
        found: Errors = {str(each["field"]): "missing" for each in fault.extra.get("errors", [])}
        named: Errors = {_FIELDS.get(field, field): code for field, code in found.items()}
        return await _again(request, step, form, named)


async def _again(request: Asked, step: Step, form: Form, errors: Errors) -> Response[Any]:
    said = {"errors": errors, "values": form, "failed_act": str(step)}
    return await link_visit.form_page(request, step, said, status=422)


async def _enrol(request: Asked, form: Form) -> Response[Any]:
    wish = link_forms.enrolment_of(form)
    errors = enrol_agency.check(wish)
    if errors:
        values = {name: value for name, value in form.items() if not name.startswith("pin_")}
        return await link_visit.enrol_page(
            request, {"errors": errors, "values": values}, status=422
        )
    await enrol_agency.enrol_agency(desk.of(request).office, visits.of(request), wish)
    return speaking.see_other("/r/card")


async def _step_up(request: Asked, form: Form) -> Response[Any]:
    errors: Errors = {}
    worker_id = _id(form.get("person_id", ""))
    pin = form.get("pin", "").strip()
    if worker_id is None:
        errors["person_id"] = "missing"
    if not pin:
        errors["pin"] = "missing"
    if worker_id is not None and pin:
        right = await step_up.step_up(
            desk.of(request).office,
            visits.of(request),
            worker_id=worker_id,
            pin=pin[:64],
            now=clock.real_now(),
        )
        if right:
            return speaking.see_other("/r/details")
        errors["pin"] = "wrong"
    values = {"person_id": form.get("person_id", "")}
    return await link_visit.step_up_page(request, {"errors": errors, "values": values}, status=422)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


async def _not_ours(request: Asked, form: Form) -> Response[Any]:
    await revoke_link.not_our_address(
        desk.of(request).office, visits.of(request), now=clock.real_now()
    )
    return visits.ended(request, await link_visit.show(request, "link/ended", {"why": "closed"}))


async def _note(request: Asked, form: Form) -> Response[Any]:
    text = form.get("own_note", "").strip()
    if len(text) > agency_note.LONGEST:
        said = {"errors": {"own_note": "too_long"}, "own_note": text}
        return await link_visit.card_page(request, said, status=422)
    await agency_note.keep(
        desk.of(request).office,
        visits.of(request),
        text,
        request_id=problems.request_id_of(request.scope),
    )
    return speaking.see_other("/r/card#own")


async def _leave(request: Asked, form: Form) -> Response[Any]:
    await visit_actions.leave(desk.of(request).office, visits.of(request), now=clock.real_now())
    return visits.ended(request, await link_visit.show(request, "link/ended", {"why": "session"}))


_OTHER: dict[str, Callable[[Asked, Form], Awaitable[Response[Any]]]] = {
    "enrol": _enrol,
    "stepup": _step_up,
    "not_ours": _not_ours,
    "leave": _leave,
    "say": link_talk.say,
    "inbox": link_inbox.take,
    "pickup": link_pickup.take,
    "note": _note,
}

HANDLERS = (act,)
