"""The page of one referral, and every step taken on it by form."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response

from service import faults
from service.actions import (
    form_drafts,
    keep_lists,
    keep_session,
    read_attachment,
    read_organizations,
    read_referral,
    skip_ahead,
    take_step,
)
from service.actions.parking import Parked
from service.actions.read_referral import Sheet
from service.domain import calendars, policy
from service.domain.people import Source
from service.domain.policy import Action
from service.domain.rules import Step
from service.web import desk, guards, idempotency, problems, routing
from service.web.api import asks, shapes
from service.web.desk import Asked
from service.web.pages import (
    file_words,
    kept_forms,
    patient_words,
    speaking,
    staff,
    staff_drafts,
    staff_forms,
    staff_next,
    staff_recipients,
    staff_thread_list,
    staff_thread_new,
    staff_witnesses,
    staff_words,
    step_fields,
    taking_back,
)
from service.web.pages.staff_forms import Around
from service.web.pages.staff_words import Reader, Typed
from templates import words

_ON_LEG = (Action.LEG_STEP, Action.LEG_BOOK)
_ON_REFERRAL = (Action.REFERRAL_STEP, Action.REFERRAL_SEND, Action.REFERRAL_REVIEW)
_CHOOSES = frozenset({Step.ADD_LEG, Step.REDIRECT})


@routing.door(
    "GET", "/referrals/{referral_id:uuid}", policy=Action.REFERRAL_READ, **staff.LIVE_DOOR
)
async def read(request: Asked) -> Response[Any]:
    """Show a referral with its history and the steps that are open to this reader."""
    done = request.query_params.get("done", "")
    notice = ""
    say = staff.saying(request)
    if done == "consent":
        notice = words.word(say, "renewed", "consent_done")
    if done == "track":
        notice = words.word(say, "tracked", "notice")
    if done in words.WORDS["step"]:
        notice = f"{words.word(say, 'done', 'notice')} {words.word(say, done, 'step')}"
    errors = file_words.errors_of(request.query_params.get("file", ""))
    said = {"notice": notice, **({"errors": errors} if errors else {})}
    parked, referral_id = await kept_forms.here(request), request.path_params["referral_id"]
    if parked is None:
        return await _show(request, referral_id, said)
    try:
        why = "draft_resumed" if request.query_params.get("begun") else "resumed"
        said["notice"] = words.word(staff.saying(request), why, "notice")
        return await _show(request, referral_id, said, typed=_typed(parked))
    except (faults.Missing, faults.Refused, faults.Malformed):
        return kept_forms.plainly(request)


def _typed(parked: Parked) -> Typed:
    """Say which form it was that was kept over a sign-in; raises Malformed where it is none."""
    form, path = dict(parked.fields), parked.path.split("/")
    if form.get("act") not in set(Step):
        raise faults.Malformed
    leg_id = UUID(path[2]) if path[1] == "legs" else None
    return Typed(key=_key(form, Step(form["act"]), leg_id), form=form, errors={})


async def _show(
    request: Asked,
    referral_id: UUID,
    said: dict[str, Any],
    *,
    typed: Typed | None = None,
    status: int = 200,
) -> Response[Any]:
    office, actor = desk.of(request).office, guards.actor(request)
    sheet = await read_referral.read_referral(
        office, actor, referral_id, request_id=problems.request_id_of(request.scope)
    )
    found = staff_words.open_of(actor, sheet)
    reader = await _reader(request, sheet, {step.step for step, _ in found})
    steps = [staff_words.step_of(step, place, sheet, reader, typed=typed) for step, place in found]
    context = _context(sheet, reader) | await _beside(request, sheet)
    context |= await staff_next.best(request, sheet, steps)
    context |= {"steps": steps, "zone": sheet.card.zone, "drafts": True}
    context |= {"last": max((row.seq for row in sheet.history), default=0)} | said
    if typed is not None and "advice" in said:
        context |= {"since": staff_words.since(typed, sheet, reader)}
    if typed is None:
        places = [place.draft(step.step) for step, place in found]
        context |= {"begun": await staff_drafts.begun_on(request, places, sheet.card)}
    if typed is not None and not any(each["failed"] for each in steps):
        # The form is not there any more; the words somebody typed must not go with it.
        context |= {"kept": staff_words.kept(typed, reader), "errors": {}}
    hears = f"about={sheet.card.id}"
    return await staff.show(
        request, "staff/referral", context, status=status, where=sheet.card.zone, hears=hears
    )


async def _reader(request: Asked, sheet: Sheet, steps: set[str]) -> Reader:
    office, actor = desk.of(request).office, guards.actor(request)
    current = await keep_session.current(office, actor)
    return Reader(
        say=staff.saying(request),
        language=staff.language_of(request),
        actor=actor,
        name=current.member.name,
        services=await _services(request, sheet, steps),
        colleagues=tuple(await keep_lists.by_name(office, actor)),
        sites=await _sites(request),
    )


async def _beside(request: Asked, sheet: Sheet) -> dict[str, Any]:
    """Spell what stands beside the steps: files, conversations, what each side says."""
    return {
        "files": await _files(request, sheet),
        "file_nonce": staff.nonce(),
        "writing": await staff_drafts.writing_here(request, sheet.card),
        "adds": policy.ever(guards.actor(request), Action.DOCUMENT_FILE),
        "threads": await _talks(request, sheet),
        "witnesses": await staff_witnesses.of_referral(request, sheet.card),
    }


async def _files(request: Asked, sheet: Sheet) -> list[dict[str, Any]]:
    if sheet.stage_only:
        return []
    actor = guards.actor(request)
    found = await read_attachment.listed(
        desk.of(request).office,
        actor,
        sheet.card.id,
        request_id=problems.request_id_of(request.scope),
    )
    return file_words.shown(
        found, under="/files", own=actor.org_id, retracts=taking_back.may_of(actor)
    )


async def _talks(request: Asked, sheet: Sheet) -> list[dict[str, Any]]:
    if sheet.stage_only:
        return []
    return await staff_thread_list.of_referral(request, sheet.card.id, sheet.card.zone)


def _context(sheet: Sheet, reader: Reader) -> dict[str, Any]:
    card = sheet.card
    return {
        "referral": staff_words.referral_of(sheet, reader),
        "why": "" if sheet.stage_only else shapes.why_open(card, language=reader.language),
        "legs": []
        if sheet.stage_only
        else [staff_words.leg_of(leg, sheet, reader) for leg in card.legs],
        "events": [staff_words.event_of(row, sheet, reader) for row in sheet.history],
        "documents": taking_back.documents_of(sheet, reader.actor),
        "breaks": policy.ever(reader.actor, Action.GLASS_BREAK),
        "writes": staff_thread_new.may_begin(reader.actor, sheet),
        **patient_words.renewal_of(sheet, reader.actor),
    }


async def _sites(request: Asked) -> list[tuple[str, str]]:
    """Spell the places of one's own organization, where an appointment can be."""
    actor = guards.actor(request)
    assert actor.org_id is not None
    _, sites = await read_organizations.read_organization(
        desk.of(request).office, actor, org_id=actor.org_id
    )
    return [(str(each.id), each.name) for each in sites]


