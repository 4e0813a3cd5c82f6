"""Files as pages show them: one to fetch, one held back, one whose key is gone."""

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
]
SHOWN: dict[str, Any] = {"files": FILES, "file_nonce": "n0nce", "adds": True}
