"""What the pages about emergencies, paper and disclosures are shown with."""

from typing import Any

from tests.templates.staff_samples import LONG, NOW, PATIENT, STAFF

PAGES: dict[str, dict[str, Any]] = {
    "staff/print": {
        **STAFF,
        "printed_at": NOW,
        "referral": {
            "reference": "7F3K-22QA",
            "id": "1",
            "state": "with_recipient",
            "patient_name": PATIENT["name"],
            "birth_date": PATIENT["birth_date"],
            "phones": PATIENT["phones"],
            "service": "Primary care",
            "question": "Can you look after the rest?",
            "narrative": LONG,
            "reasons": "F11.20",
            "consent": "part2_consent",
            "sender": "Rosehill",
            "owner": "Ana Ruiz",
            "notice": "This record is protected.",
            "scope": "The patient allowed: medication.",
        },
        "documents": [
            {
                "title": "",
                "author": "Dr. Lee",
                "organization": "Cascade",
                "written": NOW,
                "text": "Seen.",
            }
        ],
    },
    "staff/consents": {
        **STAFF,
        "nonce": "n0nce",
        "patient_id": "1",
        "patient": PATIENT["name"],
        "birth_date": PATIENT["birth_date"],
        "reference": "7F3K-22QA",
        "done": "recorded",
        "records": True,
        "organizations": [("1", "Harbor Food Bank")],
        "bases": [("signed_form", "Signed form")],
        "purposes": [("treatment", "Treatment")],
        "endings": [("withdrawn", "The patient took it back")],
        "to_rows": [1, 2, 3],
        "values": {"class-part2": "yes", "description": LONG},
        "errors": {"class-general": "missing", "signed_on": "missing", "why-1": "choose_one"},
        "rows": [
            {
                "id": "1",
                "state": "in_force",
                "basis": "signed_form",
                "classes": ["General", "Psychotherapy notes"],
                "told": ["Harbor Food Bank"],
                "purpose": "Treatment",
                "signed": PATIENT["birth_date"],
                "until": NOW,
                "ended": None,
                "recorded": NOW,
                "document": "ab" * 32,
                "said": [("Witness", LONG)],
                "ends": True,
                "uses": True,
            }
        ],
    },
    "staff/renewal": {
        **STAFF,
        "referral_id": "1",
        "reference": "7F3K-22QA",
        "seen": 3,
        "ended": True,
        "consents": [("1", "Signed form, 2026-01-02: General")],
        "consents_href": "/patients/1/consents",
        "values": {"consent_id": "1"},
        "errors": {"consent_id": "choose_one"},
    },
    "staff/disclosures": {
        **STAFF,
        "record_href": "/record?patient=1",
        "since": NOW,
        "csv_href": "/patients/1/disclosures.csv",
        "next_href": "/patients/1/disclosures?after=x",
        "rows": [
            {
                "at": NOW,
                "told": "Harbor Food Bank",
                "class": "General",
                "basis": "Signed form",
                "reference": "7F3K-22QA",
                "href": "/referrals/1",
            }
        ],
    },
    "staff/break_glass": {
        **STAFF,
        "referral_id": "1",
        "reasons": [("overdose", "Overdose")],
        "values": {"reason": "overdose", "words": LONG, "medical_emergency": "yes"},
        "errors": {"words": "missing", "password": "That is not right."},
    },
    "staff/accesses": {
        **STAFF,
        "verdicts": [("justified", "Justified")],
        "errors": {"verdict-1": "choose_one"},
        "typed": {"comment": LONG},
        "rows": [
            {
                "id": "1",
                "organization": "Valley CCO",
                "member": "Dr. Lee",
                "reason": "Overdose",
                "words": LONG,
                "opened": NOW,
                "until": NOW,
                "reference": "7F3K-22QA",
                "href": "/referrals/1",
                "verdict": "",
                "comment": "",
                "ends": True,
                "reviews": True,
            }
        ],
    },
}
