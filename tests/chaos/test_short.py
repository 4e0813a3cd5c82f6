"""The crash test in short: every kind of fault, over real processes, servers and providers."""

import subprocess
import sys

from tests.shape.sources import ROOT

# A seed whose thirty faults have every kind, kill web, relay, receipts, clockwork, sealer and,
# twice, the courier, and flush Redis twice: once each while mails or texts are slow.
FAULTS, SEED = "30", "2916"
LONGEST_S = 240


def test_nothing_acknowledged_is_lost_when_everything_is_killed_once():
    words = ["--faults", FAULTS, "--seed", SEED, "--gap", "1.2"]
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
    assert last.startswith(f"chaos: HELD faults={FAULTS} "), last
    assert " lost=0 " in last
