"""One plausible context for every page and mail, the fullest a handler can give."""

from __future__ import annotations

from typing import Any

from tests.templates import (
    contact_samples,
    patient_samples,
    privacy_samples,
    record_samples,
    setting_samples,
    staff_samples,
)
from tests.templates.file_samples import BY_LINK, SHOWN
from tests.templates.staff_samples import LONG, NOW, PATIENT, STAFF

CONTACT = {"sender_name": "Northside Clinic", "sender_phone": "+1 503 555 0142"}
REQUEST = {"reference": "7F3K-22QA", "nonce": "n0nce"}
ALL_ACTS = [
    *["accept", "decline", "ask", "schedule", "no_show", "start", "complete", "give_up"],
    *["confirm_cancel", "undo", "waitlist", "cancel_appointment", "addendum"],
]
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
        "own_note": "Bring two boxes on Tuesday.",
        "other_language": {"name": "Español", "code": "es", "href": "?language=es"},
    },
    "link/inbox": {
        "nonce": "n0nce",
        "agency": "Harbor Food Bank",
        "done": 2,
        "gone": ["7F3K-22Q9"],
        "rows": [
            {
                "leg_id": str(n),
                "version": 3,
                "reference": f"7F3K-22Q{n}",
                "sender": "Northside Clinic",
                "help": "Food and heating",
                "area": "Eugene, Lane County",
                "spoken": "es",
                "urgency": "urgent",
                "due": NOW,
                "asked": n == 1,
            }
            for n in (1, 2)
        ],
        "values": {"answer-1": "accept"},
        "errors": {"gone": "not_open", "answer-2": "choose_one", "owner_name": "missing"},
    },
    "link/pickup": {
        "nonce": "n0nce",
        "agency": "Harbor Food Bank",
        "done": True,
        "errors": {"words": "not_those"},
    },
    "link/accept": {
        **REQUEST,
        "errors": {"owner_name": "missing"},
        "values": {"expected_by": "2026-11-26"},
    },
    "link/messages": {
        **REQUEST,
        **CONTACT,
        "talks": [
            {
                "id": "t",
                "subject": "Proof of address",
                "who": ["Northside Clinic", "Harbor Food Bank"],
                "lines": [
                    {"who": "Ana Ruiz", "at": NOW, "text": LONG, "retracted": False},
                    {"who": "Ana Ruiz", "at": NOW, "text": None, "retracted": True},
                    {"who": "Harbor Food Bank", "at": NOW, "text": None, "retracted": False},
                ],
            },
            {
                "id": "u",
                "subject": "",
                "who": ["Northside Clinic"],
                "lines": [
                    {"who": "Ana", "at": NOW, "text": None, "retracted": False, "absent": True}
                ],
                "files": BY_LINK,
            },
        ],
        "errors": {"text": "missing"},
        "failed": "t",
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
        "files": BY_LINK,
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
    "link/mail_off": {"done": False, "errors": {"List-Unsubscribe": "missing"}},
    "link/problem": {
        "title": "This page could not be shown.",
        "detail": "Go back and try again. Nothing you sent is lost.",
        "request_id": "0193f2a6",
        "back_href": "/r/card",
        "sender_phone": "+1 503 555 0142",
    },
    **staff_samples.PAGES,
    **privacy_samples.PAGES,
    **contact_samples.PAGES,
    **record_samples.PAGES,
    **patient_samples.PAGES,
    **setting_samples.PAGES,
    "dev/outbox": {
        **STAFF,
        "mails": [
            {
                "href": "/dev/outbox/1",
                "at": NOW,
                "to": "a@x.example",
                "subject": "Request",
                "way": "mail",
            }
        ],
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
    "what": "recovery_used",
    "items": [
        {
            "reference": f"7F3K-2{n}QA",
            "public_name": "Northside <Clinic> & Sons",
            "sender_phone": "+1 503 555 0142",
            "link_url": f"https://care.example/r/{n}" + "a" * 42,
            "what": ("waits", "news")[n % 2],
        }
        for n in range(3)
    ],
}

for _name in ("staff/thread", "staff/referral"):
    PAGES[_name] = PAGES[_name] | SHOWN
PAGES["staff/referral"] |= {"witnesses": patient_samples.WITNESSES}
