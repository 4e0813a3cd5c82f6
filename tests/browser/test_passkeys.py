"""A passkey in a real browser: added, used to come back to the same page and draft, used to prove.

Source: Chromium's virtual authenticator, WebAuthn domain of the DevTools protocol.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest

from service.actions import start_thread
from service.actions.thread_guests import Invited
from service.domain.rules import Step
from tests.browser.served import Served, served
from tests.making import House, Org
from tests.web import signing

if TYPE_CHECKING:
    from playwright.sync_api import Browser, CDPSession, Page

pytestmark = pytest.mark.browser
ADDRESS = "ana@northside.example"


async def _ana(house: House) -> Org:
    org = await house.organization("Northside Clinic")
    await signing.may_sign_in(house, org.actor, ADDRESS)
    return org


@pytest.fixture
def running(fresh_database: str, redis_url: str, tmp_path: Path) -> Iterator[Served]:
    with served(fresh_database, redis_url, tmp_path) as site:
        yield site


@contextmanager
def desk(running: Served, browser: "Browser") -> Iterator[tuple["Page", "CDPSession", str]]:
    """Open a browser with an authenticator in it, at the name that passkeys can be made for."""
    context = browser.new_context()
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    device: dict[str, Any] = devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    yield page, devtools, device["authenticatorId"]
    context.close()


def at(running: Served, path: str) -> str:
    return running.url.replace("127.0.0.1", "localhost") + path


def sign_in(page: "Page") -> None:
    page.get_by_label("E-mail address").fill(ADDRESS)
    page.get_by_label("Password").fill(signing.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def add_passkey(page: "Page", running: Served) -> None:
    page.goto(at(running, "/account"))
    page.get_by_label("What do you call it?").fill("Desk key")
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_role("heading", name="Desk key").wait_for()


async def _run_out(house: House) -> None:
    owner = await asyncpg.connect(house.url)
    await owner.execute("update lk.session set seen_at = seen_at - interval '1 hour'")
    await owner.close()


def test_a_passkey_brings_its_person_back_to_the_same_page_and_draft(
    running: Served, browser: "Browser"
) -> None:
    running.run(_ana)
    with desk(running, browser) as (page, devtools, device):
        page.goto(at(running, "/"))
        sign_in(page)
        add_passkey(page, running)
        held = devtools.send("WebAuthn.getCredentials", {"authenticatorId": device})["credentials"]
        assert [each["isResidentCredential"] for each in held] == [True]
        page.goto(at(running, "/referrals/new"))
        page.get_by_text("A new patient", exact=True).click()
        page.get_by_label("Given name", exact=True).fill("Elena")
        page.get_by_label("What they need to know").fill("Two children, no heating")
        running.run(_run_out)
        page.wait_for_timeout(1100)
        page.get_by_role("button", name="Send", exact=True).click()
        page.get_by_text("What you typed is kept for you").wait_for()
        page.get_by_role("button", name="Sign in with a passkey").click()
        page.get_by_role("heading", name="New referral").wait_for()
        assert page.get_by_label("What they need to know").input_value() == (
            "Two children, no heating"
        )
        assert page.locator("#given_name").input_value() == "Elena"


async def _talk(house: House) -> str:
    """Begin a conversation of Ana's, and return its page."""
    ana, other = await _ana(house), await house.organization("Harbor Food Bank")
    wish = start_thread.NewThread(
        subject="A delivery", text="When?", participants=(Invited(org_id=other.id),)
    )
    made = await start_thread.start_thread(house.office, ana.actor, wish)
    return f"/threads/{made.thread_id}"


async def _accepted(house: House) -> str:
    """Send Ana a referral that she accepts, and return its page."""
    ana, sender = await _ana(house), await house.organization("Sender")
    taken = await house.sent(sender, [ana])
    await house.step(ana.actor, taken.plan.referral.legs[0].id, Step.ACCEPT)
    return f"/referrals/{taken.referral_id}"


