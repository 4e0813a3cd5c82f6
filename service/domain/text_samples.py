"""What a text is measured with: names, a number and a link of an ordinary length."""

from datetime import UTC, datetime
from typing import Any

SAID: dict[str, Any] = {
    "signed": "Northside Clinic",
    "other_name": "Harbor Food Bank",
    "phone": "+15035550199",
    "when": datetime(2026, 12, 12, 15, 30, tzinfo=UTC),
    "code": "12345678",
    "pickup": "mango taxi luna",
    "public_name": "Northside Clinic",
}

SECRET = "x" * 16
"""As long as what stands behind `/p/` in the link of a text."""
