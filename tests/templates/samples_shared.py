"""What the samples of several pages share: a moment, who is signed in, a long text."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

NOW = dt.datetime(2026, 11, 24, 14, 30, tzinfo=ZoneInfo("America/Los_Angeles"))
ACTOR = {"name": "Ana Ruiz", "organization": "Northside Clinic", "csrf": "t0ken"}
STAFF = {"actor": ACTOR, "csrf": "t0ken", "demo": {"now": NOW, "csrf": "t0ken"}}
LONG = "Lives with two children. The heating was cut off on Friday.\nNeeds help this week."

MAIL = {"routine": "organization", "organization": "digest"}

AROUND_LISTS = {
    "left": [{"reference": "7F3K-22QA", "why": "was changed meanwhile"}],
    "saved": [{"id": "1", "name": "Overdue · food · Urgent", "href": "/?view=overdue&kind=food"}],
    "colleagues": [("1", "Ana Ruiz")],
    "kinds": [("food", "food")],
    "values": {"kind": "food", "priority": ""},
    "here_href": "/?view=overdue",
    "whose_href": "/?view=overdue&whose=mine",
    "all_href": "/?view=overdue&all=yes",
    "ticked": ["1"],
    "asleep": 2,
    "errors": {"chosen": "missing", "until": "choose_one"},
    "typed": {"until": "week"},
}
SECTION = {
    "view": "to_review",
    "count": "1",
    "href": "/?view=to_review",
    "referrals": [
        {
            "id": "9",
            "reference": "7F3K-22QZ",
            "href": "/referrals/9",
            "state": "awaiting_review",
            "patient": "Santos, Maria",
            "why": "Harbor Food Bank gave an outcome Monday; we ask again Tuesday 9:00.",
            "recipient": "Harbor Food Bank",
            "urgency": "routine",
            "age": 3,
            "since": NOW,
            "overdue": False,
        }
    ],
}
"""One list of the first page."""
