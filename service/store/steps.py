"""The statement of a step: one guard, and the parts it has rows for, in one data-modifying CTE.

The parts are fixed texts of `queries/steps.sql`; nothing of a request is ever put into them. A step
that seals nothing does not pay for the seals: PostgreSQL prepares few shapes and keeps them.
"""

from functools import lru_cache
from typing import Any

from service.store import queries

_BINDING = {"bound_files": queries.parts("file_binding")["bound_files"]}
PARTS = queries.parts("steps") | _BINDING

_ROWS = {
    "bound_files": ("bound",),
    "changed_legs": ("changed_legs",),
    "new_legs": ("new_legs",),
    "new_events": ("events",),
    "new_parties": ("joins",),
    "ended_parties": ("leaves",),
    "talks_left": ("falls_silent",),
    "talks_joined": ("returns",),
    "closed_epochs": ("leaves", "epochs"),
    "new_epochs": ("epochs",),
    "new_seals": ("seals",),
    "new_disclosures": ("disclosures",),
    "new_contents": ("contents",),
    "new_documents": ("documents",),
    "moved_appointments": ("appointment_state",),
    "new_appointments": ("appointments",),
    "told_capacity": ("capacity",),
    "disarmed": ("disarm", "arm"),
    "armed": ("arm",),
    "cancelled_effects": ("cancel_effects",),
    "new_effects": ("effects",),
    "moot_tasks": ("moot",),
    "new_tasks": ("tasks",),
    "ended_links": ("ended_legs",),
    "new_external_ids": ("external_ids",),
    "new_facts": ("facts",),
    "new_audits": ("audits",),
    "new_key": ("idempotency",),
}
"""Which fields of the document a part writes; where all are empty the part is left out."""


def statement(document: dict[str, Any]) -> str:
    """Return the statement for a document: $1 referral, $2 version read, $3 the document."""
    wanted = tuple(part for part, fields in _ROWS.items() if any(document[each] for each in fields))
    return _joined(_guard(document), wanted)


def _guard(document: dict[str, Any]) -> str:
    if document["order"]:
        return "created"
    if document["ground"]:
        return "grounded"
    return "edited" if document["edit"] else "guard"


@lru_cache(maxsize=256)
def _joined(guard: str, wanted: tuple[str, ...]) -> str:
    parts = ",\n".join(PARTS[name] for name in (guard, *wanted))
    return f"with {parts}\nselect version from guard"


def whole(guard: str) -> str:
    """Return the statement with every part, for the test that prepares it."""
    return _joined(guard, tuple(_ROWS))
