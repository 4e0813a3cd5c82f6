"""What a row of sabotage says."""

import msgspec


class Guard(msgspec.Struct, frozen=True, kw_only=True):
    """One guard: where it stands, what it becomes, and the one test that must notice.

    `text` occurs in `file` exactly once; `instead` takes its place. `quick` rows are run by the
    suite itself, all of them by `make sabotage`.
    """

    name: str
    file: str
    text: str
    instead: str = ""
    test: str
    quick: bool = False
