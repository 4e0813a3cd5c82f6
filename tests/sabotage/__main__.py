"""`make sabotage`: take every guard away in turn; the last line is the verdict."""

import sys
import tempfile
import time
from pathlib import Path

from service import servers
from tests.sabotage import workshop
from tests.sabotage.guards import GUARDS


def main(names: list[str]) -> int:
    """Run all rows, or those whose names are given; returns how many proved nothing, at most 1."""
    guards = [guard for guard in GUARDS if not names or guard.name in names]
    unknown = set(names) - {guard.name for guard in guards}
    if unknown:
        print(f"No such guard: {', '.join(sorted(unknown))}")
        return 2
    with (
        tempfile.TemporaryDirectory(prefix="loopkeeper-sabotage-") as folder,
        servers.running(Path(folder) / "servers", durability=servers.Durability.FAST) as running,
        workshop.copied() as copy,
    ):
        given = {"DATABASE_URL": running.database_url, "REDIS_URL": running.redis_url}
        faults = [_whole(copy, [guard.test for guard in guards], given)]
        faults += [_without(copy, guard, given) for guard in guards]
    failed = sum(faults)
    print(f"{len(guards)} guards taken away in turn, {failed} faults.")
    return 1 if failed else 0


def _whole(copy: workshop.Workshop, tests: list[str], given: dict[str, str]) -> bool:
    try:
        copy.whole(tests, given)
    except workshop.Unproven as reason:
        print(reason)
        return True
    print(f"  {len(set(tests))} tests pass with every guard in its place", flush=True)
    return False


def _without(copy: workshop.Workshop, guard: workshop.Guard, given: dict[str, str]) -> bool:
    begun = time.monotonic()
    try:
        copy.without(guard, given)
    except (workshop.Unproven, workshop.Stale) as reason:
        print(f"FAULT {reason}", flush=True)
        return True
    print(f"  {time.monotonic() - begun:5.1f} s  {guard.name}: red, {guard.test}", flush=True)
    return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
