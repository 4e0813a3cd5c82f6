"""The words the law of rows is written in: tests of one row under one scope, joined by | and &."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from tests.store.fences.cast import ENDED, PARTIES, TAKING_PART

Row = dict[str, Any]


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """The settings a transaction has, as text; empty is unset."""

    name: str
    org: str = ""
    person: str = ""
    lookup: str = ""
    opening: str = ""
    network: bool = False
    numbering: bool = False

    def settings(self) -> dict[str, str]:
        """Spell the settings as PostgreSQL has them."""
        return {
            "app.org": self.org,
            "app.person": self.person,
            "app.lookup": self.lookup.removeprefix("\\x"),
            "app.opening": self.opening,
            "app.network": "on" if self.network else "",
            "app.numbering": "on" if self.numbering else "",
        }


class Test(msgspec.Struct, frozen=True):
    """A test of a row under a scope."""

    __test__ = False

    holds: Callable[[Row, Scope], bool]

    def __call__(self, row: Row, scope: Scope) -> bool:
        return self.holds(row, scope)

    def __or__(self, other: "Test") -> "Test":
        return Test(lambda row, scope: self(row, scope) or other(row, scope))

    def __and__(self, other: "Test") -> "Test":
        return Test(lambda row, scope: self(row, scope) and other(row, scope))


class Fence(msgspec.Struct, frozen=True, kw_only=True):
    """What some roles may do to which rows; `check` is of the row as it is written."""

    roles: frozenset[str]
    commands: frozenset[str]
    using: Test
    check: Test | None = None


_ALL = "select insert update delete"


def fence(
    roles: str | tuple[str, ...], commands: str, using: Test, *, check: Test | None = None
) -> Fence:
    """Make a fence; `all` is every command."""
    return Fence(
        roles=frozenset((roles,) if isinstance(roles, str) else roles),
        commands=frozenset((_ALL if commands == "all" else commands).split()),
        using=using,
        check=check,
    )


def chosen(holds: Callable[[Row, Scope], bool]) -> Test:
    """Make a test out of a plain one."""
    return Test(holds)


def _same(mine: str, its: Any) -> bool:
    return bool(mine) and mine == its


anyone = Test(lambda row, scope: True)
network = Test(lambda row, scope: scope.network)
numbering = Test(lambda row, scope: scope.numbering)
signed_in_somewhere = Test(lambda row, scope: bool(scope.org))
writable = Test(lambda row, scope: bool(row["writable"]))
admitted = Test(lambda row, scope: _same(scope.org, row["admitted_by_org_id"]))


def own(column: str = "org_id") -> Test:
    """The organization's own row."""
    return Test(lambda row, scope: _same(scope.org, row[column]))


# Whoever reviews an emergency access ends what those above were asked to do about it.
overseen = own("about_org_id") & Test(lambda row, scope: row["kind"] == "break_glass_unreviewed")


def person(column: str = "person_id") -> Test:
    """The signed-in person's own row."""
    return Test(lambda row, scope: _same(scope.person, row[column]))


def proof(column: str) -> Test:
    """The row whose secret's hash the caller brought."""
    return Test(lambda row, scope: _same(scope.lookup, row[column]))


def opening(*columns: str) -> Test:
    """A row of the one referral or thread that this step opens."""
    return Test(lambda row, scope: any(_same(scope.opening, row[each]) for each in columns))


def part(column: str = "referral_id") -> Test:
    """A row of a referral whose party the organization is, or was until a moment to come."""
    return Test(lambda row, scope: (scope.org, row[column]) in PARTIES)


def taking_part(column: str, *, from_seq: bool = False) -> Test:
    """A row of a thread the organization takes part in, from its first number on."""

    def holds(row: Row, scope: Scope) -> bool:
        first = TAKING_PART.get((scope.org, row[column]))
        return first is not None and (not from_seq or first <= row["seq"])

    return Test(holds)


