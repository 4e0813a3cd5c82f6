"""The pages of a visit through a link: people, card, answers, who are you, details."""

from typing import Any

from litestar import Response
from litestar.handlers import HTTPRouteHandler

from service import clock
from service.actions import agency_note, link_files, read_card, read_details, step_up
from service.actions.read_card import Card
from service.domain.policy import Action
from service.domain.rules import Step
from service.web import desk, problems, routing, visits
from service.web.desk import Asked
from service.web.headers import Page
from service.web.pages import file_words, link_forms, link_words, speaking
from templates import words

FORMS: dict[Step, str] = {
    Step.ACCEPT: "link/accept",
    Step.DECLINE: "link/decline",
    Step.ASK: "link/ask",
    Step.CONFIRM_CANCEL: "link/confirm_cancel",
    Step.COMPLETE: "link/outcome",
}
"""Steps whose form is a page of its own; the others stand on the page of the details."""


async def show(
    request: Asked, name: str, context: dict[str, Any], *, status: int = 200
) -> Response[str]:
    """Render a page of this visit in the language of its office."""
    language = visits.of(request).language
    return speaking.page(request, name, context, status=status, language=language)


async def card_of(request: Asked) -> Card | None:
    """Read the card of this visit."""
    request_id = problems.request_id_of(request.scope)
    office = desk.of(request).office
    return await read_card.read_card(office, visits.of(request), request_id=request_id)


async def gone(request: Asked, card: Card | None) -> Response[str]:
    """Say that there is nothing to do any more, and why as far as it is known."""
    return await show(request, "link/ended", link_words.ended(card))


@routing.door("GET", "/r/card", policy=Action.LINK_READ_CARD, page=Page.FORM, hidden=True)
async def card(request: Asked) -> Response[Any]:
    """Show the neutral card, or first the one page that names people."""
    if not visits.of(request).enrolled:
        return speaking.see_other("/r/people")
    return await card_page(request, {})


async def card_page(request: Asked, said: dict[str, Any], *, status: int = 200) -> Response[Any]:
    """Show the neutral card with the agency's own note."""
    visit = visits.of(request)
    found = await card_of(request)
    if found is None or link_words.is_over(found):
        return await gone(request, found)
    context = link_words.card(found, visit, nonce=await link_words.nonce(request))
    context |= {"own_note": await agency_note.read(desk.of(request).office, visit)}
    return await show(request, "link/card", context | said, status=status)


@routing.door("GET", "/r/people", policy=Action.LINK_ACT, page=Page.FORM, hidden=True)
async def people(request: Asked) -> Response[Any]:
    """Ask who works here, once."""
    if visits.of(request).enrolled:
        return speaking.see_other("/r/card")
    return await enrol_page(request, {})


async def enrol_page(request: Asked, said: dict[str, Any], *, status: int = 200) -> Response[str]:
    """Show the page that names people."""
    context = {
        "nonce": await link_words.nonce(request),
        "organization_name": visits.of(request).public_name,
        "wrong_mailbox": visits.of(request).public_name,
        "people": link_forms.PEOPLE,
    }
    return await show(request, "link/enrol", context | said, status=status)


def _page_of(step: Step) -> HTTPRouteHandler:
    name = "outcome" if step is Step.COMPLETE else str(step)

    @routing.door("GET", f"/r/{name}", policy=Action.LINK_ACT, page=Page.FORM, hidden=True)
    async def form(request: Asked) -> Response[Any]:
        return await form_page(request, step, {})

    return form


async def form_page(
    request: Asked, step: Step, said: dict[str, Any], *, status: int = 200
) -> Response[Any]:
    """Show the form of one step, or lead back where the step is not open."""
    found = await card_of(request)
    if found is None or step not in found.acts:
        return speaking.see_other("/r/card")
    if step not in FORMS:
        return await details_page(request, found, said, status=status)
    context = link_words.form(found, visits.of(request), step)
    context["nonce"] = await link_words.nonce(request)
    return await show(request, FORMS[step], context | said, status=status)


@routing.door("GET", "/r/stepup", policy=Action.LINK_READ_CARD, page=Page.FORM, hidden=True)
async def who(request: Asked) -> Response[Any]:
    """Ask who is there."""
    if visits.of(request).stepped_up:
        return speaking.see_other("/r/details")
    return await step_up_page(request, {})


async def step_up_page(request: Asked, said: dict[str, Any], *, status: int = 200) -> Response[Any]:
    """Show the names of this office and the field for the PIN."""
    visit = visits.of(request)
    found = await card_of(request)
    if found is None:
        return await gone(request, None)
    known = await step_up.people_of(desk.of(request).office, visit, now=clock.real_now())
    context = {
        "nonce": await link_words.nonce(request),
        "people": [{"id": each.id, "name": each.name, "confirmed": each.ready} for each in known],
        **link_words.contact(found),
    }
    return await show(request, "link/stepup", context | said, status=status)


@routing.door("GET", "/r/details", policy=Action.LINK_READ_IDENTITY, page=Page.FORM, hidden=True)
async def details(request: Asked) -> Response[Any]:
    """Show whom it is about, to somebody who said who they are."""
    if not visits.of(request).stepped_up:
        return speaking.see_other("/r/stepup")
    found = await card_of(request)
    if found is None:
        return await gone(request, None)
    errors = file_words.errors_of(request.query_params.get("file", ""))
    return await details_page(request, found, {"errors": errors} if errors else {})


async def details_page(
    request: Asked, found: Card, said: dict[str, Any], *, status: int = 200
) -> Response[Any]:
    """Open the details and show them with the steps that are open."""
    visit = visits.of(request)
    opened = await read_details.read_details(
        desk.of(request).office, visit, request_id=problems.request_id_of(request.scope)
    )
    context = link_words.details(found, visit, opened)
    context["nonce"] = await link_words.nonce(request)
    found_files = await link_files.listed(desk.of(request).office, visit)
    context["files"] = file_words.shown(found_files, under="/r/files", own=visit.org_id)
    return await show(request, "link/details", context | said, status=status)


@routing.door("GET", "/r/done/{act:str}", policy=Action.LINK_READ_CARD, page=Page.FORM, hidden=True)
async def done(request: Asked) -> Response[Any]:
    """Confirm what was done; an address somebody made up leads to the card."""
    act = request.path_params["act"]
    found = await card_of(request)
    if act not in words.WORDS["receipt"] or found is None or found.last_step != act:
        return speaking.see_other("/r/card")
    nonce = await link_words.nonce(request)
    return await show(
        request, "link/done", link_words.done(found, visits.of(request), act=act, nonce=nonce)
    )


HANDLERS = (
    card,
    people,
    *(_page_of(step) for step in FORMS),
    who,
    details,
    done,
)
