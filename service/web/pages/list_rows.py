"""The rows of a worklist, for a page and for a table to keep."""

import re
from datetime import datetime
from typing import Any
from uuid import UUID

from service.actions import worklists
from service.actions.worklists import View
from service.domain.leg import LIVE
from service.domain.patient import Identity
from service.store.lists import SavedRow
from service.store.reading import Card
from service.web import guards
from service.web.api import shapes
from service.web.desk import Asked
from service.web.pages import staff
from templates import words

COLUMNS = (
    *("reference", "state", "patient", "recipient", "kind", "urgency", "since", "days", "why"),
)
_CODE = re.compile(r"[a-z0-9_]{1,60}")


def is_code(text: str) -> bool:
    """Say whether a text can be the code of a kind of help."""
    return _CODE.fullmatch(text) is not None


def row_of(
    request: Asked, card: Card, identities: dict[UUID, Identity], *, view: View
) -> dict[str, Any]:
    """Spell a referral of a list; of a protected one no more than where it stands."""
    row: dict[str, Any] = {
        "id": str(card.id),
        "reference": card.reference,
        "href": f"/referrals/{card.id}",
        "state": card.state,
        "since": staff.local(card.since, card.zone),
        "age": _age(card.since, card.now),
        "overdue": view is View.OVERDUE,
        "urgency": "routine",
        "why": "",
        "patient": "",
    }
    if worklists.stage_only(guards.actor(request), card):
        return row
    live = [leg for leg in card.legs if leg.state in LIVE]
    identity = identities.get(card.id)
    shown = live or list(card.legs)
    return row | {
        "patient": f"{identity.name.family}, {' '.join(identity.name.given)}" if identity else "",
        "why": shapes.why_open(card, language=staff.language_of(request)),
        "urgency": card.priority,
        "kind": card.category,
        "leg_state": live[0].state if len(live) == 1 else "",
        "recipient": ", ".join(leg.recipient for leg in shown),
    }


def _age(since: datetime, now: datetime) -> int:
    return max((now - since).days, 0)


def cells_of(row: dict[str, Any]) -> list[Any]:
    """Spell a row as the cells of a table, in the order of COLUMNS."""
    kept = row | {"days": row["age"], "since": row["since"].isoformat()}
    return [kept.get(name, "") for name in COLUMNS]


def saved_of(each: SavedRow, say: words.Say) -> dict[str, str]:
    """Name a list that is kept at hand by what it is: a view, whose, and what it is narrowed to."""
    named = [words.word(say, each.view, "view")]
    if each.category:
        named.append(each.category.replace("_", " "))
    if each.priority:
        named.append(words.word(say, each.priority, "priority"))
    if each.mine:
        named.append(words.word(say, "mine", "whose"))
    query = {
        "view": each.view,
        "whose": "mine" if each.mine else "",
        "kind": each.category or "",
        "priority": each.priority or "",
    }
    href = "/?" + "&".join(f"{name}={value}" for name, value in query.items() if value)
    return {"id": str(each.id), "name": " · ".join(named), "href": href}
