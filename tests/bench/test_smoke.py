"""That the bench runs at all; what it measures is never asserted."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.bench


def test_a_quick_bench_prints_every_figure() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench", "--quick"],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "page: needs me" in done.stdout
    assert {"P1", "P2", "P3", "P4", "P6", "P8"} <= set(done.stdout.split())
