"""A copy of the sources in which a guard is taken away, and the runs of tests in it.

The working tree is never touched. A run counts as red only where the named test itself says that
what it claims is not so: an import that fails, a fixture that breaks or a crash is no proof.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.sabotage import watching
from tests.sabotage.guard import Guard

ROOT = Path(__file__).resolve().parents[2]
_COPIED = ("service", "channels", "crypto", "templates", "workers", "tests", "tools", "docs")
_FILES = ("pyproject.toml", "Makefile", "README.md", "compose.yaml")
_LATEST = 180
"""Seconds after which a run without its guard is taken for hung."""


class Stale(Exception):
    """The text of a row is not in its file exactly once: the guard moved or was rewritten."""


class Unproven(Exception):
    """A guard could be taken away and its test did not say so, or not by its own claim."""


@contextmanager
def copied() -> Iterator["Workshop"]:
    """Keep a copy of the sources as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix="loopkeeper-sabotage-") as folder:
        root = Path(folder).resolve()
        # What pytest compiled names the files it came from; the rest may be kept.
        leave = shutil.ignore_patterns("*-pytest-*.pyc", ".hypothesis")
        for name in _COPIED:
            shutil.copytree(ROOT / name, root / name, ignore=leave)
        for name in _FILES:
            shutil.copy2(ROOT / name, root / name)
        yield Workshop(root)


class Workshop:
    """Runs tests in a copy, as it is or with a guard taken away."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def whole(self, tests: Sequence[str], given: Mapping[str, str]) -> None:
        """Run tests with every guard in its place; raises Unproven unless each of them passes."""
        wanted = sorted(set(tests))
        phases, said = self._run(wanted, given)
        failed = sorted({phase.test for phase in phases if not phase.passed})
        ran = {phase.test for phase in phases if phase.when == "call"}
        missing = [test for test in wanted if not any(_is(test, each) for each in ran)]
        if failed or missing:
            raise Unproven(f"With every guard: red {failed}, not run {missing}.\n{said}")

    def without(self, guard: Guard, given: Mapping[str, str]) -> None:
        """Take one guard away, run its test, put it back; raises Stale, Unproven."""
        with self._sabotaged(guard):
            phases, said = self._run([guard.test], given)
        failed = [phase for phase in phases if not phase.passed]
        if not failed:
            why = "stayed green" if any(phase.when == "call" for phase in phases) else "did not run"
            raise Unproven(f"{guard.name}: {guard.test} {why}.\n{said}")
        others = sorted({phase.error for phase in failed if not phase.asserted})
        if others:
            raise Unproven(f"{guard.name}: {guard.test} broke by {others}, not its claim.\n{said}")

    @contextmanager
    def _sabotaged(self, guard: Guard) -> Iterator[None]:
        path = self._root / guard.file
        before, stat = path.read_text("utf-8"), path.stat()
        path.write_text(changed(guard, before), "utf-8")
        # Compiled files are matched by second and size, and both could be the same.
        os.utime(path, (stat.st_atime, stat.st_mtime + 1000))
        try:
            yield
        finally:
            path.write_text(before, "utf-8")
            os.utime(path, (stat.st_atime, stat.st_mtime))

    def _run(
        self, tests: Sequence[str], given: Mapping[str, str]
    ) -> tuple[tuple[watching.Phase, ...], str]:
        told = self._root / "phases.jsonl"
        told.unlink(missing_ok=True)
        options = ("-q", "-p", "no:randomly", "-p", "no:cacheprovider", "--tb=short", "-n", "0")
        command = (sys.executable, "-m", "pytest", *options)
        try:
            done = subprocess.run(
                [*command, "-p", "tests.sabotage.watching", f"--phases={told}", *tests],
                cwd=self._root,
                env=_environment(given),
                capture_output=True,
                text=True,
                timeout=_LATEST,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return (), f"It hung for {_LATEST} seconds."
        return watching.phases(told), (done.stdout + done.stderr)[-3000:]


def changed(guard: Guard, before: str) -> str:
    """Return a file's text with the guard taken away; raises Stale where it is not there once."""
    count = before.count(guard.text)
    if count != 1:
        raise Stale(f"{guard.name}: its text is {count} times in {guard.file}. Write the row anew.")
    return before.replace(guard.text, guard.instead)


def _is(test: str, ran: str) -> bool:
    return ran == test or ran.startswith(f"{test}[")


def _environment(given: Mapping[str, str]) -> dict[str, str]:
    # The run outside may be a worker, or be measured: the run inside is neither.
    own = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTEST_", "COV_", "COVERAGE_"))
    }
    return own | {"PYTHONPATH": "."} | dict(given)
