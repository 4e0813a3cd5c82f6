"""Dates and telephone numbers as people write them."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata

from babel import Locale
from babel import dates as babel_dates

Moment = dt.datetime | dt.date | str | None


def day(value: Moment, *, language: str) -> str:
    """Give "Tue, Nov 24, 2026"; a text is taken as already written for people."""
    if value is None or isinstance(value, str):
        return value or ""
    pattern = "EEE, MMM d, y" if language == "en" else "EEE d 'de' MMM 'de' y"
    return babel_dates.format_date(value, pattern, locale=language)


def moment(value: Moment, *, language: str) -> str:
    """Give day and time with the zone's short name, in the zone the value carries."""
    if not isinstance(value, dt.datetime):
        return day(value, language=language)
    locale = Locale("en", "US") if language == "en" else Locale("es", "US")
    clock = babel_dates.format_time(value, "h:mm a", locale=locale)
    return f"{day(value, language=language)}, {clock} {value.tzname() or ''}".strip()


def texted(value: Moment, *, language: str) -> str:
    """Give day and time for a text: short, and in letters that every phone's alphabet has."""
    if not isinstance(value, dt.datetime):
        return day(value, language=language)
    pattern = "EEE MMM d, h:mm a" if language == "en" else "EEE d 'de' MMM, h:mm a"
    locale = Locale("en", "US") if language == "en" else Locale("es", "US")
    written = babel_dates.format_datetime(value, pattern, tzinfo=value.tzinfo, locale=locale)
    return unicodedata.normalize("NFKD", written).encode("ascii", "ignore").decode()


def iso(value: Moment) -> str:
    """Give the machine's form for a <time datetime> or a date field."""
    return value.isoformat() if isinstance(value, dt.date | dt.datetime) else value or ""


def tongue(code: str, *, language: str) -> str:
    """Give a language's name from its code: "es" is "Spanish", or "español"."""
    try:
        return Locale.parse(code, sep="-").get_display_name(language) or code
    except (ValueError, LookupError):
        return code


def phone_link(number: str) -> str:
    """Give the tel: address of a number written for people."""
    line, _, extension = number.partition("ext.")
    behind = f";ext={extension.strip()}" if extension else ""
    return "tel:" + re.sub(r"[^0-9+]", "", line) + behind
