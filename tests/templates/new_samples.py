"""The pages of a new referral and of a day's appointments, as full as they get."""

from __future__ import annotations

from typing import Any

from tests.templates.samples_shared import NOW, STAFF

OPEN_ALREADY = {
    "id": "1",
    "reference": "7F3K-22QA",
    "state": "with_recipient",
    "since": NOW,
    "service": "Food",
    "recipient": "Harbor Food Bank",
    "why": "Harbor Food Bank has not answered since Monday.",
}
NEXT_BEST: dict[str, Any] = {
    "last": 4,
    "writing": ["Jo Park"],
    "since": [
        {"what": "Accept", "leg": "Harbor Food Bank", "at": NOW, "who": "Jo", "comment": "x"}
    ],
    "next_step": {"step": "add_leg", "nonce": "n0nce", "href": "/referrals/1/steps", "seen": 3},
    "next_best": [
        {
            "service_id": str(n),
            "name": "Dock Pantry: food",
            "room": "has room, stated today",
            "reasons": ["speaks the patient's language", "answers in 0.4 days, accepts 75 %"],
            "eligibility": "Families in Lane County",
        }
        for n in (1, 2)
    ],
}
NEW: dict[str, Any] = {
    **STAFF,
    "nonce": "n",
    "patients": [("1", "Ortega, María, 1984")],
    "alike": True,
    "more": True,
    "services": [("1", "Harbor Food Bank: food"), ("2", "Dock Pantry: food")],
    "consents": [("1", "Signed form, 2026-01-02: Psychotherapy notes (Harbor Food Bank)")],
    "consents_href": "/patients/1/consents",
    "values": {"thread_id": "1"},
    "same": [OPEN_ALREADY],
    "found_services": 2,
    "resumed": NOW,
    "drafts": True,
    "seen": [
        {
            "recipient": "Harbor Food Bank",
            "stages": [
                {"when": "by_mail", "rows": [("sender", "Northside Clinic")]},
                {"when": "with_pin", "rows": [("language", "es"), ("born", "1984-02-03")]},
            ],
        }
    ],
    "errors": {"service_id": "missing", "birth_date": "invalid", "consent_id": "choose_one"},
}

DAY: dict[str, Any] = {
    **STAFF,
    "day": NOW.date(),
    "before": "2026-11-23",
    "after": "2026-11-25",
    "done": 2,
    "values": {"mark-1": "seen"},
    "errors": {"mark-2": "choose_one"},
    "rows": [
        {
            "leg_id": str(n),
            "version": 3,
            "at": NOW,
            "href": f"/referrals/{n}",
            "reference": f"7F3K-22Q{n}",
            "patient": "Ortega, María",
            "sender": "Northside Clinic",
        }
        for n in (1, 2)
    ],
}

BOARD: dict[str, Any] = {
    **STAFF,
    "referrals": [
        {
            "href": "/referrals/1",
            "reference": "7F3K-22QA",
            "patient": "Ortega, María",
            "why": "Nobody has taken it on since Monday; Ana Ruiz answers for it.",
            "urgency": "urgent",
            "age": 3,
        }
    ],
    "partners": [
        {
            "name": "Harbor Food Bank",
            "phone": "+1 503 555 0142",
            "href": "/tasks/partners/1",
            "items": 14,
            "unassigned": 2,
            "age": 5,
            "kinds": [("overdue_answer", 13), ("second_answer", 1)],
        }
    ],
    "kinds": [{"kind": "contradiction", "items": 1, "unassigned": 1, "age": 1}],
}

IMPORTS: dict[str, Any] = {
    **STAFF,
    "kinds": [
        {
            "code": code,
            "needed": ("id", "name"),
            "others": ("phone",),
            "example": "id,name,phone\n1,Ana,",
        }
        for code in ("members", "patients", "referrals")
    ],
    "values": {"kind": "members"},
    "looked": True,
    "took": False,
    "new": 2,
    "same": 1,
    "faulty": 1,
    "faults": [{"line": 4, "column": "roles", "detail": "Write one or more of clinician."}],
    "errors": {"table": "missing", "kind": "choose_one"},
}
