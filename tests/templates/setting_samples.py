"""One plausible context for the pages of clocks, calendars and assignment."""

import datetime as dt
from typing import Any

from templates import charts
from tests.templates.samples_shared import NOW, STAFF

_TERM = {"unit": "business_days", "amount": 2, "grace": 2}
_KEY = {"purpose": "osk", "field": "", "version": 1, "state": "active", "made": NOW, "days": 4}
_WISH = {"clock": "answer", "priority": "routine", "category": "food_pantry", **_TERM}

_COUNTS = {"yes": 20, "partly": 4, "no": 6, "unknown": 12}
_PARTNER = {"name": "Harbor Food Bank", "asked": 9, "answered": 6, "accepted": 5, "days": 1.25}
_LATE = {**_PARTNER, "href": "/tasks/partners/1", "late": 2, "late_days": 6.5}
_KIND = {"category": "food_pantry", "sent": 42, "answered": 30, "accepted": 25, "scheduled": 20}
_OFFERED = {
    "id": "1",
    "organization": "Harbor Food Bank",
    "name": "Groceries",
    "category": "food_pantry",
    "channel": "account",
    "phone": "+15035550150",
    "eligibility": "Anybody in the county",
    "languages": ["es"],
    "area": ["Marion"],
    "capacity": "closed",
    "until": dt.date(2026, 12, 1),
    "days": 2,
    "stated": "days",
    "stale": False,
}

PAGES: dict[str, dict[str, Any]] = {
    "staff/dashboard": {
        **STAFF,
        "values": {"days": "90", "category": ""},
        "kinds": ["food_pantry", "housing"],
        "csv_href": "/dashboard.csv?days=90",
        "sent": 42,
        "rates": [
            {"rate": rate, "parts": charts.stack(_COUNTS), "of": 42, "percent": 48, **_COUNTS}
            for rate in ("answered", "served", "need_met")
        ],
        "funnel": [
            {"stage": "sent", "number": 42, "width": 600.0, "percent": 100},
            {"stage": "answered", "number": 30, "width": 428.6, "percent": 71},
        ],
        "ages": [{"age": "week", "number": 3, "width": 600.0}],
        "drawn": charts.lines({"answered": [1.0, None, 2.5], "reported": [9.0, 12.0, None]}),
        "weeks": [
            {"label": "11/9", "sent": 4, "answered": 1.0, "scheduled": None, "reported": 9.0},
            {"label": "11/16", "sent": 4, "answered": None, "scheduled": 3.5, "reported": 12.0},
            {"label": "11/23", "sent": 4, "answered": 2.5, "scheduled": None, "reported": None},
        ],
        "by_kind": [{**_KIND, "reported": 18, "served": 12, "closed": 16}],
        "partners": [_LATE, {**_PARTNER, "href": "", "late": 0, "late_days": None}],
        "late": [_LATE],
    },
    "staff/directory": {
        **STAFF,
        "here": "/directory",
        "values": {"text": "food", "category": "", "language": "es", "area": "", "room": "yes"},
        "rows": [
            {**_OFFERED, "say_href": "/organizations/1/services/1/capacity"},
            {**_OFFERED, "id": "2", "days": None, "stated": "never", "stale": True, "say_href": ""},
        ],
        "next_href": "/directory?skip=25",
        "errors": {"until-1": "invalid"},
    },
    "staff/keys": {
        **STAFF,
        "own": [
            {**_KEY, "version": 2},
            {**_KEY, "state": "refused", "days": 400},
            {**_KEY, "purpose": "bik", "field": "mrn", "state": "expired"},
        ],
        "network": [{**_KEY, "purpose": "link"}],
    },
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
        "organization": {"id": "1", "name": "Harbor Food Bank", "version": 3},
        "zone": "America/Los_Angeles",
        "week": [{"day": 0, "open": "09:00", "shut": "17:00"}, {"day": 6, "open": "", "shut": ""}],
        "closures": [{"day": dt.date(2026, 12, 24), "name": "Inventory"}],
        "holidays": [dt.date(2026, 11, 26), dt.date(2026, 12, 25)],
        "values": {"first": "2026-13-01", "last": "", "name": ""},
        "errors": {"first": "invalid", "open-6": "missing"},
        "notice": "hours",
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
