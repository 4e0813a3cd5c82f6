"""Keeps the translations whole.

python -m templates.catalogs check     exit 1 and name what is missing, fuzzy, stale or broken
python -m templates.catalogs update    extract texts, merge them into each language, compile
"""

from __future__ import annotations

import datetime as dt
import io
import re
import sys
from pathlib import Path
from typing import Any

from babel.messages import Catalog, Message, extract, frontend, mofile, pofile

from templates.surroundings import FOLDER, LANGUAGES, SOURCE

_DAY = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
_UNDATED: dict[str, Any] = {
    "creation_date": _DAY,
    "revision_date": _DAY,
    "project": "Loopkeeper",
    "version": "1",
    "last_translator": "Loopkeeper",
    "msgid_bugs_address": "none",
    "header_comment": "# Translations are written by hand; texts come from the templates.",
}
_NAMES = re.compile(r"%\((\w+)\)s|%\((\w+)\)d")


def main(words: list[str]) -> int:
    """Do what the command line asks; give the exit status."""
    if words == ["update"]:
        update()
    elif words != ["check"]:
        sys.stderr.write(__doc__ or "")
        return 2
    faults = check()
    sys.stderr.writelines(fault + "\n" for fault in faults)
    return 1 if faults else 0


def extracted() -> Catalog:
    """Give every text of the room, read from the templates and the word lists."""
    found = Catalog(project="Loopkeeper", charset="utf-8")
    config = (FOLDER / "babel.cfg").read_text(encoding="utf-8")
    methods, options = frontend.parse_mapping_cfg(io.StringIO(config))
    keywords = {**extract.DEFAULT_KEYWORDS, "mark": None}
    entries = extract.extract_from_dir(FOLDER, methods, options, keywords=keywords)
    for path, _line, text, comments, context in sorted(entries, key=lambda each: each[:2]):
        # Line numbers would change with every edit of a page; the file is enough to find it.
        found.add(text, locations=[(path, None)], auto_comments=comments, context=context)  # pyright: ignore[reportArgumentType]
    return found


def update() -> None:
    """Merge the texts of the templates into each language's catalog and compile it."""
    template = extracted()
    for language in LANGUAGES:
        if language == SOURCE:
            continue
        source, compiled = _paths(language)
        source.parent.mkdir(parents=True, exist_ok=True)
        catalog = _read(source, language) if source.exists() else _new(language)
        # A guessed translation is worse than a missing one: it looks done.
        catalog.update(template, no_fuzzy_matching=True)
        catalog.obsolete.clear()
        source.write_bytes(_written(catalog))
        compiled.write_bytes(_compiled(catalog))


def _new(language: str) -> Catalog:
    return Catalog(locale=language, charset="utf-8", fuzzy=False, **_UNDATED)


def check() -> list[str]:
    """Name everything that keeps a language from being whole."""
    wanted = {_key(message) for message in extracted() if message.id}
    return [
        fault for language in LANGUAGES if language != SOURCE for fault in _faults(language, wanted)
    ]


def _faults(language: str, wanted: set[object]) -> list[str]:
    source, compiled = _paths(language)
    catalog = _read(source, language)
    messages = [message for message in catalog if message.id]
    have = {_key(message) for message in messages}
    faults = [f"{language}: not in the catalog: {key}" for key in sorted(map(str, wanted - have))]
    faults += [f"{language}: no longer used: {key}" for key in sorted(map(str, have - wanted))]
    for message in messages:
        said = message.string if isinstance(message.string, tuple) else (message.string,)
        if not all(said):
            faults.append(f"{language}: not translated: {message.id}")
        elif message.fuzzy:
            faults.append(f"{language}: fuzzy: {message.id}")
        elif any(_names(text) != _names(_key(message)) for text in said):
            faults.append(f"{language}: other names in the translation: {message.id}")
    if not compiled.exists() or compiled.read_bytes() != _compiled(catalog):
        faults.append(f"{language}: the compiled catalog is stale")
    return faults


def _names(text: object) -> set[str]:
    return {first or second for first, second in _NAMES.findall(str(text))}


def _key(message: Message) -> object:
    return message.id


def _paths(language: str) -> tuple[Path, Path]:
    folder = FOLDER / "locale" / language / "LC_MESSAGES"
    return folder / "messages.po", folder / "messages.mo"


def _read(path: Path, language: str) -> Catalog:
    with path.open("rb") as file:
        return pofile.read_po(file, locale=language)


def _written(catalog: Catalog) -> bytes:
    out = io.BytesIO()
    pofile.write_po(out, catalog, width=100, sort_output=True, omit_header=False)
    # A date of today in the header would make every run a change.
    lines = out.getvalue().decode().splitlines(keepends=True)
    return "".join(line for line in lines if "-Date: " not in line).encode()


def _compiled(catalog: Catalog) -> bytes:
    # Babel dates the header with today, and then the same texts would never compare equal.
    plain = Catalog(locale=catalog.locale, charset="utf-8", **_UNDATED)
    for message in sorted((each for each in catalog if each.id), key=lambda each: str(each.id)):
        plain.add(message.id, message.string)
    out = io.BytesIO()
    mofile.write_mo(out, plain)
    return out.getvalue()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
