"""What is done in a conversation besides speaking: let in, leave, take back, note, unread."""

from typing import Any
from uuid import UUID

from litestar import Response

from service import faults
from service.actions import forward_thread, leave_thread, retract_message, thread_desk
from service.actions.thread_guests import Invited
from service.domain.policy import Action
from service.domain.threads import History, RetractReason
from service.web import desk, guards, idempotency, limits, problems, routing
from service.web.desk import Asked
from service.web.pages import speaking, staff, staff_forms, staff_threads

_THREAD = "/threads/{thread_id:uuid}"
_COMMENT = 2_000


@routing.door("POST", f"{_THREAD}/notes", policy=Action.THREAD_WRITE, **staff.DOOR)
async def note(request: Asked) -> Response[Any]:
    """Keep a note that nobody outside one's organization has a key for."""
    form = await speaking.form(request)
    text = form.get("note", "").strip()
    wrong = staff_threads.message_fault(text)
    if wrong:
        return await staff_threads.again(request, form, {"note": wrong})
    once = await idempotency.once_of_form(request, form.get("nonce", ""))

    async def act() -> Response[Any]:
        await thread_desk.write_note(
            desk.of(request).office,
            guards.actor(request),
            request.path_params["thread_id"],
            text=text,
            once=once,
            request_id=problems.request_id_of(request.scope),
        )
        return _back(request, "notes")

    return await idempotency.run(request, once, act=act, again=_done(request, "notes"))


@routing.door("POST", f"{_THREAD}/participants", policy=Action.THREAD_WRITE, **staff.DOOR)
async def forward(request: Asked) -> Response[Any]:
    """Let another organization in, with a word to everybody and a choice of the past."""
    form = await speaking.form(request)
    wrong = _forward_faults(form)
    if wrong:
        return await staff_threads.again(request, form, wrong)
    actor = guards.actor(request)
    await desk.of(request).limits.spend(limits.MESSAGES, str(actor.member_id))
    once = await idempotency.once_of_form(request, form.get("nonce", ""))
    wish = forward_thread.Forward(
        thread_id=request.path_params["thread_id"],
        guest=Invited(org_id=_id(form["guest"])),
        text=form["words"].strip(),
        history=History(form["history"]),
        from_message_id=_id(form["since"]) if form["history"] == History.FROM else None,
        once=once,
        request_id=problems.request_id_of(request.scope),
    )

    async def act() -> Response[Any]:
        await forward_thread.forward_thread(desk.of(request).office, actor, wish)
        return _back(request, "reply")

    try:
        return await idempotency.run(request, once, act=act, again=_done(request, "reply"))
    except faults.Invalid as fault:
        said = staff_forms.fields_named(fault.extra.get("errors", []))
        named = {
            "guest" if name.startswith("particip") else name: code for name, code in said.items()
        }
        return await staff_threads.again(request, form, named)


def _forward_faults(form: dict[str, str]) -> dict[str, str]:
    history = form.get("history", "")
    said = {
        "guest": "" if form.get("guest") else "missing",
        "history": "" if history in set(History) else "choose_one",
        "since": "choose_one" if history == History.FROM and not form.get("since") else "",
        "words": staff_threads.message_fault(form.get("words", "").strip()),
    }
    return {name: code for name, code in said.items() if code}


@routing.door(
    "POST",
    f"{_THREAD}/participants/{{org_id:uuid}}/end",
    policy=Action.THREAD_LEAVE,
    **staff.DOOR,
)
async def leave(request: Asked) -> Response[Any]:
    """Leave, or let an organization go that one's own let in; what is said later it cannot open."""
    await speaking.form(request)
    office, actor = desk.of(request).office, guards.actor(request)
    org_id: UUID = request.path_params["org_id"]
    await leave_thread.end_part(
        office,
        actor,
        request.path_params["thread_id"],
        org_id=org_id,
        request_id=problems.request_id_of(request.scope),
    )
    return speaking.see_other("/threads") if org_id == actor.org_id else _back(request, "reply")


@routing.door(
    "POST",
    f"{_THREAD}/messages/{{message_id:uuid}}/retraction",
    policy=Action.MESSAGE_RETRACT,
    **staff.DOOR,
)
async def retract(request: Asked) -> Response[Any]:
    """Take a message back, and show who had it opened before."""
    form = await speaking.form(request)
    reason, comment = form.get("reason", ""), form.get("comment", "").strip()
    if reason not in set(RetractReason) or len(comment) > _COMMENT:
        wrong = {"comment": "too_long"} if len(comment) > _COMMENT else {"reason": "choose_one"}
        return await staff_threads.again(request, form, wrong)
    readers = await retract_message.retract_message(
        desk.of(request).office,
        guards.actor(request),
        retract_message.Retraction(
            thread_id=request.path_params["thread_id"],
            message_id=request.path_params["message_id"],
            reason=RetractReason(reason),
            comment=comment,
            request_id=problems.request_id_of(request.scope),
        ),
    )
    named = [", ".join(each for each in (reader.member, reader.org) if each) for reader in readers]
    return await staff_threads.show(request, {"taken_back": True, "readers": named})


@routing.door("POST", f"{_THREAD}/unread", policy=Action.THREAD_READ, **staff.DOOR)
async def unread(request: Asked) -> Response[Any]:
    """Mark it unread from a message on, for oneself alone, and go back to the list."""
    form = await speaking.form(request)
    number = form.get("number", "")
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise faults.Malformed("Send the form as the page has it.")
    await thread_desk.mark(
        desk.of(request).office,
        guards.actor(request),
        request.path_params["thread_id"],
        read_seq=int(number) - 1,
    )
    return speaking.see_other("/threads")


def _back(request: Asked, place: str) -> Response[Any]:
    return speaking.see_other(f"/threads/{request.path_params['thread_id']}#{place}")


def _done(request: Asked, place: str) -> Any:
    async def again(_: idempotency.Spent) -> Response[Any]:
        return _back(request, place)

    return again


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise faults.Malformed("Send the form as the page has it.") from None


HANDLERS = (note, forward, leave, retract, unread)
