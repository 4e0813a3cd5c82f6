import ast
from pathlib import Path

import pytest

from crypto import classes

ROOM = Path(__file__).parents[2] / "crypto"


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").partition(".")[0])
    return names


def test_only_primitives_calls_the_library():
    callers = {path.name for path in ROOM.glob("*.py") if "cryptography" in imported(path)}
    assert callers == {"primitives.py"}


def test_secrets_are_compared_in_constant_time():
    # Timing shows it on a quiet machine only, so the source says it.
    tree = ast.parse((ROOM / "primitives.py").read_text(encoding="utf-8"))
    (same,) = (
        each for each in tree.body if isinstance(each, ast.FunctionDef) and each.name == "same"
    )
    assert ast.unparse(same.body[-1]) == "return hmac.compare_digest(one, other)"


def test_the_room_imports_nothing_of_ours():
    for path in ROOM.glob("*.py"):
        assert not imported(path) & {"service", "channels", "templates", "workers"}, path.name


def test_every_class_has_one_byte_that_leads_back():
    assert {classes.NAMES[classes.code_of(name)] for name in classes.Sensitivity} == set(
        classes.Sensitivity
    )
    with pytest.raises(ValueError, match="class"):
        classes.code_of("secret")


def test_only_the_first_suite_is_live():
    assert [code for code in range(256) if classes.is_live(code)] == [classes.DEFAULT_SUITE]
    assert {0x02, 0x03} <= set(classes.SUITES)