def long_ago(column: str, *, days: int) -> Test:
    """A row that is over for so long that it may be swept away."""

    def holds(row: Row, _scope: Scope) -> bool:
        moment = datetime.fromisoformat(row[column])
        return moment < datetime.now(UTC) - timedelta(days=days)

    return Test(holds)


def released(*, no: bool) -> Test:
    """A hold that was lifted, or with `no` one that stands."""
    return Test(lambda row, scope: (row["released_at"] is None) is no)


def of(column: str, table: str, test: Test) -> Test:
    """A row that names another one, of which the test holds."""

    def holds(row: Row, scope: Scope) -> bool:
        return any(test(each, scope) for each in ROWS[table] if each["id"] == row[column])

    return Test(holds)


def same(column: str, table: str, test: Test) -> Test:
    """A row that shares a value with one of another table, of which the test holds."""

    def holds(row: Row, scope: Scope) -> bool:
        return any(test(each, scope) for each in ROWS[table] if each[column] == row[column])

    return Test(holds)


def its_person_works_here(column: str) -> Test:
    """A row of a person who is a member of the organization."""

    def holds(row: Row, scope: Scope) -> bool:
        return any(
            (each["org_id"], each["person_id"]) == (scope.org, row[column])
            for each in ROWS["member"]
        )

    return Test(holds)


def whose(table: str, test: Test) -> Test:
    """A member whom some row of another table names, of which the test holds."""

    def holds(row: Row, scope: Scope) -> bool:
        return any(test(each, scope) for each in ROWS[table] if each["member_id"] == row["id"])

    return Test(holds)


def named_by(table: str, column: str, test: Test) -> Test:
    """A row that some row of another table names, of which the test holds."""

    def holds(row: Row, scope: Scope) -> bool:
        return any(test(each, scope) for each in ROWS[table] if each[column] == row["id"])

    return Test(holds)


def stood_on(table: str, column: str, place: str) -> Test:
    """A consent that the referral which is being opened, or a party of it, stands on."""

    def holds(row: Row, scope: Scope) -> bool:
        return any(
            each[column] == row["id"] and _same(scope.opening, each[place]) for each in ROWS[table]
        )

    return Test(holds)


def told(table: str, column: str) -> Test:
    """A row that another table tells this organization of."""

    def holds(row: Row, scope: Scope) -> bool:
        return any(
            each[column] == row["id"] and _same(scope.org, each["org_id"]) for each in ROWS[table]
        )

    return Test(holds)


def _on_ones_page(row: Row, scope: Scope) -> bool:
    """A no to texts, for the number of the link that a visit came by."""
    no = row["org_id"] is None and row["purpose"] is None and not row["given"]
    links = {
        each["patient_link_id"]
        for each in ROWS["patient_visit"]
        if _same(scope.lookup, each["session_hash"]) and each["ended_at"] is None
    }
    numbers = {
        each["number_id"]
        for each in ROWS["patient_link"]
        if each["id"] in links
        and (_same(scope.org, each["org_id"]) or _same(scope.lookup, each["secret_hash"]))
    }
    return no and row["how"] == "page" and row["number_id"] in numbers


on_ones_page = Test(_on_ones_page)

ROWS: dict[str, list[Row]] = {}
"""Every row of the town, by table, for tests that look at more than one."""

assert not ENDED & PARTIES


# Whoever administers the network mends what is stuck on its way out, and sees it end; with a digest
# goes what waits in it.
_held = chosen(lambda row, scope: row["state"] == "gathered" and row["digest_id"] is not None)
_under_way = chosen(lambda row, scope: row["state"] in {"pending", "parked", "dead"}) | _held
_stuck = network & _under_way
_mended = network & (_under_way | chosen(lambda row, scope: row["state"] == "cancelled"))
own_hook = chosen(lambda row, scope: row["webhook_id"] is not None) & own()
of_stuck = network & of("effect_id", "outbox", _mended | part() | own_hook)
caused = network & chosen(lambda row, scope: row["effect_id"] is not None)
MENDS = (fence("lk_web", "select", _mended), fence("lk_web", "update", _stuck, check=network))
