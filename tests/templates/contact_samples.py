"""What the page about a patient's contacts is shown with."""

from typing import Any

from tests.templates.staff_samples import LONG, NOW, PATIENT, STAFF

_LINE = {
    "at": NOW,
    "given": True,
    "purpose": "Reminders of appointments",
    "how": "in_person",
    "given_by": "parent",
    "member": "Ana Ruiz",
    "witness": "Dr. Lee",
}
_PHONE = {
    "at": NOW,
    "given": False,
    "purpose": "",
    "how": "wrong_number",
    "given_by": "",
    "member": "",
    "witness": "",
}


def _contact(number: str, **said: Any) -> dict[str, Any]:
    return {
        "id": number,
        "relation": "self",
        "name": LONG,
        "phone": "(503) 555-0100",
        "email": "maria@example.org",
        "language": "es",
        "classes": ["general"],
        "version": 1,
        "texted": True,
        "silent": [],
        "purposes": ["news", "reminders"],
        "state": "open",
        "edit": {f"name-{number}": LONG, f"class-general-{number}": "yes"},
        "leave": {f"may-news-{number}": "yes"},
        "past": [],
    } | said


PAGES: dict[str, dict[str, Any]] = {
    "staff/contacts": {
        **STAFF,
        "nonce": "n0nce",
        "patient_id": "1",
        "patient": PATIENT["name"],
        "birth_date": PATIENT["birth_date"],
        "reference": "7F3K-22QA",
        "seen": 3,
        "done": "allowed",
        "edits": True,
        "contacts": [
            _contact("1", past=[_LINE]),
            _contact(
                "2",
                texted=False,
                silent=["profile", "no_leave", "wrong"],
                purposes=[],
                state="wrong",
                past=[_PHONE],
            ),
            _contact("3", texted=False, silent=["no_number"], purposes=[], state="", phone=""),
        ],
        "witnesses": [("9", "Dr. Lee")],
        "languages": [("en", "en"), ("es", "es")],
        "relations": [("self", "The patient"), ("parent", "Parent")],
        "purposes": [("news", "News of the request"), ("reminders", "Reminders")],
        "hows": [("form", "On paper"), ("in_person", "Said here")],
        "safe": {"may_text": "yes", "from_hour": "8", "to_hour": "21"},
        "open_at": "texts-1",
        "values": {"may-news-1": "yes", "how-1": "in_person"},
        "errors": {"witness-1": "witness", "may-news-1": "choose_one"},
    },
    "staff/written": {
        **STAFF,
        "patient_id": "1",
        "patient": PATIENT["name"],
        "birth_date": PATIENT["birth_date"],
        "reference": "7F3K-22QA",
        "rows": [
            {
                "at": NOW,
                "meaning": "unclear",
                "text": LONG,
                "name": "María",
                "relation": "self",
                "phone": "(503) 555-0100",
                "language": "es",
                "href": "/referrals/1",
                "reference": "7F3K-22QA",
            },
            {
                "at": NOW,
                "meaning": "deceased",
                "text": "<b>x</b>",
                "name": "",
                "relation": "",
                "phone": "",
                "language": "",
                "href": "/referrals/1",
                "reference": "7F3K-22QA",
            },
        ],
        "tasks": [{"id": "5", "kind": "patient_wrote", "opened": NOW}],
    },
    "staff/texts": {
        **STAFF,
        "providers": [
            {"name": "twilio", "points": 70, "resting": 100, "errors": 3},
            {"name": "kannel", "points": 30, "resting": 0, "errors": 1},
        ],
        "values": {"points-twilio": "90", "points-kannel": "0"},
        "errors": {"points-twilio": "not_a_hundred", "points-kannel": "not_a_hundred"},
        "texts": [
            {"kind": "sent", "language": "es", "text": LONG, "segments": 2, "left": 9},
        ],
    },
}
