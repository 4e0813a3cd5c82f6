"""One conversation: what was said, by whom, and a form to answer."""

from typing import Any
from uuid import UUID

from litestar import Response

from service import faults
from service.actions import (
    keep_session,
    read_attachment,
    read_organizations,
    read_thread,
    send_message,
    thread_desk,
)
from service.actions.read_thread import Line, Sheet
from service.actions.send_message import NewMessage
from service.domain import notices, policy
from service.domain import threads as rules
from service.domain.people import Actor, Channel, SensitivityClass
from service.domain.policy import Action
from service.domain.threads import MessageState
from service.web import desk, guards, idempotency, limits, problems, routing
from service.web.desk import Asked
from service.web.pages import file_words, kept_forms, speaking, staff, taking_back
from templates import words

_ORGANIZATIONS = 500


@routing.door("GET", "/threads/{thread_id:uuid}", policy=Action.THREAD_READ, **staff.LIVE_DOOR)
async def read(request: Asked) -> Response[Any]:
    """Show the newest messages of a conversation, or those before a number."""
    parked = await kept_forms.here(request)
    if parked is None:
        return await show(request, {})
    try:
        told = words.word(staff.saying(request), "resumed", "notice")
        return await show(request, {"values": dict(parked.fields), "resumed": told})
    except (faults.Missing, faults.Refused):
        return kept_forms.plainly(request)


async def show(request: Asked, said: dict[str, Any], *, status: int = 200) -> Response[Any]:
    """Show a conversation with what is to be said about an act just done or refused."""
    office, actor = desk.of(request).office, guards.actor(request)
    before = request.query_params.get("before", "") if request.scope["method"] == "GET" else ""
    sheet = await read_thread.read_thread(
        office,
        actor,
        request.path_params["thread_id"],
        before=_number(before) if before else None,
        request_id=problems.request_id_of(request.scope),
    )
    zone = (await keep_session.current(office, actor)).member.time_zone
    errors = file_words.errors_of(request.query_params.get("file", ""))
    said = {**({"errors": errors} if errors else {}), **said}
    context = {"files": await _files(request), "file_nonce": staff.nonce()}
    context |= {"nonce": staff.nonce(), **thread_of(sheet, actor, zone)}
    context |= await _own(request, actor, sheet, said) | said
    hears = f"about={request.path_params['thread_id']}"
    return await staff.show(
        request, "staff/thread", context, status=status, where=zone, hears=hears
    )


async def again(request: Asked, form: dict[str, str], errors: dict[str, str]) -> Response[Any]:
    """Show it with what was typed and what is wrong with it."""
    return await show(request, {"errors": errors, "values": form}, status=422)


async def _files(request: Asked) -> list[dict[str, Any]]:
    actor = guards.actor(request)
    found = await read_attachment.listed_in_thread(
        desk.of(request).office,
        actor,
        request.path_params["thread_id"],
        request_id=problems.request_id_of(request.scope),
    )
    return file_words.shown(
        found, under="/files", own=actor.org_id, retracts=taking_back.may_of(actor)
    )


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text)):
        raise faults.Missing
    return int(text)


async def _own(request: Asked, actor: Actor, sheet: Sheet, said: dict[str, Any]) -> dict[str, Any]:
    """Add what only somebody who may write needs: a draft, and whom else to let in."""
    if not _writes(actor, sheet):
        return {"writes": False, "guests": []}
    office = desk.of(request).office
    known = await read_organizations.list_organizations(
        office, actor, after=None, limit=_ORGANIZATIONS
    )
    here = {each.org_id for each in sheet.parties if each.ended_at is None}
    guests = [
        (str(each.id), each.public_name)
        for each in known
        if each.id not in here and each.channel == Channel.ACCOUNT
    ]
    draft = None if "values" in said else await thread_desk.read_draft(office, actor, sheet.id)
    values = {"text": draft.text} if draft is not None else {}
    return {"writes": True, "guests": guests, "values": values, "drafted": draft is not None}


def _writes(actor: Actor, sheet: Sheet) -> bool:
    resource = policy.Resource(
        org_id=actor.org_id, sensitivity=SensitivityClass(sheet.sensitivity), participant=True
    )
    return isinstance(policy.decide(actor, Action.THREAD_WRITE, resource=resource), policy.Allow)


