"""Renders mails and pages; the only door from the other rooms into this one."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from templates import dates
from templates.surroundings import environment, language_of

# What a mail may say. Nothing here tells what a request is about or whom it concerns.
# Source: the rule that mail carries no health data, condition, kind of service or name.
MAIL_FIELDS = frozenset(
    {"product_name", "public_name", "reference", "phrase", "urgent", "answer_by", "sender_phone"}
    | {"open_items", "link_url", "web_url", "wrong_address_url", "code", "minutes"}
    | {"support_phone", "step", "clock", "what", "items"}
)


# What a text may say: who signs it, who will call, from where, when, and the words to say there.
# Nothing tells what for.
TEXT_FIELDS = frozenset(
    {"signed", "other_name", "phone", "when", "link_url", "code", "product_name", "public_name"}
    | {"pickup"}
)


class MailText(msgspec.Struct, frozen=True, kw_only=True):
    """The words of one mail: subject in one line, plain text and minimal HTML."""

    subject: str
    text: str
    html: str

    def __repr__(self) -> str:
        """Say nothing: the words may hold a link or a code."""
        return "<MailText>"


class UnknownMailFieldError(ValueError):
    """A mail was handed a field it may not say; the field is named, never its value."""


def mail(name: str, *, language: str, context: Mapping[str, Any]) -> MailText:
    """Render the three files of one mail in the recipient's language.

    Raise UnknownMailFieldError for a field outside MAIL_FIELDS.
    """
    said_of_items = {key for item in context.get("items", ()) for key in item}
    strange = (context.keys() | said_of_items) - MAIL_FIELDS
    if strange:
        raise UnknownMailFieldError(f"{name} may not say {', '.join(sorted(strange))}")
    # A line break in a name could write lines of its own into the text of a mail.
    said = {key: _one_line(value) for key, value in context.items()}
    said.setdefault("product_name", "Loopkeeper")
    files = environment(language)
    subject, text, html = (
        files.get_template(f"email/{name}/{part}").render(said)
        for part in ("subject.txt", "body.txt", "body.html")
    )
    # Paragraphs that a condition left out leave their blank lines behind.
    text = re.sub(r"\n{3,}", "\n\n", text)
    return MailText(subject=_one_line(subject), text=text.strip() + "\n", html=html.strip() + "\n")


def text(name: str, *, language: str, context: Mapping[str, Any]) -> str:
    """Render one text for a phone; there is a file of it in every language.

    Raise UnknownMailFieldError for a field outside TEXT_FIELDS.
    """
    strange = context.keys() - TEXT_FIELDS
    if strange:
        raise UnknownMailFieldError(f"{name} may not say {', '.join(sorted(strange))}")
    language = language_of(language)
    said = dict.fromkeys(TEXT_FIELDS, "") | {
        key: _one_line(dates.texted(value, language=language))
        if isinstance(value, datetime)
        else _one_line(value)
        for key, value in context.items()
    }
    written = environment(language).get_template(f"sms/{name}.{language}.txt").render(said)
    return str(_one_line(written))


def page(name: str, *, language: str, context: Mapping[str, Any]) -> str:
    """Render one page, such as "link/card" or "staff/home", in one language."""
    return environment(language).get_template(f"pages/{name}.html").render(context)


def _one_line(value: Any) -> Any:
    if isinstance(value, list):
        return [{key: _one_line(each) for key, each in item.items()} for item in value]
    return " ".join(value.split()) if isinstance(value, str) else value


@functools.cache
def patient_landing() -> bytes:
    """Give the one page that every link in a text opens: the same bytes whatever the link is."""
    return environment().get_template("pages/patient/landing.html").render().encode()


@functools.cache
def left() -> bytes:
    """Give the page of somebody who wants to be seen with none of ours."""
    return environment().get_template("pages/patient/left.html").render().encode()


@functools.cache
def landing() -> bytes:
    """Give the one page that every link opens: the same bytes whatever the link is."""
    return environment().get_template("pages/link/landing.html").render().encode()
