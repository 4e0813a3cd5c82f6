"""The people around a patient on a page: how to reach them, what to text them, and why not.

Nothing here is done by a script. Every act says on the next page what came of it.
"""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from litestar import Response

from service import faults
from service.actions import allow_texts, keep_contacts, keep_patient
from service.actions.allow_texts import Leave
from service.actions.keep_patient import PatientChange
from service.domain.policy import Action
from service.store.rows import OnceRow
from service.web import desk, guards, idempotency, routing
from service.web.desk import Asked
from service.web.pages import contact_form, contact_rows, speaking, staff
from templates import words

Form = dict[str, str]
Errors = dict[str, str]

_AT = "/patients/{patient_id:uuid}/contacts"
_ONE = f"{_AT}/{{contact_id:uuid}}"


@routing.door("GET", _AT, policy=Action.PATIENT_READ, **staff.DOOR)
async def listing(request: Asked) -> Response[Any]:
    """Show the people around a patient, and how each of their numbers stands."""
    done = request.query_params.get("done", "")
    return await _page(request, {"done": done if done in words.WORDS["contact_done"] else ""})


async def _page(request: Asked, said: dict[str, Any], *, status: int = 200) -> Response[Any]:
    context = await contact_rows.shown(request)
    return await staff.show(request, "staff/contacts", context | said, status=status)


@routing.door("POST", _AT, policy=Action.PATIENT_EDIT, **staff.DOOR)
async def add(request: Asked) -> Response[Any]:
    """Keep somebody to talk to; texts are asked by themselves."""
    form = await _form(request)
    wish, errors = contact_form.contact(form)
    if wish is None:
        return await _again(request, form, errors)

    async def act(once: OnceRow) -> str:
        await keep_contacts.add_contact(
            desk.of(request).office,
            guards.actor(request),
            wish=wish,
            leave=False,
            once=once,
            **request.path_params,
        )
        return "added"

    return await _once(request, form, act)


@routing.door("POST", _ONE, policy=Action.PATIENT_EDIT, **staff.DOOR)
async def edit(request: Asked) -> Response[Any]:
    """Correct who somebody is; a number that stays keeps what it allowed."""
    form = await _form(request)
    wish, errors = contact_form.contact(form)
    seen = form.get("seen", "")
    if not (seen.isascii() and seen.isdigit() and len(seen) < 10):
        raise faults.Malformed("Send the form as the page has it.")
    if wish is None:
        return await _again(request, form, errors)
    return await _tried(
        request,
        form,
        keep_contacts.edit_contact(
            desk.of(request).office,
            guards.actor(request),
            wish=wish,
            seen=int(seen),
            leave=False,
            **request.path_params,
        ),
        done="changed",
    )


@routing.door("POST", f"{_ONE}/remove", policy=Action.PATIENT_EDIT, **staff.DOOR)
async def remove(request: Asked) -> Response[Any]:
    """Take a contact off; nobody texts or calls them about this patient any more."""
    await keep_contacts.remove_contact(
        desk.of(request).office, guards.actor(request), **request.path_params
    )
    return _done(request, "removed")


@routing.door("POST", f"{_ONE}/texts", policy=Action.PATIENT_EDIT, **staff.DOOR)
async def texts(request: Asked) -> Response[Any]:
    """Put on record what a number may be texted for, or that all of it is taken back."""

    async def act(leave: Leave, once: OnceRow) -> str:
        await allow_texts.allow(
            desk.of(request).office,
            guards.actor(request),
            leave=leave,
            once=once,
            **request.path_params,
        )
        return "allowed" if leave.purposes else "withdrawn"

    return await _with_leave(request, act)


@routing.door("POST", f"{_ONE}/reopen", policy=Action.PATIENT_EDIT, **staff.DOOR)
async def reopen(request: Asked) -> Response[Any]:
    """Put on record that a number is theirs after all, and what it allows now."""

    async def act(leave: Leave, once: OnceRow) -> str:
        state = await allow_texts.reopen(
            desk.of(request).office,
            guards.actor(request),
            leave=leave,
            once=once,
            **request.path_params,
        )
        return "reopened" if state == "open" else "still_stopped"

    return await _with_leave(request, act)


@routing.door(
    "POST", "/patients/{patient_id:uuid}/safe-contact", policy=Action.PATIENT_EDIT, **staff.DOOR
)
async def safe(request: Asked) -> Response[Any]:
    """Say how a patient may be reached without harm, and whether at all."""
    form = await _form(request)
    profile, errors = contact_form.safe(form)
    seen = form.get("seen", "")
    if not (seen.isascii() and seen.isdigit() and len(seen) < 10):
        raise faults.Malformed("Send the form as the page has it.")
    if profile is None:
        return await _again(request, form, errors)
    change = PatientChange(safe_contact=profile, do_not_contact=bool(form.get("do_not_contact")))
    return await _tried(
        request,
        form,
        keep_patient.edit_patient(
            desk.of(request).office,
            guards.actor(request),
            change=change,
            seen=int(seen),
            **request.path_params,
        ),
        done="profile",
    )


async def _form(request: Asked) -> Form:
    form = await speaking.form(request)
    return contact_form.bare(form, request.path_params.get("contact_id"))


async def _with_leave(
    request: Asked, act: Callable[[Leave, OnceRow], Awaitable[str]]
) -> Response[Any]:
    form = await _form(request)
    leave, errors = contact_form.leave(form)
    if leave is None:
        return await _again(request, form, errors)

    async def given(once: OnceRow) -> str:
        return await act(leave, once)

    return await _once(request, form, given)


async def _once(
    request: Asked, form: Form, act: Callable[[OnceRow], Awaitable[str]]
) -> Response[Any]:
    """Do what one showing of a form asks, once; a second time it leads on and changes nothing."""
    once = await idempotency.once_of_form(request, form.get("nonce", ""))

    async def first() -> Response[Any]:
        return _done(request, await act(once))

    async def again(_: idempotency.Spent) -> Response[Any]:
        return _done(request, "")

    return await _tried(request, form, idempotency.run(request, once, act=first, again=again))


async def _tried(
    request: Asked, form: Form, act: Awaitable[Any], *, done: str = ""
) -> Response[Any]:
    """Lead on once it is done; what is wrong is said at its field, and nothing typed is lost."""
    try:
        made = await act
    except faults.Invalid as fault:
        return await _again(request, form, contact_form.named_here(fault.extra.get("errors", [])))
    except (faults.Stale, faults.IdempotencyMismatch) as fault:
        return await _again(
            request, form, {"": words.word(staff.saying(request), fault.slug, "problem")}
        )
    return made if isinstance(made, Response) else _done(request, done)


async def _again(request: Asked, form: Form, errors: Errors) -> Response[Any]:
    of: UUID | None = request.path_params.get("contact_id")
    part = request.scope["path"].rsplit("/", 1)[-1]
    open_at = part if part in contact_rows.PARTS else "edit" if of else "add"
    typed = {
        "values": contact_form.at(form, of),
        "errors": contact_form.at(errors, of),
        "open_at": f"{open_at}-{of}" if of else open_at,
    }
    return await _page(request, typed, status=422)


def _done(request: Asked, done: str) -> Response[Any]:
    where = f"/patients/{request.path_params['patient_id']}/contacts"
    return speaking.see_other(f"{where}?done={done}" if done else where)


HANDLERS = (listing, add, edit, remove, texts, reopen, safe)
