"""Tables that people open in a spreadsheet: comma-separated values (RFC 4180), and no formula."""

import csv
import io
from collections.abc import Iterable
from typing import Any

from litestar import Response

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def answer(rows: Iterable[Iterable[Any]], *, name: str) -> Response[str]:
    """Answer with a table to keep, under a file name; the first row has the names of columns."""
    text = io.StringIO()
    csv.writer(text).writerows([cell(each) for each in row] for row in rows)
    return Response(
        text.getvalue(),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{name}.csv"'},
    )


def cell(value: Any) -> str:
    """Spell a cell; a name that begins like a formula is not one."""
    said = "" if value is None else str(value)
    return f"'{said}" if said.startswith(_FORMULA) else said
