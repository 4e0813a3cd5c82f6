"""The one Jinja environment, once per language."""

from __future__ import annotations

import functools
import gettext
from pathlib import Path

import jinja2

from templates import assets, dates, words

FOLDER = Path(__file__).resolve().parent
LANGUAGES = ("en", "es")
SOURCE = "en"


def language_of(wanted: str) -> str:
    """Give the language we have that comes nearest: "es-MX" is "es", an unknown one English."""
    short = wanted.replace("_", "-").split("-")[0].lower()
    return short if short in LANGUAGES else SOURCE


@functools.cache
def environment(language: str = SOURCE) -> jinja2.Environment:
    """Give the environment that speaks one language; HTML is escaped, a missing name raises."""
    language = language_of(language)
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER),
        autoescape=jinja2.select_autoescape(["html"], default=False),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
        extensions=["jinja2.ext.i18n"],
        auto_reload=False,
    )
    made.policies["ext.i18n.trimmed"] = True
    spoken = translations(language)
    made.install_gettext_translations(spoken, newstyle=True)  # type: ignore[attr-defined]
    made.globals["language"] = language
    made.globals["asset"] = assets.asset
    made.globals["choices"] = functools.partial(words.choices, spoken.gettext)
    made.filters["word"] = functools.partial(words.word, spoken.gettext)
    made.globals["error_text"] = functools.partial(words.error, spoken.gettext)
    made.filters["tongue"] = functools.partial(dates.tongue, language=language)
    made.filters["day"] = functools.partial(dates.day, language=language)
    made.filters["moment"] = functools.partial(dates.moment, language=language)
    made.filters["iso"] = dates.iso
    made.filters["phone"] = dates.phone_link
    return made


def translations(language: str) -> gettext.NullTranslations:
    """Give one language's catalog; English is the source and needs none."""
    if language == SOURCE:
        return gettext.NullTranslations()
    return gettext.translation("messages", FOLDER / "locale", [language])
