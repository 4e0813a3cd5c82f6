"""Where the external test data lies: beside the repository, or where the environment says."""

import os
from pathlib import Path

import pytest

_BESIDE = Path(__file__).parents[3] / "shared" / "data"


def shared(name: str) -> Path:
    """Find a file of the external test data, or skip the test with the reason."""
    path = Path(os.environ.get("LOOPKEEPER_SHARED_DATA", _BESIDE)) / name
    if not path.exists():
        pytest.skip(f"the external test data ({name}) is not on this machine")
    return path
