"""One plausible context for the page of the record."""

from typing import Any

from tests.templates.samples_shared import NOW, STAFF

PAGES: dict[str, dict[str, Any]] = {
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
