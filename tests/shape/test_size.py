"""Small things, named for what they are."""

from pathlib import Path

from tests.shape import sources

LINES, FUNCTION_LINES = 300, 40
FORBIDDEN = {"utils", "helpers", "common", "manager", "base"}
FORBIDDEN_FILES = {"models.py", "views.py", "service.py"}


def test_no_file_is_longer_than_300_lines() -> None:
    long = {
        str(path): count
        for path in sources.files(*sources.EVERYTHING)
        if (count := len(sources.text(path).splitlines())) > LINES
    }
    assert not long


def test_no_function_is_longer_than_40_lines() -> None:
    long = [
        f"{path}:{node.lineno} {node.name}"
        for path in sources.files(*sources.EVERYTHING)
        for node in sources.functions(path)
        if (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_LINES
    ]
    assert not long


def _is_forbidden(path: Path) -> bool:
    words = {part.removesuffix(".py") for part in path.parts}
    return path.name in FORBIDDEN_FILES or bool(words & FORBIDDEN)


def test_no_file_is_named_for_nothing() -> None:
    assert not [str(path) for path in sources.files(*sources.EVERYTHING) if _is_forbidden(path)]
