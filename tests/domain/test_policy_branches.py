"""Every branch of the policy, of its table and of the rules of a step is taken by a test."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.shape import sources

_DECIDES = (
    "service/domain/policy.py",
    "service/domain/access.py",
    "service/domain/grants/*.py",
    "service/domain/decide.py",
)
_TESTS = (
    "tests/domain/test_policy.py",
    *sorted(f"tests/domain/{path.name}" for path in Path(__file__).parent.glob("test_decide_*.py")),
)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """Which lines and branches of which file no test took; a run of its own, which is measured."""
    folder = tmp_path_factory.mktemp("branches")
    settings, data = folder / "coveragerc", folder / "data"
    included = "".join(f"\n  {path}" for path in _DECIDES)
    settings.write_text(f"[run]\nbranch = true\ndata_file = {data}\ninclude ={included}\n")
    quiet = ("-q", "-n", "0", "-p", "no:randomly", "-p", "no:cacheprovider")
    run = ("run", f"--rcfile={settings}", "-m", "pytest", *quiet, *_TESTS)
    _coverage(*run)
    return _missing(_coverage("report", f"--rcfile={settings}", "-m"))


def _coverage(*words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "coverage", *words],
        cwd=sources.ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def _missing(said: str) -> dict[str, list[str]]:
    """Read a report: file, statements, missed, branches, partly taken, share, which."""
    rows = [line.split(maxsplit=6) for line in said.splitlines() if line.startswith("service/")]
    return {row[0]: row[6:] for row in rows}


def test_every_branch_is_taken(report: dict[str, list[str]]) -> None:
    there = {str(path) for each in _DECIDES for path in sources.ROOT.glob(each)}
    assert set(report) == {str(Path(path).relative_to(sources.ROOT)) for path in there}
    assert {file: which for file, which in report.items() if which} == {}
