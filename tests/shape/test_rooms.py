"""Who may import whom, who may speak SQL, and that the five packages are ours."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from service import fence
from tests.shape import sources

SQL = re.compile(
    r"^\s*(select\s.+\sfrom\s|insert\s+into\s|update\s+\S+\s+set\s|delete\s+from\s|with\s+\w+\s+as\s*\()",
    re.IGNORECASE | re.DOTALL,
)


def test_imports_point_inward() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"],
        cwd=sources.ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_nobody_speaks_sql_outside_the_store() -> None:
    found = [
        f"{path}:{line}"
        for path in sources.files(*sources.PACKAGES)
        if not path.is_relative_to("service/store")
        for line, text in sources.strings(path)
        if SQL.match(text)
    ]
    assert not found


def test_only_the_store_imports_the_driver() -> None:
    found = [
        str(path)
        for path in sources.files(*sources.PACKAGES)
        if not path.is_relative_to("service/store")
        and re.search(r"^\s*(import|from) asyncpg\b", sources.text(path), re.MULTILINE)
    ]
    assert not found


def test_the_rules_know_the_standard_library_and_msgspec_only() -> None:
    """A list of what is forbidden forgets the next library; this is the list of what is not."""
    known = sys.stdlib_module_names | {"msgspec", "service"}
    found = [
        f"{path}: {name}"
        for path in sources.files("service/domain")
        for name in _imported(path)
        if name.partition(".")[0] not in known
    ]
    assert not found


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(sources.tree(path)):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_the_five_packages_come_from_one_folder() -> None:
    fence.check()


def test_a_package_from_elsewhere_is_refused_by_name() -> None:
    with pytest.raises(fence.Strangers, match="click"):
        fence.check((*fence.PACKAGES, "click"))


def test_every_folder_with_python_in_it_is_a_package() -> None:
    folders = {path.parent for path in sources.files(*sources.PACKAGES)}
    assert not [str(one) for one in folders if not (sources.ROOT / one / "__init__.py").exists()]
