"""One plausible context for every page and mail, the fullest a handler can give."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

NOW = dt.datetime(2026, 11, 24, 14, 30, tzinfo=ZoneInfo("America/Los_Angeles"))
CONTACT = {"sender_name": "Northside Clinic", "sender_phone": "+1 503 555 0142"}
REQUEST = {"reference": "7F3K-22QA", "nonce": "n0nce"}
ACTOR = {"name": "Ana Ruiz", "organization": "Northside Clinic", "nonce": "n0nce"}
STAFF = {"actor": ACTOR, "demo": {"now": NOW, "nonce": "n0nce"}}
ALL_ACTS = [
    *["accept", "decline", "ask", "schedule", "no_show", "start", "complete", "give_up"],
    *["confirm_cancel", "undo", "waitlist", "cancel_appointment", "addendum"],
]
PATIENT = {
    "name": "María del Carmen Ortega Villanueva",
    "birth_date": dt.date(1984, 3, 9),
    "phones": ["+1 503 555 0199", "+1 503 555 0111"],
    "email": "maria.ortega.villanueva.de.la.cruz@example.org",
    "address": "1420 Willamette Street, Apartment 4, Eugene OR 97401",
    "language": "es",
    "interpreter": True,
    "call_as": "Mari",
    "safe_contact": "Do not leave a voice message.\nCall between 9 and 11.",
}
LONG = "Lives with two children. The heating was cut off on Friday.\nNeeds help this week."

PAGES: dict[str, dict[str, Any]] = {
    "link/code": {
        **REQUEST,
        "contact_phone": "+1 503 555 0142",
        "contact_name": "Northside Clinic",
        "errors": {"code": "wrong"},
    },
    "link/enrol": {
        "nonce": "n",
        "organization_name": "Harbor Food Bank",
        "errors": {"name_1": "missing", "pin_1": "invalid"},
    },
    "link/card": {
        **REQUEST,
        **CONTACT,
        "help": "Food and heating",
        "area": "Eugene, Lane County",
        "spoken": "es",
        "interpreter": True,
        "urgency": "urgent",
        "due": NOW,
        "state": "received",
        "acts": ["accept", "decline", "ask"],
        "open_items": 3,
        "wrong_mailbox": "Harbor Food Bank",
        "other_language": {"name": "Español", "code": "es", "href": "?language=es"},
    },
    "link/accept": {
        **REQUEST,
        "errors": {"owner_name": "missing"},
        "values": {"expected_by": "2026-11-26"},
    },
    "link/decline": {**REQUEST, "errors": {"reason": "missing"}},
    "link/ask": {**REQUEST, "values": {"due": "2026-11-26", "items": "One\nTwo"}},
    "link/stepup": {
        "nonce": "n",
        **CONTACT,
        "people": [
            {"id": 1, "name": "Jo Harbor", "confirmed": True},
            {"id": 2, "name": "Sam Harbor", "confirmed": True},
            {"id": 3, "name": "Kit Harbor", "confirmed": False},
        ],
        "errors": {"pin": "wrong"},
    },
    "link/details": {
        **REQUEST,
        **CONTACT,
        "state": "accepted",
        "acts": ALL_ACTS,
        "viewer": "Jo Harbor",
        "patient": PATIENT,
        "question": "Can you help with food and heating until Friday?",
        "narrative": LONG,
        "contacts": [{"name": "Luis Ortega", "relation": "brother", "phone": "+1 503 555 0177"}],
        "appointment": {"starts_at": NOW, "place": "12 Dock Road"},
        "answers": [{"asked": "Is there a child under 5?", "given": "Yes, one."}],
        "errors": {"reason": "missing", "attempts": "missing"},
        "failed_act": "give_up",
    },
    "link/outcome": {**REQUEST, "errors": {"outcome": "missing", "need_met": "missing"}},
    "link/done": {**REQUEST, "act": "accept", "undo_until": NOW},
    "link/confirm_cancel": {**REQUEST, **CONTACT},
    "link/ended": {**REQUEST, **CONTACT, "why": "filled"},
    "link/problem": {
        "title": "This page could not be shown.",
        "detail": "Go back and try again. Nothing you sent is lost.",
        "request_id": "0193f2a6",
        "back_href": "/r/card",
        "sender_phone": "+1 503 555 0142",
    },
    "staff/sign_in": {
        "nonce": "n",
        "errors": {"sign_in": "wrong"},
        "values": {"address": "ana@x.example"},
    },
    "staff/home": {
        **STAFF,
        "view": "overdue",
        "views": [
            {"code": code, "count": n}
            for n, code in enumerate(
                ["mine_to_answer", "waiting_for_others", "needs_routing", "to_review", "overdue"]
            )
        ],
        "referrals": [
            {
                "reference": f"7F3K-22Q{n}",
                "href": f"/referrals/{n}",
                "state": state,
                "leg_state": leg,
                "why": "Harbor Food Bank has not answered since Monday; we ask again Tuesday 9:00; "
                "Thursday it moves to Ana Ruiz.",
                "recipient": "Harbor Food Bank",
                "urgency": "urgent" if n == 1 else "routine",
                "age": f"{n} days",
                "since": NOW,
                "overdue": n < 2,
            }
            for n, (state, leg) in enumerate(
                [("with_recipient", "sent"), ("needs_routing", ""), ("closed", "")]
            )
        ],
        "next_href": "/?after=x",
    },
    "staff/referral": {
        **STAFF,
        "nonce": "n",
        "referral": {
            "reference": "7F3K-22QA",
            "id": "1",
            "version": 3,
            "state": "with_recipient",
            "urgency": "urgent",
            "patient_name": PATIENT["name"],
            "birth_date": PATIENT["birth_date"],
            "service": "Food and heating",
            "question": "Can you help with food?",
            "narrative": LONG,
            "owner": "Ana Ruiz",
            "created_at": NOW,
        },
        "why": "Harbor Food Bank has not answered since Monday.",
        "steps": [
            {
                "step": "request_cancel",
                "href": "/legs/1/steps",
                "seen": 3,
                "leg": "Harbor Food Bank",
                "fields": [{"name": "reason", "label": "Reason", "kind": "textarea"}],
            },
            {
                "step": "add_leg",
                "href": "/referrals/1/steps",
                "seen": 3,
                "leg": "",
                "fields": [
                    {
                        "name": "service_id",
                        "label": "Send to",
                        "kind": "select",
                        "options": [("1", "Harbor"), ("2", "Dock")],
                        "hint": "By capacity",
                    },
                    {"name": "due", "label": "Day", "kind": "date"},
                    {"name": "k", "label": "", "kind": "hidden", "value": "v"},
                ],
            },
        ],
        "legs": [
            {"recipient": "Harbor Food Bank", "state": "sent", "due": NOW, "phone": "+1 503 5550"},
            {"recipient": "Dock Pantry", "state": "declined", "reason": "No room"},
        ],
        "events": [{"at": NOW, "what": "Sent", "who": "Ana Ruiz", "comment": "Two pages"}],
        "documents": [{"title": "Note", "author": "Dr. Lee", "written": NOW, "text": "Seen."}],
    },
    "staff/new_referral": {
        **STAFF,
        "nonce": "n",
        "patients": [("1", "Ortega, María, 1984")],
        "services": [("1", "Harbor Food Bank: food"), ("2", "Dock Pantry: food")],
        "errors": {"service_id": "missing", "birth_date": "invalid"},
    },
    "dev/outbox": {
        **STAFF,
        "mails": [{"href": "/dev/outbox/1", "at": NOW, "to": "a@x.example", "subject": "Request"}],
    },
    "dev/mail": {
        **STAFF,
        "mail": {
            "at": NOW,
            "to": "a@x.example",
            "sender": "b@x.example",
            "subject": "Request",
            "text": "You have a new request.",
            "links": ["http://127.0.0.1:8080/r/" + "a" * 43],
            "raw_href": "/dev/outbox/1/raw",
        },
    },
}

MAIL: dict[str, Any] = {
    "product_name": "Loopkeeper",
    "public_name": "Northside <Clinic> & Sons",
    "reference": "7F3K-22QA",
    "phrase": "blue kettle",
    "urgent": True,
    "answer_by": NOW,
    "sender_phone": "+1 503 555 0142",
    "open_items": 3,
    "link_url": "https://care.example/r/" + "a" * 43,
    "web_url": "https://care.example/referrals/7F3K-22QA",
    "wrong_address_url": "https://care.example/wrong/" + "b" * 43,
    "code": "12345678",
    "minutes": 10,
    "support_phone": "+1 503 555 0100",
    "step": "accept",
    "clock": "answer",
}
