"""One plausible context for every page of staff, the fullest a handler can give."""

import datetime as dt
from typing import Any

from tests.templates.new_samples import BOARD, DAY, IMPORTS, NEW, NEXT_BEST
from tests.templates.samples_shared import AROUND_LISTS, LONG, MAIL, NOW, SECTION, STAFF
from tests.templates.thread_samples import CONVERSATIONS, TALK

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

FIELD = {
    "name": "comment",
    "label": "Label",
    "kind": "text",
    "options": [],
    "value": "",
    "numeric": False,
}
STEP: dict[str, Any] = {
    "step": "accept",
    "href": "/legs/1/steps",
    "seen": 3,
    "nonce": "n0nce",
    "leg": "",
    "on_behalf": False,
    "failed": False,
    "until": None,
    "fields": [],
}
LEG: dict[str, Any] = {
    "recipient": "Harbor Food Bank",
    "service": "Groceries",
    "state": "sent",
    "owner": "Jo Harbor",
    "due": None,
    "appointment": None,
    "expected_by": dt.date(2026, 11, 26),
    "reason": "No room",
    "outcome": "",
    "need_met": "",
}

PAGES: dict[str, dict[str, Any]] = {
    **CONVERSATIONS,
    "staff/invitation": {"errors": {"again": "The two passwords differ."}},
    "staff/forgotten": {"asked": False},
    "staff/webhooks": {
        **STAFF,
        "secret": "whsec_" + "A" * 44,
        "values": {"url": "http://example.org", "kinds": "leg.accept"},
        "errors": {"url": "Give an https address.", "kinds": "Name kinds of events."},
        "rows": [
            {
                "id": "1",
                "url": "https://ehr.example.org/hooks/" + "a" * 60,
                "kinds": ("leg.accept", "referral.void"),
                "state": state,
                "reason": "http_500",
                "waiting": 3,
                "old_until": NOW,
                "told": [
                    {
                        "number": number,
                        "type": "leg.accept",
                        "at": NOW,
                        "state": told,
                        "tries": 2,
                        "detail": "http_500",
                    }
                    for number, told in enumerate(("pending", "done", "dead", "cancelled"))
                ],
            }
            for state in ("active", "disabled")
        ],
    },
    "staff/members": {
        **STAFF,
        "manages": True,
        "members": [
            {"id": "1", "name": "Ana Ruiz", "roles": ["org_admin", "reader"], "own": True},
            {"id": "2", "name": "Jo Park", "roles": ["front_desk"], "own": False},
        ],
        "resets": [{"id": "3", "name": "Sam Lee", "second": "time", "ripe": NOW, "until": NOW}],
        "notice": "left",
    },
    "staff/prove": {**STAFF, "next": "/account", "errors": {"sign_in": "wrong"}},
    "staff/codes": {**STAFF, "codes": ("7F3K-22QA-0000-1111",)},
    "staff/parked": {
        **STAFF,
        "action": "/legs/1/steps",
        "drop": "1",
        "unseen": [("nonce", "n0nce")],
        "typed": [
            {"name": "comment", "label": "Comment", "value": LONG, "long": True},
            {"name": "owner_phone", "label": "Phone", "value": "1", "long": False},
        ],
    },
    "staff/account": {
        **STAFF,
        "mail": MAIL,
        "sign_ins": [
            {
                "id": "1",
                "current": True,
                "organization": "Northside Clinic",
                "device": "Firefox on Windows",
                "method": "passkey",
                "created": NOW,
                "seen": NOW,
            }
        ],
        "passkeys": [{"id": "1", "name": "Desk key", "created": NOW, "used": NOW}],
        "totp": False,
        "keys_on": True,
        "codes_left": 9,
        "offered": {"seed": "ABCDEFGH", "picture": {"side": 2, "path": "M0 0h1v1h-1z"}},
    },
    "staff/sign_in": {
        "demo": {"now": NOW, "csrf": ""},
        "errors": {"sign_in": "wrong"},
        "values": {"address": "ana@x.example"},
    },
    "staff/home": {
        **STAFF,
        "view": "overdue",
        "sections": [SECTION],
        "views": [{"code": code, "count": "2"} for code in ("needs_me", "to_review", "overdue")],
        "referrals": [
            {
                "id": str(n),
                "reference": f"7F3K-22Q{n}",
                "href": f"/referrals/{n}",
                "state": state,
                "leg_state": leg,
                "patient": PATIENT["name"],
                "why": "Harbor Food Bank has not answered since Monday; we ask again Tuesday 9:00; "
                "Thursday it moves to Ana Ruiz.",
                "recipient": "Harbor Food Bank",
                "urgency": "urgent" if n == 1 else "routine",
                "age": n,
                "since": NOW,
                "overdue": n < 2,
            }
            for n, (state, leg) in enumerate(
                [("with_recipient", "sent"), ("needs_routing", ""), ("closed", "")]
            )
        ],
        "next_href": "/?after=x",
        **AROUND_LISTS,
    },
    "staff/referral": {
        **STAFF,
        "zone": "America/Los_Angeles",
        "referral": {
            "reference": "7F3K-22QA",
            "id": "1",
            "state": "with_recipient",
            "urgency": "urgent",
            "patient_name": PATIENT["name"],
            "birth_date": PATIENT["birth_date"],
            "phones": PATIENT["phones"],
            "language": "es",
            "service": "Food and heating",
            "question": "Can you help with food?",
            "narrative": LONG,
            "reasons": "Z59.41",
            "consent": "signed_form",
            "sender": "Northside Clinic",
            "owner": "Ana Ruiz",
            "notice": "This record is protected.",
            "disposition": "served",
            "created_at": NOW,
        },
        "writes": True,
        "threads": [TALK],
        "why": "Harbor Food Bank has not answered since Monday.",
        "notice": "This was answered or changed meanwhile",
        "advice": "This is how it stands now. Look again, then decide.",
        "kept": [("Comment", "What was typed\nin two lines")],
        "errors": {"reason": "choose_one"},
        **NEXT_BEST,
        "begun": [{"href": "/referrals/1?kept=1&begun=yes", "drop": "/parked/1/drop", "at": NOW}],
        "drafts": True,
        "steps": [
            {**STEP, "key": "r/recall", "step": "recall", "fields": []},
            {
                **STEP,
                "key": "1/request_cancel",
                "step": "request_cancel",
                "leg": "Harbor Food Bank",
                "failed": True,
                "fields": [FIELD | {"name": "reason", "label": "Reason", "kind": "textarea"}],
            },
            {
                **STEP,
                "key": "r/recall",
                "step": "recall",
                "until": NOW,
                "fields": [
                    FIELD | {"name": "service_id", "kind": "select", "options": [("1", "Harbor")]},
                    FIELD | {"name": "due", "kind": "date", "value": "2026-11-26"},
                    FIELD | {"name": "told", "kind": "checkbox"},
                    FIELD | {"name": "attempts", "numeric": True},
                ],
            },
            {**STEP, "key": "1/accept/on_behalf", "leg": "Harbor Food Bank", "on_behalf": True},
        ],
        "legs": [LEG | {"due": NOW, "appointment": NOW}, LEG | {"state": "declined"}],
        "events": [
            {
                "at": NOW,
                "what": "Accept",
                "leg": "Harbor Food Bank",
                "who": "Ana Ruiz, Northside Clinic",
                "on_behalf": True,
                "source": "By phone",
                "spoke_to": "Jo Harbor",
                "comment": "Two pages",
            }
        ],
        "documents": [
            {
                "title": "",
                "author": "Dr. Lee",
                "organization": "Cascade Cardiology",
                "written": NOW,
                "text": "Seen.",
                "id": "1",
                "retractable": True,
            },
            {
                "title": "",
                "author": "Cascade Cardiology",
                "organization": "Cascade Cardiology",
                "written": NOW,
                "text": "",
                "reason": "wrong_patient",
            },
        ],
    },
    "staff/taken_back": {**STAFF, "errors": {}, "back": "/referrals/1", "readers": ["Ana Ruiz"]},
    "staff/tasks": {
        **STAFF,
        "mine": False,
        "unassigned": False,
        "partner": "",
        "tasks": [
            {
                "id": "1",
                "kind": "call_recipient",
                "reason": "They have no mailbox: tell them by phone",
                "member": "Ana Ruiz",
                "reference": "7F3K-22QA",
                "href": "/referrals/1",
                "about": "Harbor Food Bank",
                "way": "/tasks/partners/1",
                "partner_href": "/tasks?partner=1",
                "phone": "+1 503 555 0111",
                "opened": NOW,
                "due": NOW,
            }
        ],
        "errors": {"resolution-1": "choose_one"},
        "next_href": "/tasks?after=x",
    },
    "staff/people": {
        **STAFF,
        "organization": "Harbor Food Bank",
        "people": [
            {
                "id": "1",
                "name": "Jo Harbor",
                "call": "+1 503 555 0111",
                "confirmed": NOW,
                "href": "/organizations/1/people/1",
            }
        ],
        "told": {"name": "Jo Harbor", "pin": "12345678", "until": NOW},
    },
    "staff/new_referral": NEW,
    "staff/appointments": DAY,
    "staff/board": BOARD,
    "staff/imports": IMPORTS,
}
