"""Rows told one by one: others look at them, or a check of their table is particular."""

import itertools
from datetime import timedelta
from typing import Any

from tests.store.fences.cast import (
    APART,
    CLINIC,
    ELSEWHERE,
    ENDED,
    FORMER,
    LEAVING,
    ORGS,
    PANTRY,
    PARTIES,
    REFERRAL,
    STRANGER,
    TAKING_PART,
    THREAD,
    named,
)


def row(table: str, number: int) -> str:
    """Return the id that the row of a variant has."""
    return named(f"{table}/id/{number}")


_FILE = {
    "referral_id": None, "thread_id": None, "document_id": None, "message_id": None,
    "bound_at": "2026-01-02T00:00:00+00:00", "state": "clean",
}  # fmt: skip
_TIMER = dict.fromkeys(("referral_id", "patient_id", "consent_id", "break_glass_id"))

EXPLICIT: dict[str, list[dict[str, Any]]] = {
    "party": [
        {"org_id": org, "referral_id": place, "capacity": "recipient", "ended_at": ended}
        for (org, place), ended in (
            *(((org, place), None) for org, place in PARTIES if org != LEAVING),
            ((LEAVING, REFERRAL), timedelta(hours=1)),
            *(((org, place), -timedelta(hours=1)) for org, place in ENDED),
        )
    ],
    "thread_party": [
        *(
            {"org_id": org, "thread_id": place, "from_seq": first, "ended_at": None}
            for (org, place), first in TAKING_PART.items()
        ),
        {"org_id": FORMER, "thread_id": THREAD, "ended_at": -timedelta(hours=1)},
        {
            "org_id": LEAVING,
            "thread_id": THREAD,
            "referral_id": REFERRAL,
            "ended_at": -timedelta(hours=1),
            "admitted_by_org_id": PANTRY,
        },
    ],
    "saved_view": [
        {"org_id": org, "id": named(f"list of {org}"), "view": "overdue"}
        | dict.fromkeys(("category", "priority"))
        for org in ORGS
    ],
    "consent": [
        {"org_id": org, "id": named(f"consent of {org}")} for org in ORGS
    ],
    "timer": [
        _TIMER | {"turn_org_id": org, "patient_id": named("patient"), "clock": f"c{n}"}
        for n, org in enumerate(ORGS)
    ]
    + [
        _TIMER | {"turn_org_id": org, "referral_id": place, "clock": f"r{n}"}
        for n, (org, place) in enumerate(itertools.product(ORGS, (REFERRAL, ELSEWHERE)))
    ],
    # Each visible to others than its own organization by what it hangs on.
    "attachment": [
        {**_FILE, "org_id": STRANGER, **bound}
        for bound in (
            {"document_id": row("document", 1), "referral_id": REFERRAL, "context_id": REFERRAL},
            {"document_id": row("document", 21), "referral_id": ELSEWHERE, "context_id": ELSEWHERE},
            {"message_id": row("message", 41), "thread_id": THREAD, "context_id": THREAD},
            {"message_id": row("message", 57), "thread_id": THREAD, "context_id": THREAD},
            {"message_id": row("message", 43), "thread_id": THREAD, "context_id": THREAD},
        )
    ]
    + [
        {**_FILE, "org_id": org, "referral_id": REFERRAL, "context_id": REFERRAL, "bound_at": None}
        for org in ORGS
    ],
    "message_copy": [
        {"message_id": row("message", number), "thread_id": place, "seq": number, "epoch": 1}
        for number, place in ((41, THREAD), (45, THREAD), (61, APART))
    ],
    # Of a file of the referral, of one of the thread, of one's own loose one.
    "attachment_copy": [
        {
            "attachment_id": named(f"attachment id {number}"), "thread_id": place,
            "epoch": epoch, "author_org_id": org,
        }
        for epoch, org in enumerate(ORGS)
        for number, place in ((0, THREAD), (2, THREAD), (3, APART), (5, APART))
    ],
    "document_opened": [
        {
            "document_id": document, "attachment_id": file, "org_id": org,
            "member_id": named(f"member of {org}"), "worker_id": None,
        }
        for org in ORGS
        for document, file in (
            # The clinic's, one of somebody who has no part any more, and one of another referral.
            *((row("document", number), None) for number in (1, 9, 37)),
            *((None, named(f"attachment id {number}")) for number in (0, 5)),
        )
    ],
    "contact": [{"org_id": org, "number_id": named("a patient's phone")} for org in ORGS[:2]]
    + [{"org_id": org} for org in ORGS],
    "patient_visit": [
        {
            "org_id": org, "patient_link_id": named("patient_link/id/1"), "ended_at": None,
            "secret_hash": f"\\x5ec2e7{n:02x}", "session_hash": f"\\x5e5510{n:02x}",
        }
        for n, org in enumerate(ORGS)
    ],
    # One that a visit to a patient's page may write, and each organization's own.
    "text_consent": [
        {
            "org_id": None, "purpose": None, "given": False, "how": "page",
            "number_id": named("patient_link/number_id/1"),
        },
        # What the phone of a patient said, which whoever has it on file may read.
        {
            "org_id": None, "purpose": None, "given": False, "how": "text",
            "number_id": named("a patient's phone"),
        },
        *({"org_id": org} for org in ORGS),
    ],
    "break_glass_told": [
        {"break_glass_id": row("break_glass", 1), "org_id": PANTRY, "by_org_id": CLINIC},
        {"break_glass_id": row("break_glass", 5), "org_id": STRANGER, "by_org_id": PANTRY},
    ],
}  # fmt: skip
"""Tables whose rows are told one by one, because others look at them, or a check is particular."""
