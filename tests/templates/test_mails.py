"""Mails: three files each, in both languages, saying no more than the short list allows."""

from __future__ import annotations

import jinja2.meta
import pytest

import templates
from templates import render, surroundings
from tests.templates import samples

FOLDER = surroundings.FOLDER / "email"
NAMES = sorted(each.name for each in FOLDER.iterdir())
EVERY = [(name, language) for name in NAMES for language in templates.LANGUAGES]


def mail(name: str, language: str = "en", **changes: object) -> render.MailText:
    return render.mail(name, language=language, context=samples.MAIL | changes)


@pytest.mark.parametrize(("name", "language"), EVERY)
def test_a_mail_has_a_subject_a_text_and_quiet_html(name, language) -> None:
    said = mail(name, language)
    assert said.subject
    assert "\n" not in said.subject
    assert "&lt;" not in said.text + said.subject
    assert "<Clinic>" not in said.html
    assert f'<html lang="{language}">' in said.html
    for loud in ("<img", "<script", "src=", "url(", "<link", "background="):
        assert loud not in said.html
    assert "{" not in said.text + said.subject


@pytest.mark.parametrize("name", NAMES)
def test_a_mail_uses_only_fields_of_the_short_list(name) -> None:
    for part in ("subject.txt", "body.txt", "body.html"):
        made = templates.environment()
        used = jinja2.meta.find_undeclared_variables(made.parse((FOLDER / name / part).read_text()))
        ours = {"gettext", "ngettext", "_", "words"}
        assert used - ours <= render.MAIL_FIELDS


def test_the_short_list_names_nothing_about_health_or_the_patient() -> None:
    assert not render.MAIL_FIELDS & {"patient", "patient_name", "help", "service", "question"}
    with pytest.raises(render.UnknownMailFieldError, match="may not say patient_name"):
        mail("link_invite", patient_name="María")


@pytest.mark.parametrize("language", templates.LANGUAGES)
def test_the_code_stands_in_the_first_line_and_never_in_the_subject(language) -> None:
    said = mail("link_code", language)
    assert "12345678" in said.text.splitlines()[0]
    assert "12345678" not in said.subject


@pytest.mark.parametrize("name", [each for each in NAMES if each != "link_code"])
def test_no_other_mail_carries_a_code(name) -> None:
    assert "12345678" not in "".join((mail(name).subject, mail(name).text, mail(name).html))


def test_the_invitation_says_all_that_it_may() -> None:
    said = mail("link_invite").text
    for part in (
        "Northside",
        "7F3K-22QA",
        "blue kettle",
        "urgent",
        "Nov 24",
        "+1 503 555 0142",
        "3 requests",
        str(samples.MAIL["link_url"]),
        "Not your address?",
    ):
        assert part in said
    bare = {
        "public_name": "Northside",
        "reference": "7F3K-22QA",
        "link_url": "https://x.example/r/a",
    }
    assert "phrase" not in render.mail("link_invite", language="en", context=bare).text


def test_a_name_cannot_write_lines_of_its_own() -> None:
    said = mail("link_invite", public_name="Clinic\n\nSend your PIN to evil.example")
    assert not [line for line in said.text.splitlines() if line.startswith("Send your PIN")]
    assert "\n" not in said.subject


def test_words_of_a_mail_are_not_printed() -> None:
    assert repr(mail("link_code")) == "<MailText>"