async def _services(request: Asked, sheet: Sheet, steps: set[str]) -> list[tuple[str, str]]:
    if not steps & _CHOOSES:
        return []
    return await staff_recipients.of_kind(request, sheet.card.category)


@routing.door("POST", "/legs/{leg_id:uuid}/steps", policy=_ON_LEG, **staff.DOOR)
async def on_leg(request: Asked) -> Response[Any]:
    """Take a step on one recipient's part, as that recipient or on its behalf."""
    return await _step(request, leg_id=request.path_params["leg_id"])


@routing.door("POST", "/referrals/{referral_id:uuid}/steps", policy=_ON_REFERRAL, **staff.DOOR)
async def on_referral(request: Asked) -> Response[Any]:
    """Take a step on the referral itself."""
    return await _step(request, leg_id=None)


async def _step(request: Asked, *, leg_id: UUID | None) -> Response[Any]:
    form = await speaking.form(request)
    step, seen, referral_id = _about(request, form)
    office, actor = desk.of(request).office, guards.actor(request)
    body, errors = staff_forms.body_of(step, form, await _around(request, form), seen=seen)
    typed = Typed(key=_key(form, step, leg_id), form=form, errors=errors)
    if body is None:
        return await _again(request, referral_id, typed)
    try:
        order = asks.order_of(body, seen=seen, request_id=problems.request_id_of(request.scope))
        once = await idempotency.once_of_form(request, form.get("nonce", ""))
        order = msgspec.structs.replace(
            order,
            leg_id=leg_id,
            referral_id=None if leg_id else referral_id,
            source=Source.WEB,
            once=once,
        )

        async def act() -> Response[Any]:
            await take_step.take_step(office, actor, order)
            place = form_drafts.place_of(request.scope["path"], form)
            await form_drafts.drop(office, actor, place)
            return speaking.see_other(f"/referrals/{referral_id}?done={step}")

        async def again(_spent: idempotency.Spent) -> Response[Any]:
            return speaking.see_other(f"/referrals/{referral_id}?done={step}")

        return await idempotency.run(request, once, act=act, again=again)
    except faults.Invalid as fault:
        errors = staff_forms.fields_named(fault.extra.get("errors", []))
        return await _again(request, referral_id, msgspec.structs.replace(typed, errors=errors))
    except (faults.Stale, faults.StepRefused, faults.IdempotencyMismatch) as fault:
        return await _late(request, referral_id, typed, fault)


