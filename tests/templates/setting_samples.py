"""One plausible context for the pages of clocks, calendars and assignment."""

import datetime as dt
from typing import Any

from tests.templates.samples_shared import NOW, STAFF

_TERM = {"unit": "business_days", "amount": 2, "grace": 2}
_WISH = {"clock": "answer", "priority": "routine", "category": "food_pantry", **_TERM}

PAGES: dict[str, dict[str, Any]] = {
    "staff/clocks": {
        **STAFF,
        "terms": [
            {**_WISH, "category": "", "by": "", "at": None},
            {**_WISH, "by": "Ana Ruiz", "at": NOW},
            {**_WISH, "unit": "same_day", "grace": 0, "by": "", "at": NOW},
        ],
        "kinds": ["food_pantry", "housing"],
        "sets": True,
        "values": _WISH,
        "errors": {"amount": "Give a number from 1 to 250."},
        "preview": {
            "seen": "",
            "before": _TERM,
            "after": {**_TERM, "amount": 3},
            "referrals": 41,
            "nudged": (20, 12),
            "moved": (7, 4),
            "partial": True,
        },
        "notice": "set",
    },
    "staff/calendar": {
        **STAFF,
        "organization": {"id": "1", "name": "Harbor Food Bank"},
        "zone": "America/Los_Angeles",
        "week": [{"day": 0, "open": "09:00", "shut": "17:00"}, {"day": 6, "open": "", "shut": ""}],
        "closures": [{"day": dt.date(2026, 12, 24), "name": "Inventory"}],
        "holidays": [dt.date(2026, 11, 26), dt.date(2026, 12, 25)],
        "values": {"first": "2026-13-01", "last": "", "name": ""},
        "errors": {"first": "invalid"},
        "notice": "closed",
    },
    "staff/assignment": {
        **STAFF,
        "rules": [
            {"id": "1", "member": "Ana Ruiz", "for": ["Multnomah", "es"]},
            {"id": "2", "member": "Amir Haddad", "for": []},
        ],
        "members": [("1", "Ana Ruiz")],
        "partners": [("2", "Harbor Food Bank")],
        "values": {"area": "Multnomah"},
        "errors": {"member": "choose_one"},
        "notice": "named",
    },
}
