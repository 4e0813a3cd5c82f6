"""Files as pages show them: to fetch, held back, without a key, to be taken back, taken back."""

from typing import Any

_ONE: dict[str, Any] = {
    "id": "1",
    "name": "note.pdf",
    "size": "1.2 MB",
    "state": "clean",
    "unscanned": True,
    "who": "Harbor Food Bank",
    "href": "/files/1",
    "loose": True,
    "fit": True,
}
FILES = [
    _ONE,
    _ONE | {"id": "2", "state": "threat", "href": "", "who": "", "fit": False},
    _ONE | {"id": "3", "name": "", "href": "", "loose": False, "unscanned": False},
    _ONE | {"id": "4", "loose": False, "retractable": True},
    _ONE | {"id": "5", "name": "", "href": "", "loose": False, "reason": "wrong_patient"},
]
BY_LINK = [file for file in FILES if not file.get("retractable")]
"""Through a link nothing is taken back."""

SHOWN: dict[str, Any] = {"files": FILES, "file_nonce": "n0nce", "adds": True}
