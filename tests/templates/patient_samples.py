"""What the patient's pages are shown with."""

from typing import Any

from tests.templates.staff_samples import LONG, NOW

PAGES: dict[str, dict[str, Any]] = {
    "patient/code": {"errors": {"code": "wrong"}},
    "patient/ended": {},
    "patient/request": {
        "pickup": "mango taxi luna",
        "stage": "booked",
        "asks": [("confirm", (1, 2)), ("barrier", (1, 2, 3, 4))],
        "said": [("helped", "no", NOW)],
        "when": NOW,
        "place": ["North door", LONG, "Portland, OR"],
        "modality": "phone",
        "other_name": "Harbor Food Bank",
        "other_phone": "+15035550199",
        "our_name": "Northside Clinic",
        "our_phone": "+15035550142",
        "reference": "7F3K-22QA",
        "textable": True,
        "nonce": "n0nce",
        "done": "answer",
    },
}

WITNESSES: dict[str, Any] = {
    "recipients": [
        {
            "who": "Harbor Food Bank",
            "step": "complete",
            "outcome": "served",
            "need_met": "yes",
            "source": "phone",
            "on_behalf": True,
            "at": NOW,
        }
    ],
    "patient": [
        {
            "said": "helped-no",
            "source": "page",
            "at": NOW,
            "contradicts": True,
            "tasks": ["patient_contradicts"],
        }
    ],
}
"""What each side says, on the page of a referral."""
