"""An agency's open requests on one page by a link, and the answers to several at once."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from litestar import Response

from service.actions import link_inbox
from service.actions.link_inbox import ANSWERS, Answer, Helper
from service.domain.policy import Action
from service.store.link_views import InboxRow
from service.web import desk, problems, routing, visits
from service.web.desk import Asked
from service.web.headers import Page
from service.web.pages import link_visit, link_words, speaking
from templates import words

Form = dict[str, str]

_IN_TOUCH_DAYS = 2
_LONGEST = 120


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
    answers, errors = _answers(form)
    helper = _helper(form, errors) if any(each.code == "accept" for each in answers) else None
    if not answers and not errors:
        errors[""] = "nothing_answered"
    if errors:
        return await _page(request, {"errors": errors, "values": form}, status=422)
    refused = await link_inbox.answer(
        desk.of(request).office,
        visits.of(request),
        answers,
        helper=helper,
        request_id=problems.request_id_of(request.scope),
    )
    if not refused:
        return speaking.see_other(f"/r/inbox?done={len(answers)}")
    say = speaking.saying(request, default=visits.of(request).language)
    told = {
        f"answer-{leg_id}": words.word(say, fault.slug, "problem")
        for leg_id, fault in refused.items()
    }
    return await _page(request, {"errors": told, "values": form}, status=409)


def _answers(form: Form) -> tuple[list[Answer], Form]:
    found: list[Answer] = []
    errors: Form = {}
    for name, code in form.items():
        if not name.startswith("answer-") or not code:
            continue
        leg = name.removeprefix("answer-")
        try:
            if code not in ANSWERS:
                raise ValueError
            seen = int(form.get(f"seen-{leg}", "")[:9])
            found.append(Answer(leg_id=UUID(leg), seen=seen, code=code))
        except ValueError:
            errors[name] = "choose_one"
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


async def _page(request: Asked, said: dict[str, Any], *, status: int = 200) -> Response[Any]:
    visit = visits.of(request)
    rows = await link_inbox.inbox(
        desk.of(request).office, visit, request_id=problems.request_id_of(request.scope)
    )
    context = {
        "rows": [_row(request, row) for row in rows],
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
