"""A table somebody made in a spreadsheet: its lines by named columns, and every fault at its place.

A fault says the line, the column and how to mend it; it never repeats what stood there.
"""

import csv
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from _csv import Reader

LONGEST = 10_000
"""Lines of one file; a network has fewer of anything that comes in so."""


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """What cannot be taken, where it stands, and how to mend it; line 0 is the whole file."""

    line: int
    column: str = ""
    detail: str


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a table; an empty cell is not there."""

    number: int
    cells: dict[str, str]


class Columns(msgspec.Struct, frozen=True, kw_only=True):
    """The columns a table may have, and those it must."""

    needed: tuple[str, ...]
    others: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[str, ...]:
        """Every column, in the order of a template."""
        return self.needed + self.others


def read(content: bytes, columns: Columns) -> tuple[list[Line], list[Fault]]:
    """Read a table, with every fault of its form; a table of another form has no lines."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as reason:
        line = content[: reason.start].count(b"\n") + 1
        return [], [Fault(line=line, detail="This is not UTF-8. Save the file as CSV UTF-8.")]
    if "\0" in text:
        return [], [Fault(line=0, detail="This is not a table. Save the sheet as CSV UTF-8.")]
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        return _lines(reader, columns)
    except csv.Error:
        detail = "A quote is not closed or not doubled, from this line on or before it."
        return [], [Fault(line=reader.line_num, detail=detail)]


def _lines(reader: "Reader", columns: Columns) -> tuple[list[Line], list[Fault]]:
    empty: list[str] = []
    names = [cell.strip().lower() for cell in next(reader, empty)]
    wrong = _of_header(names, columns)
    if wrong:
        return [], wrong
    lines: list[Line] = []
    begins = reader.line_num + 1
    for cells in reader:
        number, begins = begins, reader.line_num + 1
        if not any(cell.strip() for cell in cells):
            continue
        if len(lines) == LONGEST:
            return [], [Fault(line=number, detail=f"Give at most {LONGEST} lines; split the file.")]
        if len(cells) != len(names):
            detail = f"This line has {len(cells)} cells, the first {len(names)}. Quote commas."
            wrong.append(Fault(line=number, detail=detail))
            continue
        kept = {name: cell.strip() for name, cell in zip(names, cells, strict=True) if cell.strip()}
        lines.append(Line(number=number, cells=kept))
        wrong += [
            Fault(line=number, column=name, detail="Fill this in.")
            for name in columns.needed
            if name not in kept
        ]
    return lines, wrong


def _of_header(names: Sequence[str], columns: Columns) -> list[Fault]:
    if not any(names):
        return [Fault(line=1, detail="The first line names the columns; this one is empty.")]
    if len(names) == 1 and ";" in names[0]:
        detail = "The columns are separated by semicolons. Save the sheet separated by commas."
        return [Fault(line=1, detail=detail)]
    known = f"Columns are {', '.join(columns.all)}."
    wrong = [
        Fault(line=1, column=str(place), detail=f"There is no column of this name. {known}")
        for place, name in enumerate(names, start=1)
        if name not in columns.all
    ]
    for name in columns.all:
        if names.count(name) > 1:
            wrong.append(Fault(line=1, column=name, detail="Name this column once."))
        if name in columns.needed and name not in names:
            wrong.append(Fault(line=1, column=name, detail="This column is missing."))
    return wrong
