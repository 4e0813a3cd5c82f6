"""The way in by link: one inert page, one button, one code.

Everything here looks the same whatever the link is. The page is one file; the button's answer is
one redirect; a wrong, late, used or never-sent code is one sentence.
"""

from litestar import Response

from crypto import token
from service import clock
from service.actions import start_link, verify_link
from service.actions.start_link import Pressed
from service.actions.verify_link import Entered
from service.domain.policy import Action
from service.web import desk, guards, limits, outer, routing, visits
from service.web.desk import Asked
from service.web.headers import Page
from service.web.pages import speaking
from templates import render

LANDING_CSP = (
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'"
)
_PATH = "/r/{secret:path}"


def _landing() -> Response[bytes]:
    return Response(
        render.landing(),
        media_type="text/html; charset=utf-8",
        headers={"content-security-policy": LANDING_CSP},
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
    begun = await start_link.start_link(
        desk.of(request).office,
        Pressed(
            secret=token.secret_hash(secret),
            browser=visits.browser_of(request),
            known=visits.known_of(request),
            visit=visits.visit_of(request),
        ),
        now=clock.real_now(),
    )
    where = "/r/card" if begun.inside or begun.session is not None else "/r/code"
    return visits.started(request, speaking.see_other(where), begun)


@routing.door("GET", "/r/code", policy=Action.PUBLIC, page=Page.FORM, hidden=True)
async def code(request: Asked) -> Response[str]:
    """Show the field for the code; it says the same to everybody."""
    return speaking.page(request, "link/code", {})


@routing.door("POST", "/r/code", policy=Action.PUBLIC, page=Page.FORM, status=303, hidden=True)
async def resend(request: Asked) -> Response[bytes]:
    """Mail another code, where the limits allow it."""
    await _limit(request)
    browser = visits.browser_of(request)
    if browser is not None and guards.from_here(request):
        await start_link.ask_again(desk.of(request).office, browser, now=clock.real_now())
    return speaking.see_other("/r/code")


@routing.door("POST", "/r/verify", policy=Action.PUBLIC, page=Page.FORM, hidden=True)
async def verify(request: Asked) -> Response[str] | Response[bytes]:
    """Enter a code. What is not in form costs no try."""
    await _limit(request)
    form = await speaking.form(request)
    digits = token.tidy_code(form.get("code", ""))
    if digits is None:
        wrong = "invalid" if form.get("code", "").strip() else "missing"
        return _again(request, wrong)
    browser = visits.browser_of(request)
    if browser is None or not guards.from_here(request):
        browser = token.new_secret().digest
    entered = Entered(browser=browser, code=digits, remember=bool(form.get("remember")))
    opened = await verify_link.verify_link(desk.of(request).office, entered, now=clock.real_now())
    if opened is None:
        return _again(request, "wrong")
    return visits.opened(request, speaking.see_other("/r/card"), opened)


def _again(request: Asked, wrong: str) -> Response[str]:
    return speaking.page(request, "link/code", {"errors": {"code": wrong}}, status=422)


async def _limit(request: Asked) -> None:
    here = desk.of(request)
    await here.limits.spend(limits.ADDRESS_LINK, limits.place_of(outer.address_of(request, here)))


HANDLERS = (landing, landing_head, press, code, resend, verify)
