"""One clock in Python and one in SQL."""

import re

from tests.shape import sources

# Ids, keys and sessions live in real time; everything else is told what time it is.
REAL_TIME = {"service/clock.py", "service/domain/ids.py"}
CLOCKS = re.compile(
    r"(^|\.)(datetime\.(now|utcnow|today)|date\.today|time\.time(_ns)?|uuid1|uuid7)$"
)
SQL_CLOCKS = re.compile(
    r"(?<![.\w])(now|clock_timestamp|statement_timestamp|transaction_timestamp|timeofday)\s*\("
    r"|\bcurrent_(date|time|timestamp)\b|\blocaltime(stamp)?\b",
    re.IGNORECASE,
)
# lk.now() adds the offset; lk.raw_now() beside it is for the guard against jumps of the clock.
DEFINITION = re.compile(
    r"create (or replace )?function lk\.(now|raw_now)\(\).*?(\$\$.*?\$\$|;)", re.S | re.I
)


def test_nobody_reads_a_clock_of_their_own() -> None:
    found = [
        f"{path}:{line} {name}"
        for path in sources.files(*sources.PACKAGES)
        if str(path) not in REAL_TIME
        for line, name in sources.calls(path)
        if CLOCKS.search(name)
    ]
    assert not found


def _without_comments(sql: str) -> str:
    return re.sub(r"--[^\n]*", "", sql)


def test_no_sql_reads_a_clock_but_the_one_function() -> None:
    found = []
    for path in sorted(sources.ROOT.glob("service/**/*.sql")):
        sql = _without_comments(path.read_text(encoding="utf-8"))
        rest = DEFINITION.sub("", sql)
        found += [f"{path.name}: {hit.group()}" for hit in SQL_CLOCKS.finditer(rest)]
    assert not found
