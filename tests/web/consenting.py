"""Consents recorded over HTTP, for tests."""

from typing import Any

import httpx2

from tests.making import Org

PART2: dict[str, Any] = {
    "basis": "part2_consent",
    "classes": ["part2"],
    "signed_on": "2026-01-02",
    "expires_at": "2039-01-02T00:00:00Z",
    "words": {
        "patient_name": "María García",
        "discloser": "Rosehill and its staff",
        "description": "Medication and attendance",
        "how_to_revoke": "In writing, at any time",
        "signed_by": "María García",
    },
}
"""A consent with the nine elements of 42 CFR 2.31, but for whom it names."""


async def recorded(caller: httpx2.AsyncClient, patient_id: Any, *named: Org, **changed: Any) -> str:
    """Record a Part 2 consent that names these organizations and return its id."""
    body = PART2 | {"to_org_ids": [str(org.id) for org in named]} | changed
    answer = await caller.post(f"/api/v1/patients/{patient_id}/consents", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])
