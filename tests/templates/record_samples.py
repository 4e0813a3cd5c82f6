"""One plausible context for the pages of those who watch over the record and the outbox."""

from typing import Any

from tests.templates.samples_shared import NOW, STAFF

PAGES: dict[str, dict[str, Any]] = {
    "staff/partner": {
        **STAFF,
        "partner_id": "1",
        "partner": "Harbor Food Bank",
        "phone": "+1 503 555 0111",
        "items": [
            {
                "leg_id": "1",
                "version": 1,
                "state": "sent",
                "kind": "overdue_answer",
                "reference": "7F3K-22QA",
                "href": "/referrals/1",
                "answers": ["accept", "no_capacity"],
            }
        ],
        "values": {},
        "errors": {"answer-1": "choose_one", "spoke_to": "missing"},
    },
    "staff/outbox": {
        **STAFF,
        "values": {"state": "dead", "kind": "", "age": "24"},
        "groups": [
            {
                "kind": "invite",
                "rows": [
                    {
                        "id": "1",
                        "state": "dead",
                        "organization": "Harbor Food Bank",
                        "reason": "refused at recipient: 550 5.7.1",
                        "tries": 8,
                        "at": NOW,
                        "handled": True,
                    }
                ],
            }
        ],
        "more": True,
        "mended": "retry",
    },
    "staff/record": {
        **STAFF,
        "whole": True,
        "members": [("1", "Ana Ruiz")],
        "values": {"patient": "7F3K-22QA", "member": "1", "from": "yesterday"},
        "errors": {"from": "invalid"},
        "export_href": "/record/export?member=1",
        "next_href": "/record?after=x",
        "rows": [
            {
                "id": "1",
                "at": NOW,
                "who": "Ana Ruiz",
                "by": "By hand",
                "act": "Opened a referral",
                "outcome": "refused",
                "denied": True,
                "about": "Patient",
                "referral": "1",
                "proof_href": "/api/v1/audit/1/proof",
            }
        ],
    },
}
