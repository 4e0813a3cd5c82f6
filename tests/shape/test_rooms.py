"""Who may import whom, who may speak SQL, and that the five packages are ours."""

import re
import subprocess
import sys

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


def test_the_five_packages_come_from_one_folder() -> None:
    fence.check()


def test_a_package_from_elsewhere_is_refused_by_name() -> None:
    with pytest.raises(fence.Strangers, match="click"):
        fence.check((*fence.PACKAGES, "click"))


def test_every_folder_with_python_in_it_is_a_package() -> None:
    folders = {path.parent for path in sources.files(*sources.PACKAGES)}
    assert not [str(one) for one in folders if not (sources.ROOT / one / "__init__.py").exists()]
