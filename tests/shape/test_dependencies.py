"""Every dependency has a reason, written where people look for it."""

import re
import tomllib

from tests.shape.sources import ROOT

RECORD = ROOT / "docs/decisions/0004-dependencies.md"
# What comes with the names above it, and what installs the rest.
COMPANIONS = {"hiredis", "uvloop", "httptools", "hatchling", "uv"}


def _names(requirements: list[object]) -> set[str]:
    texts = [text for text in requirements if isinstance(text, str)]
    return {re.split(r"[\[<>=!~; ]", text, maxsplit=1)[0].lower() for text in texts}


def test_every_dependency_has_a_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    declared = _names(project["project"]["dependencies"])
    for group in project["dependency-groups"].values():
        declared |= _names(group)
    rows = re.findall(r"^\| ([a-z0-9, -]+) \| \S", RECORD.read_text(encoding="utf-8"), re.MULTILINE)
    explained = {name.strip() for row in rows for name in row.split(",")}
    assert declared - explained == set()
    assert explained - declared - COMPANIONS - {"in production", "in development"} == set()
