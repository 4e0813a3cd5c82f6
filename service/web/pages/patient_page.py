"""The patient's one page: what happens next, a few answers, no more texts, and the way out."""

from collections.abc import Awaitable, Callable
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Response

from crypto import token
from service import clock, faults
from service.actions import answer_page, page_visit
from service.actions.answer_page import PatientPage
from service.actions.page_visit import PageVisit
from service.domain import patient_page
from service.domain.policy import Action
from service.store.rows import OnceRow
from service.web import desk, guards, idempotency, page_visits, routing
from service.web.desk import Asked
from service.web.headers import Page
from service.web.pages import speaking
from templates import render

_FORM = "page"
_DONE = frozenset({"answer", "stop"})


@routing.door("GET", "/p/request", policy=Action.PAGE_READ, page=Page.FORM, hidden=True)
async def show(request: Asked) -> Response[str]:
    """Show how the request stands, in the language of who was texted."""
    visit = page_visits.of(request)
    found = await answer_page.read_page(desk.of(request).office, visit)
    said = request.query_params.get("done", "")
    context = _words(found, visit) | {
        "nonce": await _nonce(request, visit),
        "done": said if said in _DONE else "",
    }
    return speaking.page(request, "patient/request", context, language=visit.language)


def _words(found: PatientPage, visit: PageVisit) -> dict[str, Any]:
    """Choose what is said: on a shared phone, and of care with a class, no name of anybody."""
    row, names = found.row, visit.names
    zone = ZoneInfo(row.appointment_zone or visit.time_zone)
    when = row.appointment_at if found.stage in _WITH_A_DAY else None
    place = (row.site_name, row.street, ", ".join(filter(None, (row.city, row.region))))
    return {
        "stage": found.stage,
        "asks": [(each, patient_page.answers(each, found.stage)) for each in found.asks],
        "said": [(each.kind, each.value, _local(each.claimed_at, visit)) for each in found.said],
        "when": when.astimezone(zone) if when is not None else None,
        "place": [each for each in place if each] if names and when is not None else [],
        "modality": row.modality if when is not None else None,
        "other_name": row.other_name if names and found.stage in _WITH_SOMEBODY else None,
        "other_phone": (row.site_phone or row.other_phone)
        if names and found.stage in _WITH_SOMEBODY
        else None,
        "our_name": row.public_name if visit.names_us else None,
        "our_phone": row.phone,
        "reference": row.reference,
        "pickup": found.pickup if found.stage in _WITH_SOMEBODY else "",
        "textable": row.textable,
    }


_WITH_A_DAY = frozenset({patient_page.Stage.BOOKED, patient_page.Stage.DAY_OVER})
_WITH_SOMEBODY = _WITH_A_DAY | {
    patient_page.Stage.TAKEN_ON,
    patient_page.Stage.WAITING_LIST,
    patient_page.Stage.NEW_DAY,
    patient_page.Stage.BEING_HELPED,
}


def _local(moment: Any, visit: PageVisit) -> Any:
    return moment.astimezone(ZoneInfo(visit.time_zone))


@routing.door("POST", "/p/answer", policy=Action.PAGE_ANSWER, page=Page.FORM, hidden=True)
async def answer(request: Asked) -> Response[Any]:
    """Take one answer; a form sent twice is one."""
    visit, form = page_visits.of(request), await _form(request)
    given = patient_page.answer_of(form.get("answer", ""))
    if given is None:
        raise faults.Malformed("Send the form as the page has it.")
    once = await _once(request, form, "answer")

    async def take() -> None:
        await answer_page.answer_page(desk.of(request).office, visit, given, once=once)

    return await _run(request, once, take, "/p/request?done=answer")


@routing.door("POST", "/p/stop", policy=Action.PAGE_ANSWER, page=Page.FORM, hidden=True)
async def stop(request: Asked) -> Response[Any]:
    """Send this phone no more texts."""
    visit, form = page_visits.of(request), await _form(request)
    once = await _once(request, form, "stop")

    async def take() -> None:
        await answer_page.stop_texts(desk.of(request).office, visit, once=once)

    return await _run(request, once, take, "/p/request?done=stop")


@routing.door("POST", "/p/exit", policy=Action.PUBLIC, page=Page.FORM, status=303, hidden=True)
async def leave(request: Asked) -> Response[Any]:
    """End the visit, if there is one, and lead to a page that says nothing of us."""
    visit = await page_visits.found_by(request) if guards.from_here(request) else None
    if visit is not None:
        await page_visit.leave(desk.of(request).office, visit, now=clock.real_now())
    return page_visits.ended(request, speaking.see_other("/p/left"))


@routing.door("GET", "/p/left", policy=Action.PUBLIC, page=Page.FORM, hidden=True)
async def left(request: Asked) -> Response[bytes]:
    """Show an empty page."""
    return Response(render.left(), media_type="text/html; charset=utf-8")


async def _form(request: Asked) -> dict[str, str]:
    """Read a form of this visit; raises VisitOver for one that is not of this hour."""
    form, visit = await speaking.form(request), page_visits.of(request)
    key = await desk.of(request).office.keys.network_key("form")
    fresh = token.check_form_nonce(
        key, form.get("nonce", ""), session=visit.secret, form=_FORM, at=clock.unix_seconds()
    )
    if not fresh or not guards.from_here(request):
        raise faults.VisitOver
    return form


async def _nonce(request: Asked, visit: PageVisit) -> str:
    key = await desk.of(request).office.keys.network_key("form")
    return token.form_nonce(key, session=visit.secret, form=_FORM, at=clock.unix_seconds())


async def _once(request: Asked, form: dict[str, str], act: str) -> OnceRow:
    """Make the row the act spends: this visit, this showing of the page, this answer."""
    visit = page_visits.of(request)
    key = await desk.of(request).office.keys.network_key("idempotency")
    route = f"page {act}"
    return OnceRow(
        principal=visit.id,
        key=form["nonce"],
        body_mac=token.idempotency_digest(key, route=route, body=await request.body()),
        route=route,
        status=303,
        org_id=visit.org_id,
    )


async def _run(
    request: Asked, once: OnceRow, take: Callable[[], Awaitable[None]], where: str
) -> Response[Any]:
    async def act() -> Response[Any]:
        await take()
        return speaking.see_other(where)

    async def again(_spent: idempotency.Spent) -> Response[Any]:
        return speaking.see_other(where)

    try:
        return await idempotency.run(request, once, act=act, again=again)
    except faults.IdempotencyMismatch:
        # One showing of the page is one answer; a second button of it shows the page anew.
        return speaking.see_other("/p/request")


HANDLERS = (show, answer, stop, leave, left)
