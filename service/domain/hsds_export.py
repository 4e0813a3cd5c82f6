"""Our directory as HSDS 3.0 has it: services with their organizations, or tables of them.

Source: HSDS 3.0, `service`; `assured_date` is the day on which capacity was stated.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

import msgspec

from service.domain import hsds_tables

_PARTS = UUID("6d0c1f6e-52c1-5a5e-9d43-0f5a1a6a7c11")
"""Names the parts of a service that have no id with us, the same each time."""


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """One service as we keep it. `source`s: what others call it, where we had it from them."""

    org_id: UUID
    org_source: str | None
    organization: str
    phone: str | None
    id: UUID
    source: str | None
    name: str
    category: str
    eligibility: str
    languages: tuple[str, ...]
    area: tuple[str, ...]
    active: bool
    capacity: str
    capacity_at: datetime | None


def service(row: Listed) -> dict[str, Any]:
    """Spell a service with its organization."""
    said: dict[str, Any] = {
        "id": _id(row.source, row.id),
        "name": row.name,
        "status": "active" if row.active else "inactive",
        "organization": _organization(row),
    }
    if row.eligibility:
        said["eligibility_description"] = row.eligibility
    if row.capacity != "unknown":
        said["wait_time"] = row.capacity
    if row.capacity_at is not None:
        said["assured_date"] = row.capacity_at.date().isoformat()
    areas = [{"id": _part(row, "area", name), "name": name} for name in row.area]
    spoken = [{"id": _part(row, "language", code), "code": code} for code in row.languages]
    said |= {"service_areas": areas} if areas else {}
    said |= {"languages": spoken} if spoken else {}
    said["attributes"] = [
        {
            "id": _part(row, "attribute", row.category),
            "link_entity": "service",
            "taxonomy_term": _term(row.category),
        }
    ]
    return said


def _organization(row: Listed) -> dict[str, Any]:
    said: dict[str, Any] = {
        "id": _id(row.org_source, row.org_id),
        "name": row.organization,
        "description": row.organization,
    }
    if row.phone:
        said["phones"] = [{"id": str(uuid5(_PARTS, f"{row.org_id}/phone")), "number": row.phone}]
    return said


def _term(category: str) -> dict[str, Any]:
    term_id = str(uuid5(_PARTS, f"term/{category}"))
    return {"id": term_id, "code": category, "name": category, "description": category}


def _part(row: Listed, kind: str, name: str) -> str:
    return str(uuid5(_PARTS, f"{row.id}/{kind}/{name}"))


def _id(source: str | None, own: UUID) -> str:
    """Return what its origin calls it, where that is an id that HSDS can carry; else our own."""
    try:
        return str(UUID(source)) if source else str(own)
    except ValueError:
        return str(own)


def page(rows: Iterable[Listed]) -> dict[str, Any]:
    """Spell all services as the one page of a list."""
    contents = [service(row) for row in rows]
    return {
        "total_items": len(contents),
        "total_pages": 1,
        "page_number": 1,
        "size": len(contents),
        "first_page": True,
        "last_page": True,
        "empty": not contents,
        "contents": contents,
    }


COLUMNS: dict[str, tuple[str, ...]] = {
    "organizations": ("id", "name", "description"),
    "services": (
        *("id", "organization_id", "name", "status", "eligibility_description"),
        *("wait_time", "assured_date"),
    ),
    "phones": ("id", "organization_id", "number"),
    "service_areas": ("id", "service_id", "name"),
    "languages": ("id", "service_id", "code"),
    "attributes": ("id", "link_id", "taxonomy_term_id", "link_entity"),
    "taxonomy_terms": ("id", "code", "name", "description"),
}


def tables(rows: Iterable[Listed]) -> dict[str, str]:
    """Spell all services as tables, by the name of each table's file."""
    found: dict[str, dict[str, dict[str, Any]]] = {name: {} for name in COLUMNS}
    for said in map(service, rows):
        owner = said["organization"]
        found["organizations"][owner["id"]] = owner
        found["services"][said["id"]] = said | {"organization_id": owner["id"]}
        for phone in owner.get("phones", ()):
            found["phones"][phone["id"]] = phone | {"organization_id": owner["id"]}
        for table in ("service_areas", "languages"):
            for each in said.get(table, ()):
                found[table][each["id"]] = each | {"service_id": said["id"]}
        for each in said["attributes"]:
            term = each["taxonomy_term"]
            found["taxonomy_terms"][term["id"]] = term
            link = {"link_id": said["id"], "taxonomy_term_id": term["id"]}
            found["attributes"][each["id"]] = each | link
    return {
        f"{name}.csv": hsds_tables.spell(found[name].values(), columns)
        for name, columns in COLUMNS.items()
    }
