"""The crash test in short: one of each of the worst faults, over real processes and servers."""

import subprocess
import sys

from tests.shape.sources import ROOT

# A seed whose eight faults kill web, courier, relay, Redis and all of PostgreSQL, flush Redis and
# freeze a worker, with a mail server that is slow meanwhile.
SEED = "4525"
LONGEST_S = 150


def test_nothing_acknowledged_is_lost_when_everything_is_killed_once():
    words = ["--faults", "8", "--seed", SEED, "--gap", "1.2"]
    done = subprocess.run(
        [sys.executable, "-m", "tests.chaos", *words],
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
        check=False,
        cwd=ROOT,
    )
    last = done.stdout.strip().rpartition("\n")[2]
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    assert last.startswith("chaos: HELD faults=8 "), last
    assert " lost=0 " in last
