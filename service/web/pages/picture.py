"""A picture that a telephone reads, as the numbers of a drawing that the page makes itself."""

from typing import Any

import segno

_EDGE = 4
"""Modules of white around it, as ISO/IEC 18004 asks."""


def of(text: str) -> dict[str, Any]:
    """Return the side of a QR code in modules and the path of its dark ones."""
    rows = segno.make(text, error="m", micro=False).matrix
    dark = [
        f"M{x + _EDGE} {y + _EDGE}h1v1h-1z"
        for y, row in enumerate(rows)
        for x, module in enumerate(row)
        if module
    ]
    return {"side": len(rows) + 2 * _EDGE, "path": "".join(dark)}