def test_a_passkey_brings_its_person_back_to_a_reply_half_written(
    running: Served, browser: "Browser"
) -> None:
    thread = running.run(_talk)
    with desk(running, browser) as (page, _, _):
        page.goto(at(running, "/"))
        sign_in(page)
        add_passkey(page, running)
        page.goto(at(running, thread))
        page.get_by_label("Your message to everybody").fill("On Tuesday, to the door")
        _comes_back(page, running, "Send the message")
        assert page.url.startswith(at(running, f"{thread}?kept="))
        reply = page.get_by_label("Your message to everybody")
        assert reply.input_value() == "On Tuesday, to the door"
        page.get_by_role("button", name="Send the message").click()
        page.get_by_text("On Tuesday, to the door").wait_for()
        assert page.url == at(running, f"{thread}#reply")


def test_a_passkey_brings_its_person_back_to_a_consult_note_half_written(
    running: Served, browser: "Browser"
) -> None:
    referral = running.run(_accepted)
    with desk(running, browser) as (page, _, _):
        page.goto(at(running, "/"))
        sign_in(page)
        add_passkey(page, running)
        page.goto(at(running, referral))
        form = page.locator("details", has=page.locator("input[name=act][value=complete]"))
        form.locator("summary").click()
        form.locator("textarea[name=note]").fill("Seen and treated, back in May")
        form.locator("select[name=outcome]").select_option("served")
        _comes_back(page, running, form.get_by_role("button"))
        assert page.url.startswith(at(running, f"{referral}?kept="))
        assert form.locator("textarea[name=note]").input_value() == "Seen and treated, back in May"
        assert form.locator("textarea[name=note]").is_visible()
        assert form.locator("select[name=outcome]").input_value() == "served"


def _comes_back(page: "Page", running: Served, button: Any) -> None:
    """Send a form after the session ran out, and sign in again with the passkey."""
    running.run(_run_out)
    page.wait_for_timeout(1100)
    found = page.get_by_role("button", name=button) if isinstance(button, str) else button
    found.click()
    page.get_by_text("What you typed is kept for you").wait_for()
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.get_by_text("nothing was sent").wait_for()


def test_a_passkey_opens_a_locked_desk_and_proves_again(
    running: Served, browser: "Browser"
) -> None:
    running.run(_ana)
    with desk(running, browser) as (page, _, _):
        page.goto(at(running, "/"))
        sign_in(page)
        add_passkey(page, running)
        page.goto(at(running, "/tasks?member=mine"))
        page.get_by_role("button", name="Lock, or switch user").click()
        page.get_by_text("This desk is locked").wait_for()
        page.get_by_role("button", name="Sign in with a passkey").click()
        page.wait_for_url("**/tasks?member=mine")
        page.goto(at(running, "/prove?next=/account"))
        page.get_by_role("button", name="Use a passkey").click()
        page.get_by_role("heading", name="Where you are signed in").wait_for()
        assert page.locator("tbody tr").count() == 1
        page.get_by_role("button", name="Take it away").click()
        page.get_by_role("heading", name="Where you are signed in").wait_for()
        assert page.get_by_role("heading", name="Desk key").count() == 0


def test_an_unverified_owner_is_told_and_may_use_the_password(
    running: Served, browser: "Browser"
) -> None:
    running.run(_ana)
    with desk(running, browser) as (page, devtools, device):
        page.goto(at(running, "/"))
        sign_in(page)
        add_passkey(page, running)
        page.get_by_role("button", name="Sign out").click()
        devtools.send(
            "WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False}
        )
        page.get_by_role("button", name="Sign in with a passkey").click()
        page.get_by_text("That did not work").wait_for()
        sign_in(page)
        page.get_by_role("button", name="Sign out").wait_for()


def test_without_script_the_button_is_hidden_and_the_password_works(
    running: Served, browser: "Browser"
) -> None:
    running.run(_ana)
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(at(running, "/"))
    assert not page.get_by_role("button", name="Sign in with a passkey").is_visible()
    sign_in(page)
    page.get_by_role("button", name="Sign out").wait_for()
    context.close()
