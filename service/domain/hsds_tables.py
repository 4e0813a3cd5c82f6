"""The tables of HSDS, a file of comma-separated values each: put together, and taken apart.

Source: HSDS 3.0, tabular form. What belongs to a service names it in `service_id`.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

Row = dict[str, str]
Tables = Mapping[str, list[Row]]

NEEDED = ("organizations", "services")
"""Tables without which there is no directory."""

_OF_A_SERVICE = {"phones": "phones", "service_areas": "service_areas", "languages": "languages"}


def rows(text: str) -> list[Row]:
    """Read one table; an empty cell is not there. Raises csv.Error on what is none."""
    found = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    return [
        {name: cell for name, cell in each.items() if name and isinstance(cell, str) and cell}
        for each in found
    ]


def together(tables: Tables) -> list[tuple[str, Any]]:
    """Put the tables together: each service with its organization, as the other form has it."""
    owners = {each.get("id", ""): each for each in tables["organizations"]}
    for owner_id, owner in owners.items():
        numbers = [each for each in tables.get("phones", ()) if _of_owner(each, owner_id)]
        owners[owner_id] = {**owner, **({"phones": numbers} if numbers else {})}  # type: ignore[dict-item]
    terms = {each.get("id", ""): each for each in tables.get("taxonomy_terms", ())}
    made: list[tuple[str, Any]] = []
    # The first line of a table names its columns.
    for line, each in enumerate(tables["services"], start=2):
        service: dict[str, Any] = dict(each)
        service |= {
            name: [row for row in tables.get(table, ()) if row.get("service_id") == each.get("id")]
            for name, table in _OF_A_SERVICE.items()
        }
        service["attributes"] = [
            {"taxonomy_term": terms[term]}
            for row in tables.get("attributes", ())
            if row.get("link_id") == each.get("id")
            and (term := row.get("taxonomy_term_id", "")) in terms
        ]
        owner = owners.get(each.get("organization_id", ""))
        if owner is not None:
            service["organization"] = owner
        made.append((f"services.csv line {line}", service))
    return made


def _of_owner(phone: Row, owner_id: str) -> bool:
    return phone.get("organization_id") == owner_id


def spell(table: Iterable[Mapping[str, Any]], columns: tuple[str, ...]) -> str:
    """Spell one table with its columns in order."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, fieldnames=columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(table)
    return out.getvalue()
