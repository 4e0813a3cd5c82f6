"""One plausible context for every page of conversations, the fullest a handler can give."""

from __future__ import annotations

from typing import Any

from tests.templates.samples_shared import LONG, NOW, STAFF

_TOLD: dict[str, Any] = {
    "id": "1",
    "who": "Dr. Lee, Cascade Cardiology",
    "at": NOW,
    "text": None,
    "retracted": False,
    "reason": "",
    "answers": None,
    "new": False,
    "comment": "",
    "retractable": False,
}

TALK: dict[str, Any] = {
    "href": "/threads/1",
    "reference": "7F3K-22QA",
    "subject": "May she exercise?",
    "unread": 2,
    "with": "Cascade Cardiology",
    "about": "8G4M-33RB",
    "at": NOW,
}

CONVERSATIONS: dict[str, dict[str, Any]] = {
    "staff/thread": {
        **STAFF,
        "nonce": "n0nce",
        "writes": True,
        "thread": {
            "id": "1",
            "reference": "7F3K-22QA",
            "subject": "May she exercise?",
            "notice": "This record is protected.",
            "referral_href": "/referrals/1",
            "referral_reference": "8G4M-33RB",
            "organizations": ["Northside Clinic", "Cascade Cardiology"],
            "left": ["Harbor Food Bank"],
            "people": ["Ana Ruiz"],
            "earlier_href": "/threads/1?before=9",
            "own": "1",
            "ends": [
                {"id": "1", "name": "Northside Clinic", "own": True},
                {"id": "2", "name": "Cascade Cardiology", "own": False},
            ],
        },
        "lines": [
            {**_TOLD, "number": 9, "text": LONG, "new": True, "answers": 10, "retractable": True},
            {**_TOLD, "number": 10, "retracted": True, "reason": "wrong_patient", "comment": LONG},
            {**_TOLD, "number": 11},
            {**_TOLD, "number": 12, "absent": True},
        ],
        "notes": [{"who": "Ana Ruiz", "at": NOW, "text": LONG}],
        "guests": [("3", "Harbor Clinic")],
        "drafted": True,
        "taken_back": True,
        "readers": ["Dr. Lee, Cascade Cardiology"],
        "errors": dict.fromkeys(("text", "note", "guest", "words", "history", "since"), "missing"),
    },
    "staff/threads": {
        **STAFF,
        "begins": True,
        "threads": [TALK],
        "organizations": [("1", "Cascade Cardiology")],
        "values": {"participant": "1", "reference": "", "from": "x", "to": "", "unread": "yes"},
        "errors": {"from": "invalid"},
        "next_href": "/threads?after=x",
    },
    "staff/thread_new": {
        **STAFF,
        "nonce": "n0nce",
        "organizations": [("1", "Cascade Cardiology")],
        "referral_id": "1",
        "reference": "7F3K-22QA",
        "errors": {"to": "missing", "subject": "missing", "text": "missing"},
    },
}
