"""Every test that the page of threats names is there; a control without one is no control."""

import ast
import re

from tests.shape import sources

PAGE = sources.ROOT / "docs" / "threats.md"
_NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")


def _tests_of(path: str) -> set[str]:
    tree = ast.parse((sources.ROOT / path).read_text("utf-8"))
    return {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def test_every_test_that_holds_a_threat_exists() -> None:
    named = _NAMED.findall(PAGE.read_text("utf-8"))
    assert len(named) > 30
    missing = [
        f"{path}::{test}"
        for path, test in named
        if not (sources.ROOT / path).is_file() or (test and test not in _tests_of(path))
    ]
    assert missing == []


def test_every_row_of_an_attacker_names_the_test_that_holds_it() -> None:
    text = PAGE.read_text("utf-8").partition("what stops them")[2].partition("\n## ")[0]
    rows = [line for line in text.splitlines() if line.startswith("| ")][1:]
    assert [row for row in rows if not _NAMED.search(row)] == []