def thread_of(sheet: Sheet, actor: Actor, zone: str) -> dict[str, Any]:
    """Spell a conversation for its page."""
    first = sheet.lines[0].card.seq if sheet.lines else 1
    known = {line.card.id: line.card.seq for line in sheet.lines}
    takes_part = [each for each in sheet.parties if each.ended_at is None]
    return {
        "thread": {
            "id": str(sheet.id),
            "reference": sheet.reference,
            "subject": sheet.subject or "",
            "notice": notices.NOTICE if sheet.notice else "",
            "broken": sheet.broken_glass is not None,
            "referral_href": f"/referrals/{sheet.referral_id}" if sheet.referral_id else "",
            "referral_reference": sheet.referral_reference or "",
            "refers_href": _refers(sheet, actor),
            "organizations": [each.name for each in takes_part],
            "left": [each.name for each in sheet.parties if each.ended_at is not None],
            "people": [each.name for each in sheet.members],
            "earlier_href": f"/threads/{sheet.id}?before={first}" if first > sheet.from_seq else "",
            "own": str(actor.org_id),
            "ends": [
                {"id": str(each.org_id), "name": each.name, "own": each.org_id == actor.org_id}
                for each in takes_part
                if len(takes_part) > 1 and (each.org_id == actor.org_id or sheet.owner)
            ],
        },
        "lines": [_line(line, sheet, actor, zone, known=known) for line in sheet.lines],
        "notes": [
            {
                "who": note.card.name,
                "at": staff.local(note.card.created_at, zone),
                "text": note.text,
            }
            for note in sheet.notes
        ],
    }


def _refers(sheet: Sheet, actor: Actor) -> str:
    """Lead whoever asked for advice on to a referral of it: who talks here stays."""
    may = sheet.owner and sheet.referral_id is None and policy.ever(actor, Action.REFERRAL_CREATE)
    return f"/referrals/new?thread_id={sheet.id}" if may else ""


def _line(
    line: Line, sheet: Sheet, actor: Actor, zone: str, *, known: dict[UUID, int]
) -> dict[str, Any]:
    card = line.card
    readable = line.state is MessageState.READABLE
    return {
        "id": str(card.id),
        "number": card.seq,
        "who": ", ".join(each for each in (line.author, line.author_org) if each),
        "at": staff.local(card.created_at, zone),
        "text": line.text if readable else None,
        "retracted": line.state is MessageState.RETRACTED,
        "absent": line.state is MessageState.ABSENT,
        "reason": card.retract_reason or "",
        "comment": line.comment or "",
        "answers": known.get(card.reply_to) if card.reply_to else None,
        "new": sheet.unread_from is not None and card.seq >= sheet.unread_from,
        "retractable": readable and _retracts(actor, card.author_org_id, sheet),
    }


def _retracts(actor: Actor, author_org_id: UUID, sheet: Sheet) -> bool:
    resource = policy.Resource(
        org_id=author_org_id, sensitivity=SensitivityClass(sheet.sensitivity), participant=True
    )
    return isinstance(policy.decide(actor, Action.MESSAGE_RETRACT, resource=resource), policy.Allow)


@routing.door(
    "POST", "/threads/{thread_id:uuid}/messages", policy=Action.THREAD_WRITE, **staff.DOOR
)
async def send(request: Asked) -> Response[Any]:
    """Say something to everybody who takes part, or keep it as a draft; what was typed stays."""
    form = await speaking.form(request)
    text = form.get("text", "").strip()
    office, actor = desk.of(request).office, guards.actor(request)
    thread_id: UUID = request.path_params["thread_id"]
    if form.get("draft") and len(text) <= rules.LONGEST_TEXT:
        await thread_desk.keep_draft(office, actor, thread_id, text=text)
        return speaking.see_other(f"/threads/{thread_id}#reply")
    wrong = message_fault(text)
    if wrong:
        return await again(request, form, {"text": wrong})
    await desk.of(request).limits.spend(limits.MESSAGES, str(actor.member_id))
    once = await idempotency.once_of_form(request, form.get("nonce", ""))
    wish = NewMessage(
        thread_id=thread_id,
        text=text,
        once=once,
        files=file_words.chosen(form),
        request_id=problems.request_id_of(request.scope),
    )

    async def act() -> Response[Any]:
        await send_message.send_message(office, actor, wish)
        return speaking.see_other(f"/threads/{thread_id}#reply")

    async def sent(_: idempotency.Spent) -> Response[Any]:
        return speaking.see_other(f"/threads/{thread_id}#reply")

    return await idempotency.run(request, once, act=act, again=sent)


def message_fault(text: str) -> str:
    """Name what is wrong with words to be sent, or nothing."""
    if not text:
        return "missing"
    return "too_long" if len(text) > rules.LONGEST_TEXT else ""


HANDLERS = (read, send)
