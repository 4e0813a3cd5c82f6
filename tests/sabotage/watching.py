"""A plugin for the runs inside: what became of each phase of each test, a line of JSON each."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

_ASSERTED = "assertion"


class Phase(msgspec.Struct, frozen=True, kw_only=True):
    """What became of setting up, calling or tearing down one test.

    `error` is empty where it passed, `assertion` where a test said that something is not so, and
    else the class of whatever went wrong.
    """

    test: str
    when: str
    passed: bool
    error: str = ""

    @property
    def asserted(self) -> bool:
        """Whether the test itself said that what it claims is not so."""
        return self.when == "call" and self.error == _ASSERTED


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take the path of the file that is written to."""
    parser.addoption("--phases", help="a file for what became of each phase")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Write down how a phase ended."""
    report = yield
    phase = Phase(
        test=item.nodeid,
        when=call.when,
        passed=report.passed,
        error=_error_of(call.excinfo, item.config.rootpath) if call.excinfo else "",
    )
    with Path(item.config.getoption("--phases")).open("ab") as file:
        file.write(msgspec.json.encode(phase) + b"\n")
    return report


def _error_of(found: pytest.ExceptionInfo[BaseException], root: Path) -> str:
    """Tell a test's own assertion from everything else that can go wrong in it."""
    error = found.value
    silent = isinstance(error, pytest.fail.Exception) and str(error).startswith("DID NOT RAISE")
    # An assertion of the product is a crash of it, and no test that noticed.
    where = Path(found.traceback[-1].path)
    ours = isinstance(error, AssertionError) and where.is_relative_to(root / "tests")
    return _ASSERTED if silent or ours else type(error).__name__


def phases(path: Path) -> tuple[Phase, ...]:
    """Read what a run wrote."""
    if not path.exists():
        return ()
    lines = path.read_bytes().splitlines()
    return tuple(msgspec.json.decode(line, type=Phase) for line in lines)
