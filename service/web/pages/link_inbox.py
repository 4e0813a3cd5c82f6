"""An agency's open requests on one page by a link, and the answers to several at once."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response

from service import faults
from service.actions import link_inbox
from service.actions.link_inbox import ANSWERS, Answer, Heard, Helper
from service.domain.policy import Action
from service.store.link_views import InboxRow
from service.web import desk, problems, routing, visits
from service.web.desk import Asked
from service.web.headers import Page
from service.web.pages import link_once, link_visit, link_words, speaking
from templates import words

Form = dict[str, str]

_IN_TOUCH_DAYS = 2
_LONGEST = 120
_HELPER = ("owner_name", "owner_phone", "expected_by")


@routing.door("GET", "/r/inbox", policy=Action.LINK_READ_CARD, page=Page.FORM, hidden=True)
async def listing(request: Asked) -> Response[Any]:
    """Show what waits for this agency, as neutral as a card."""
    if not visits.of(request).enrolled:
        return speaking.see_other("/r/people")
    day = link_words.today(visits.of(request)).date() + timedelta(days=_IN_TOUCH_DAYS)
    done = request.query_params.get("done", "")
    said = {"values": {"expected_by": day.isoformat()}}
    count = int(done) if done.isascii() and done.isdigit() and len(done) < 3 else 0
    return await _page(request, said | {"done": count})


async def take(request: Asked, form: Form) -> Response[Any]:
    """Record what is said of each; what could not be taken is said beside its request."""
    answers, errors = await _answers(request, form)
    helper = _helper(form, errors) if any(each.code == "accept" for each in answers) else None
    if errors:
        return await _page(request, {"errors": errors, "values": form}, status=422)
    if not answers:
        return await _nothing(request, form)
    heard = await link_inbox.answer(
        desk.of(request).office,
        visits.of(request),
        answers,
        helper=helper,
        request_id=problems.request_id_of(request.scope),
    )
    if not heard.refused:
        return speaking.see_other(f"/r/inbox?done={heard.taken}")
    return await _some_refused(request, form, heard)


async def _nothing(request: Asked, form: Form) -> Response[Any]:
    """Say at the first of the requests that none was answered."""
    rows = await _rows(request)
    errors = {f"answer-{row.leg_id}": "nothing_answered" for row in rows[:1]}
    return await _page(request, {"errors": errors, "values": form}, rows=rows, status=422)


async def _some_refused(request: Asked, form: Form, heard: Heard) -> Response[Any]:
    """Say what went through, which wait no more, and beside each other one why it did not."""
    visit = visits.of(request)
    rows = await _rows(request)
    say = speaking.saying(request, default=visit.language)
    errors = {
        f"answer-{row.leg_id}": words.word(say, heard.refused[row.leg_id].slug, "problem")
        for row in rows
        if row.leg_id in heard.refused
    }
    if len(errors) < len(heard.refused):
        errors = {"gone": "not_open", **errors}
    said = {"errors": errors, "values": form, "done": heard.taken, "gone": heard.gone}
    return await _page(request, said, rows=rows, status=409)


async def _answers(request: Asked, form: Form) -> tuple[list[Answer], Form]:
    found: list[Answer] = []
    errors: Form = {}
    given = {name: code for name, code in form.items() if name.startswith("answer-") and code}
    if len(given) > link_inbox.AT_ONCE:
        raise faults.Malformed("Send the form as the page has it.")
    for name, code in given.items():
        leg = name.removeprefix("answer-")
        try:
            if code not in ANSWERS:
                raise ValueError
            seen = int(form.get(f"seen-{leg}", "")[:9])
            leg_id = UUID(leg)
        except ValueError:
            errors[name] = "choose_one"
            continue
        taken_on = [form.get(name, "") for name in _HELPER] if code == "accept" else []
        once = await link_once.of(
            request,
            f"{form['nonce']}.{leg_id}",
            route="link inbox",
            body=msgspec.json.encode([code, *taken_on]),
        )
        found.append(Answer(leg_id=leg_id, seen=seen, code=code, once=once))
    return found, errors


def _helper(form: Form, errors: Form) -> Helper | None:
    name = form.get("owner_name", "").strip()
    if not name or len(name) > _LONGEST or "\n" in name:
        errors["owner_name"] = "missing"
    try:
        day = date.fromisoformat(form.get("expected_by", "").strip())
    except ValueError:
        errors["expected_by"] = "missing"
        return None
    phone = form.get("owner_phone", "").strip()[:40]
    return Helper(name=name, phone=phone or None, expected_by=day)


async def _rows(request: Asked) -> Sequence[InboxRow]:
    return await link_inbox.inbox(
        desk.of(request).office,
        visits.of(request),
        request_id=problems.request_id_of(request.scope),
    )


async def _page(
    request: Asked,
    said: dict[str, Any],
    *,
    rows: Sequence[InboxRow] | None = None,
    status: int = 200,
) -> Response[Any]:
    visit = visits.of(request)
    shown = rows if rows is not None else await _rows(request)
    context = {
        "rows": [_row(request, row) for row in shown],
        "nonce": await link_words.nonce(request),
        "agency": visit.public_name,
        "values": {},
    }
    return await link_visit.show(request, "link/inbox", context | said, status=status)


def _row(request: Asked, row: InboxRow) -> dict[str, Any]:
    visit = visits.of(request)
    return {
        "leg_id": str(row.leg_id),
        "version": row.version,
        "reference": row.reference,
        "sender": row.sender_name,
        "help": row.help.replace("_", " "),
        "area": ", ".join(row.area),
        "spoken": row.spoken,
        "urgency": row.priority,
        "due": link_words.local(visit, row.answer_due_at),
        "asked": row.state == "needs_info",
    }


HANDLERS = (listing,)
