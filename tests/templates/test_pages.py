"""Every page renders from what a handler can give, and says what a page must say."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import jinja2.meta
import pytest

import templates
from service.domain import outcome, rules
from templates import assets, render, surroundings, words
from tests.templates import samples

# Who ends reminders is on no visit: the secret in the address is all there is.
LINK = [name for name in samples.PAGES if name.startswith("link/") and name != "link/mail_off"]
EVERY = [(name, language) for name in samples.PAGES for language in templates.LANGUAGES]
SCRIPTS = {
    **dict.fromkeys(("staff/sign_in", "staff/prove", "staff/account"), ("passkeys.js",)),
    **dict.fromkeys(("staff/new_referral", "staff/referral"), ("drafts.js",)),
    "staff/home": ("htmx.js", "panes.js"),
}
"""What each page may load, all of it ours to serve; every other page loads nothing."""
"""Pages on which a script of our own asks an authenticator; what needs it is hidden without it."""

WITHOUT_A_VISIT = {"link/landing", "patient/landing", "patient/left"}
"""Pages of fixed bytes, in both languages at once; `tests/web` reads them."""

VOID = {"meta", "link", "input", "br", "img", "hr"}


class Outline(HTMLParser):
    """What a page is made of: its tags with attributes, and tags left open."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]

    def ids(self) -> list[str]:
        return [attrs["id"] or "" for _, attrs in self.tags if "id" in attrs]


def outline(name: str, language: str) -> tuple[str, Outline]:
    page = render.page(name, language=language, context=samples.PAGES[name])
    return page, Outline(page)


@pytest.mark.parametrize(("name", "language"), EVERY)
def test_a_page_has_a_title_one_heading_a_skip_link_and_its_language(name, language) -> None:
    page, found = outline(name, language)
    assert found.open == []
    assert len(found.all("title")) == len(found.all("h1")) == len(found.all("main")) == 1
    assert found.all("html")[0]["lang"] == language
    assert 'href="#main-content" class="govuk-skip-link"' in page


@pytest.mark.parametrize(("name", "language"), EVERY)
def test_every_field_has_a_label_and_every_reference_inside_the_page_leads_somewhere(
    name, language
) -> None:
    _, found = outline(name, language)
    ids = found.ids()
    assert len(ids) == len(set(ids))
    labelled = {attrs.get("for") for attrs in found.all("label")}
    fields = [each for tag in ("input", "textarea", "select") for each in found.all(tag)]
    assert {each["id"] for each in fields if each.get("type") != "hidden"} <= labelled
    anchors = [
        (each.get("href") or "")[1:]
        for each in found.all("a")
        if (each.get("href") or "").startswith("#")
    ]
    described = [
        word for _, each in found.tags for word in (each.get("aria-describedby") or "").split()
    ]
    assert set(anchors + described) <= set(ids)


@pytest.mark.parametrize(("name", "language"), EVERY)
def test_a_page_needs_no_script_and_carries_no_style_of_its_own(name, language) -> None:
    page, found = outline(name, language)
    assert not found.all("style") + found.all("img")
    scripts = [each.get("src") for each in found.all("script")]
    assert scripts == [assets.asset(each) for each in SCRIPTS.get(name, ())]
    for _, attrs in found.tags:
        assert not [each for each in attrs if each == "style" or each.startswith("on")]
    assert "javascript:" not in page
    urls = [each.get("href") or "" for each in found.all("link")]
    assert all(url.startswith(assets.PREFIX) for url in urls)


@pytest.mark.parametrize("name", LINK)
def test_every_form_of_a_link_page_says_its_act_and_its_nonce(name) -> None:
    page, found = outline(name, "en")
    for form in re.findall(r"<form.*?</form>", page, flags=re.DOTALL):
        assert 'name="act" value="' in form
        assert 'name="nonce" value="n' in form
    actions = {each.get("action") for each in found.all("form")}
    assert actions <= {"/r/act", "/r/verify", "/r/code", "/r/files"}


@pytest.mark.parametrize("name", samples.PAGES)
def test_errors_are_named_in_the_title_the_summary_and_at_the_field(name) -> None:
    errors = samples.PAGES[name].get("errors")
    page, _ = outline(name, "en")
    assert ("<title>Error: " in page) == bool(errors)
    for field in errors or {}:
        assert f'href="#{field}"' in page or field == "sign_in"
        assert f'id="{field}-error"' in page or field == "sign_in"


def test_the_landing_page_has_no_variable_and_both_languages() -> None:
    source = (surroundings.FOLDER / "pages/link/landing.html").read_text()
    for language in templates.LANGUAGES:
        made = templates.environment(language)
        assert jinja2.meta.find_undeclared_variables(made.parse(source)) == set()
        assert made.from_string(source).render(reference="x").encode() == render.landing()
    found = Outline(render.landing().decode())
    (form,) = found.all("form")
    assert (form["method"], form.get("action")) == ("post", None)
    assert len(found.all("button")) == 1
    assert found.all("input") + found.all("script") == []
    assert [attrs for _, attrs in found.tags if attrs.get("lang") == "es"]


def test_the_neutral_card_cannot_say_who_it_is_about() -> None:
    card = surroundings.FOLDER / "pages/link/card.html"
    told = jinja2.meta.find_undeclared_variables(templates.environment().parse(card.read_text()))
    assert not told & {"patient", "narrative", "question", "contacts", "answers"}


def test_what_people_wrote_is_text_and_never_markup() -> None:
    context = samples.PAGES["link/details"] | {"narrative": '<script>"x"</script>'}
    page = render.page("link/details", language="en", context=context)
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_an_unknown_language_is_english_and_a_regional_one_its_own() -> None:
    assert [templates.language_of(each) for each in ("es-MX", "ES", "vi", "")] == [
        "es",
        "es",
        "en",
        "en",
    ]


def test_the_codes_of_the_rules_all_have_words() -> None:
    for group, codes in {
        "decline": outcome.DeclineReason,
        "unable": outcome.UnableReason,
        "outcome": outcome.Outcome,
        "need_met": outcome.NeedMet,
        "consent_basis": outcome.ConsentBasis,
        "step": rules.Step,
    }.items():
        assert {code.value for code in codes} <= set(words.WORDS[group]), group


def test_every_page_file_is_shown_here() -> None:
    folder = surroundings.FOLDER / "pages"
    files = {str(Path(each).relative_to(folder))[:-5] for each in folder.rglob("*.html")}
    assert files == {*samples.PAGES, *WITHOUT_A_VISIT}


def test_a_form_nobody_filled_in_holds_nothing() -> None:
    page = render.page("link/ask", language="en", context=samples.REQUEST)
    assert "built-in method" not in page
    assert "govuk-error-message" not in page
    assert re.search(r"<textarea[^>]*></textarea>", page)
