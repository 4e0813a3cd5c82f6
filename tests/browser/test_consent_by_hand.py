"""Consents by hand, in a browser without script: recorded, sent on, ended, renewed."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec
import pytest

from tests.browser.served import Served, fits, served
from tests.browser.test_five_people import Way, person
from tests.making import House
from tests.web import signing

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

FIELDS = "main input:not([type=hidden]), main select, main textarea"
UNNAMED = f"""[...document.querySelectorAll('{FIELDS}')]
  .filter(each => each.labels.length !== 1 || !each.labels[0].textContent.trim())
  .map(each => each.id)"""
"""Fields without exactly one label with words in it."""


class Network(msgspec.Struct):
    """Who plays: a program that sends, a clinic that receives, a patient of the first."""

    patient_id: UUID
    clinic: UUID
    service_id: UUID
    address: str


async def network(house: House) -> Network:
    await house.organization("Valley CCO", kind="coordination", cco=True)
    program = await house.organization("Rosehill Recovery", part2=True, public_name="Rosehill")
    clinic = await house.organization("Bay Clinic")
    return Network(
        patient_id=(await house.patient(program)).id,
        clinic=clinic.id,
        service_id=clinic.service_id,
        address=await signing.may_sign_in(house, program.actor, "ana@rosehill.example"),
    )


@pytest.fixture
def running(fresh_database: str, redis_url: str, tmp_path: Path) -> Iterator[Served]:
    with served(fresh_database, redis_url, tmp_path) as site:
        yield site


def sound(page: "Page") -> None:
    """Look whether a page fits its width and names each of its fields once."""
    assert fits(page), page.url
    assert page.evaluate(UNNAMED) == [], page.url
    assert page.locator("h1").count() == 1


def refused(page: "Page", field: str) -> None:
    """Follow the summary of what is wrong to its field."""
    page.wait_for_load_state("load")
    assert page.title().startswith("Error: ")
    page.locator(f'.govuk-error-summary a[href="#{field}"]').click()
    assert page.url.endswith(f"#{field}")
    described = page.locator(f"#{field}").get_attribute("aria-describedby") or ""
    assert f"{field}-error" in described.split()
    sound(page)


def record(page: "Page", known: Network) -> None:
    """Fill in a Part 2 consent, first without who signed it."""
    page.get_by_label("Basis for sharing", exact=True).select_option("part2_consent")
    page.get_by_label("General", exact=True).uncheck()
    page.get_by_label("Substance use treatment (42 CFR Part 2)", exact=True).check()
    page.get_by_label("Who may be told", exact=True).select_option(str(known.clinic))
    page.get_by_label("Signed or said on", exact=True).fill("2026-01-02")
    page.get_by_label("Valid through", exact=True).fill("2038-12-31")
    page.get_by_label("What may be told, in the words of the form").fill("Medication")
    page.get_by_label("The patient's name, as on the form").fill("María García")
    page.get_by_label("Who may tell it, as the form names them").fill("Rosehill")
    page.get_by_label("How the patient can take it back").fill("In writing")
    sound(page)
    page.get_by_role("button", name="Record the consent").click()
    refused(page, "signed_by")
    page.get_by_label("Who signed it").fill("María García")
    page.get_by_role("button", name="Record the consent").click()
    assert "The consent is recorded." in page.inner_text("main")
    assert "In force" in page.inner_text("main")
    sound(page)


@pytest.mark.parametrize("width", [320, 1280])
def test_protected_care_is_sent_on_a_consent_that_then_ends_and_is_renewed(
    running: Served, browser: "Browser", width: int
) -> None:
    known = running.run(network)
    with person(running, browser, known.address, Way(width, False, "en")) as ana:
        ana.get_by_role("link", name="New referral").click()
        ana.get_by_label("Family name", exact=True).first.fill("López")
        ana.get_by_label("First letter of the given name").fill("M")
        ana.get_by_role("button", name="Find the patient").click()
        ana.get_by_label("Send to", exact=True).select_option(str(known.service_id))
        ana.get_by_label("The question, in one line").fill("Can you look after the rest?")
        ana.get_by_label("How protected").select_option("part2")
        ana.get_by_label("Basis for sharing").select_option("treatment")
        ana.get_by_role("button", name="Send", exact=True).click()
        refused(ana, "consent_basis")
        with ana.context.expect_page() as opened:
            ana.get_by_role("link", name="Record a consent (opens in a new tab)").click()
        record(opened.value, known)
        ana.get_by_role("button", name="Show the consents on record").click()
        ana.get_by_label("Consent on record").select_option(index=1)
        ana.get_by_role("button", name="Send", exact=True).click()
        assert "Done: Send" in ana.inner_text("main")
        sent = ana.url.partition("?")[0]
        ended_and_renewed(ana, known)
        assert ana.url.partition("?")[0] == sent
        assert "The referral stands on the new consent." in ana.inner_text("main")
        assert "nobody is told anything new" not in ana.inner_text("main")


def ended_and_renewed(page: "Page", known: Network) -> None:
    """End the consent of the referral that is shown, record another, and move it there."""
    sent = page.url.partition("?")[0]
    page.get_by_role("link", name="Consents of this patient").click()
    end = page.get_by_role("button", name="End this consent")
    end.click()
    page.wait_for_load_state("load")
    assert page.title().startswith("Error: ")
    page.get_by_label("Why does it end?").select_option("withdrawn")
    page.get_by_role("button", name="End this consent").click()
    assert "their owners were asked to decide" in page.inner_text("main")
    record(page, known)
    page.goto(sent)
    assert "nobody is told anything new" in page.inner_text("main")
    page.get_by_role("link", name="Choose a renewed one").click()
    sound(page)
    page.get_by_role("button", name="Use this consent").click()
    refused(page, "consent_id")
    page.get_by_label("Consent on record").select_option(index=1)
    page.get_by_role("button", name="Use this consent").click()
