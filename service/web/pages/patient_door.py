"""The way in from a text: one inert page, one button, one code.

Everything here looks the same whatever the link is, as at the agency's link.
"""

from litestar import Response

from crypto import token
from service import clock
from service.actions import start_page, verify_page
from service.actions.start_page import PagePressed
from service.domain.policy import Action
from service.web import desk, guards, limits, outer, page_visits, routing
from service.web.desk import Asked
from service.web.headers import Page
from service.web.pages import link, speaking
from templates import render

_PATH = "/p/{secret:path}"


def _landing() -> Response[bytes]:
    return Response(
        render.patient_landing(),
        media_type="text/html; charset=utf-8",
        headers={"content-security-policy": link.LANDING_CSP},
    )


@routing.door("GET", _PATH, policy=Action.PUBLIC, page=Page.FORM, hidden=True)
async def landing(request: Asked) -> Response[bytes]:
    """Show the page of every link, alive, dead or invented: nothing is looked up."""
    return _landing()


@routing.door("HEAD", _PATH, policy=Action.PUBLIC, page=Page.FORM, hidden=True)
async def landing_head(request: Asked) -> Response[bytes]:
    """Answer the headers of the page."""
    return _landing()


@routing.door("POST", _PATH, policy=Action.PUBLIC, page=Page.FORM, status=303, hidden=True)
async def press(request: Asked) -> Response[bytes]:
    """Do what the button does, and always lead to the page of the code."""
    await _limit(request)
    # A page of somebody else pressed the button: the same answer, and nothing behind it.
    secret = request.path_params["secret"].lstrip("/") if guards.from_here(request) else ""
    pressed = PagePressed(secret=token.secret_hash(secret), browser=page_visits.browser_of(request))
    made = await start_page.start_page(desk.of(request).office, pressed, now=clock.real_now())
    return page_visits.started(request, speaking.see_other("/p/code"), made)


@routing.door("GET", "/p/code", policy=Action.PUBLIC, page=Page.FORM, hidden=True)
async def code(request: Asked) -> Response[str]:
    """Show the field for the code; it says the same to everybody."""
    return speaking.page(request, "patient/code", {})


@routing.door("POST", "/p/code", policy=Action.PUBLIC, page=Page.FORM, status=303, hidden=True)
async def resend(request: Asked) -> Response[bytes]:
    """Text another code, where the limits allow it."""
    await _limit(request)
    browser = page_visits.browser_of(request)
    if browser is not None and guards.from_here(request):
        await start_page.ask_again(desk.of(request).office, browser, now=clock.real_now())
    return speaking.see_other("/p/code")


@routing.door("POST", "/p/verify", policy=Action.PUBLIC, page=Page.FORM, hidden=True)
async def verify(request: Asked) -> Response[str] | Response[bytes]:
    """Enter a code. What is not in form costs no try."""
    await _limit(request)
    form = await speaking.form(request)
    digits = token.tidy_code(form.get("code", ""))
    if digits is None:
        return _again(request, "invalid" if form.get("code", "").strip() else "missing")
    browser = page_visits.browser_of(request)
    if browser is None or not guards.from_here(request):
        browser = token.new_secret().digest
    office = desk.of(request).office
    opened = await verify_page.verify_page(office, browser, code=digits, now=clock.real_now())
    if opened is None:
        return _again(request, "wrong")
    return page_visits.opened(request, speaking.see_other("/p/request"), opened)


def _again(request: Asked, wrong: str) -> Response[str]:
    return speaking.page(request, "patient/code", {"errors": {"code": wrong}}, status=422)


async def _limit(request: Asked) -> None:
    here = desk.of(request)
    await here.limits.spend(limits.ADDRESS_LINK, limits.place_of(outer.address_of(request, here)))


HANDLERS = (landing, landing_head, press, code, resend, verify)