def _about(request: Asked, form: dict[str, str]) -> tuple[Step, int, UUID]:
    try:
        given = request.path_params.get("referral_id") or UUID(form.get("referral_id", ""))
        seen = form.get("seen", "")
        if not (seen.isascii() and seen.isdigit() and len(seen) < 10):
            raise ValueError
        return Step(form.get("act", "")), int(seen), given
    except ValueError:
        raise faults.Malformed("Send the form as the page has it.") from None


def _key(form: dict[str, str], step: Step, leg_id: UUID | None) -> str:
    behalf = "/on_behalf" if form.get("on_behalf") == "yes" else ""
    return f"{leg_id or 'r'}/{step}{behalf}"


async def _around(request: Asked, form: dict[str, str]) -> Around:
    office, actor = desk.of(request).office, guards.actor(request)
    current = await keep_session.current(office, actor)
    return Around(
        zone=form["zone"] if calendars.is_zone(form.get("zone", "")) else "UTC",
        now=await skip_ahead.clock_says(office),
        name=current.member.name,
        colleagues=await keep_lists.by_name(office, actor),
    )


async def _again(request: Asked, referral_id: UUID, typed: Typed) -> Response[Any]:
    step = Step(typed.form["act"])
    behalf = typed.form.get("on_behalf") == "yes"
    fields = step_fields.fields_of(step, on_behalf=behalf)
    errors = staff_forms.in_words(typed.errors, typed.form, fields)
    said = {"errors": staff_forms.at_hand(errors, tuple(field.name for field in fields))}
    return await _show(request, referral_id, said, typed=typed, status=422)


async def _late(
    request: Asked, referral_id: UUID, typed: Typed, fault: faults.Fault
) -> Response[Any]:
    """Show how it stands now, with what was typed: in its form again, or beside it."""
    say = staff.saying(request)
    said = {
        "notice": words.word(say, fault.slug, "problem"),
        "advice": words.word(say, "look_again", "problem"),
    }
    return await _show(request, referral_id, said, typed=typed, status=problems.status_of(fault))


HANDLERS = (read, on_leg, on_referral)
