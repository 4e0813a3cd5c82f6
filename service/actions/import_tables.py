"""Tables of a network that goes live: looked at whole, then brought in line by line.

The look reads everything and changes nothing, and a real run goes by it. Each line is written in a
transaction of its own, under an id of the list, so that a run that is cut off is run again.
"""

from collections.abc import Iterable
from typing import Any, Protocol

import msgspec

from service import faults
from service.actions.office import Office
from service.domain.spreadsheet import Columns, Fault, Line


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What would come of one line: `new`, or `same` where it is there already."""

    line: int
    name: str
    word: str
    wish: Any = None

    def __repr__(self) -> str:
        return f"<{self.word} line {self.line}>"


class Wrong(Exception):
    """A line that cannot be taken; its faults never repeat what stood there."""

    def __init__(self, found: list[Fault]) -> None:
        """Keep what is wrong with it."""
        super().__init__()
        self.found = found


class Table(Protocol):
    """One kind of table: its columns, an example, and what becomes of a line."""

    columns: Columns
    example: str

    def key(self, line: Line) -> str:
        """Name what a line is about; two lines of one name are a fault."""
        ...

    async def plan(self, office: Office, line: Line) -> Plan:
        """Say what would come of a line; raises Wrong."""
        ...

    async def bring(self, office: Office, plan: Plan) -> None:
        """Do what the plan says; raises what its action raises."""
        ...


async def look(
    office: Office, table: Table, lines: Iterable[Line]
) -> tuple[list[Plan], list[Fault]]:
    """Say what would come of every line, and every fault there is; changes nothing."""
    plans: list[Plan] = []
    wrong: list[Fault] = []
    seen: dict[str, int] = {}
    for line in lines:
        if not all(name in line.cells for name in table.columns.needed):
            continue
        first = seen.setdefault(table.key(line).casefold(), line.number)
        if first != line.number:
            detail = f"Line {first} has the same. Leave one of them out."
            wrong.append(Fault(line=line.number, column=table.columns.needed[0], detail=detail))
            continue
        try:
            plans.append(await table.plan(office, line))
        except Wrong as found:
            wrong += found.found
    return plans, wrong


def fault(line: Line, column: str, detail: str) -> Fault:
    """Say what is wrong with a cell."""
    return Fault(line=line.number, column=column, detail=detail)


def converted(
    line: Line, fields: dict[str, tuple[str, Any, str]], wrong: list[Fault]
) -> dict[str, Any]:
    """Read cells into typed values: by field its column, its type, and how to mend it."""
    found: dict[str, Any] = {}
    for field, (column, kind, detail) in fields.items():
        if column not in line.cells:
            continue
        try:
            found[field] = msgspec.convert(line.cells[column], kind, strict=False)
        except msgspec.ValidationError:
            wrong.append(fault(line, column, detail))
    return found


def told(line: Line, errors: list[dict[str, str]], columns: dict[str, str]) -> Wrong:
    """Turn the errors of an action into faults of a line; `columns` names fields otherwise."""
    return Wrong(
        [
            fault(
                line, columns.get(each["field"].rpartition(".")[2], each["field"]), each["detail"]
            )
            for each in errors
        ]
    )


async def bring(office: Office, table: Table, plan: Plan) -> list[Fault]:
    """Bring one line in; what its action refuses is a fault of the line, and stops no other."""
    try:
        await table.bring(office, plan)
    except faults.Invalid as found:
        errors = found.extra.get("errors", [])
        return [
            Fault(line=plan.line, column=each["field"], detail=each["detail"]) for each in errors
        ]
    except faults.Fault as found:
        return [Fault(line=plan.line, detail=f"{found.title()} {found.advice or ''}".strip())]
    return []
