"""What the product really wrote for one act, turned into one bare statement of the same rows.

The rows of a referral or a thread are read before and after each act of a journey. What is new
becomes an insert, what differs an update of just those columns, all in one CTE with plain
parameters. Ids that the journey made are numbered: the floor makes them afresh from one number a
journey, neighbours of each other as UUIDv7 are, so that its indexes grow where the product's do.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

OWNER_SCHEMA = "lk"
FLOOR_SCHEMA = "floor"
ROOTS = ("referral", "thread")
"""What a journey is about; the floor's one read of a later act goes to its row."""

NETWORK = "organization"
"""Where the floor's one read of a first act goes; it is filled with the network's rows."""

Row = dict[str, Any]
Snapshot = dict[tuple[str, tuple[Any, ...]], Row]


class Fresh(msgspec.Struct, frozen=True):
    """A parameter that is another one in every journey: the id of this number, or its text."""

    number: int
    text: bool = False


class Statement(msgspec.Struct, frozen=True):
    """One act of the floor: its one CTE, and what goes into it; moments move with the clock."""

    sql: str
    values: tuple[Any, ...]
    read_from: str
    read: Any
    captured_at: datetime

    def arguments(self, seed: int, *, now: datetime) -> list[Any]:
        """Return the parameters of one journey."""
        later = now - self.captured_at
        return [_argument(value, seed, later) for value in self.values]


class Journey(msgspec.Struct, frozen=True):
    """A sent referral and its steps, or a thread and what is said in it, as statements."""

    send: Statement
    steps: tuple[Statement, ...]


def fresh_id(seed: int, number: int) -> UUID:
    """Return the id of this number within a journey."""
    return UUID(int=seed + number)


def _argument(value: Any, seed: int, later: timedelta) -> Any:
    if isinstance(value, Fresh):
        made = fresh_id(seed, value.number)
        return made.hex if value.text else made
    if isinstance(value, datetime):
        return value + later
    return value


class Tables(msgspec.Struct):
    """Tables that carry rows of a root, with their primary keys and the column that names it."""

    root: str
    keys: dict[str, tuple[str, ...]]
    owners: dict[str, str]


async def tables(owner: asyncpg.Connection, root: str) -> Tables:
    """Find every table with rows of a referral or of a thread in it."""
    found = await owner.fetch(_TABLES, OWNER_SCHEMA, f"{root}_id")
    keys = {row["name"]: tuple(row["key"]) for row in found}
    named = {row["name"]: f"{root}_id" for row in found if row["named"]}
    return Tables(root=root, keys=keys, owners=named | {root: "id"} | _OTHERWISE[root])


_SAID = "coalesce((select m.thread_id from lk.message m where m.id = resource_id), resource_id)"

_OTHERWISE = {
    "referral": {"idempotency": "resource_id"},
    "thread": {"audit": "resource_id", "idempotency": _SAID},
}
"""Tables whose rows name what they are about in another way than by a column of that name."""

_TABLES = """
select c.relname as name, array_agg(a.attname order by k.place) as key,
       exists (select 1 from pg_attribute r where r.attrelid = c.oid and r.attname = $2) as named
  from pg_class c join pg_namespace n on n.oid = c.relnamespace and n.nspname = $1
  join pg_index i on i.indrelid = c.oid and i.indisprimary
  join lateral unnest(i.indkey) with ordinality as k(number, place) on true
  join pg_attribute a on a.attrelid = c.oid and a.attnum = k.number
 where c.relkind = 'r'
 group by c.oid, c.relname"""


async def prepare(owner: asyncpg.Connection, *found: Tables) -> None:
    """Make the floor's tables: the same columns, checks and indexes, and nothing else."""
    await owner.execute(f"drop schema if exists {FLOOR_SCHEMA} cascade")
    await owner.execute(f"create schema {FLOOR_SCHEMA}")
    names = {name for each in found for name in each.owners}
    for name in sorted({*names, *ROOTS, NETWORK}):
        await owner.execute(
            f"create table {FLOOR_SCHEMA}.{name} (like {OWNER_SCHEMA}.{name} including all)"
        )
    await owner.execute(
        f"insert into {FLOOR_SCHEMA}.{NETWORK} select * from {OWNER_SCHEMA}.{NETWORK}"
    )


async def snapshot(owner: asyncpg.Connection, found: Tables, root_id: UUID) -> Snapshot:
    """Read every row of a referral or a thread."""
    rows: Snapshot = {}
    for name, column in found.owners.items():
        where = f"select * from {OWNER_SCHEMA}.{name} where {column} = $1"
        for row in await owner.fetch(where, root_id):
            rows[name, tuple(row[part] for part in found.keys[name])] = dict(row)
    return rows


class Recorder:
    """Turns the differences between snapshots of one referral or thread into statements."""

    def __init__(self, root_id: UUID, sender_org_id: UUID, known: Tables) -> None:
        self._sender_org_id = sender_org_id
        self._known = known
        self._numbers: dict[Any, int] = {root_id: 0}
        self._before: Snapshot = {}

    def act(self, after: Snapshot, *, captured_at: datetime) -> Statement:
        """Return the statement of what happened since the last snapshot."""
        new = {place: row for place, row in after.items() if place not in self._before}
        self._number(new)
        writing = _Writing(self._numbers)
        changed = {
            place: {name: value for name, value in row.items() if value != old[name]}
            for place, row in after.items()
            if (old := self._before.get(place)) is not None and row != old
        }
        for (table, key), columns in sorted(changed.items(), key=str):
            where = dict(zip(self._known.keys[table], key, strict=True))
            if table == self._known.root:
                where["version"] = self._before[table, key]["version"]
            writing.update(table, columns, where=where)
        for table in sorted({table for table, _ in new}):
            writing.insert(table, [row for place, row in new.items() if place[0] == table])
        first = not self._before
        self._before = after
        return Statement(
            sql=writing.sql(),
            values=tuple(writing.values),
            read_from=NETWORK if first else self._known.root,
            read=self._sender_org_id if first else Fresh(0),
            captured_at=captured_at,
        )

    def _number(self, new: Snapshot) -> None:
        """Number what must be unique: single ids of rows, references, idempotency keys."""
        for (table, key), row in new.items():
            own = [key[0]] if self._known.keys[table] == ("id",) else []
            unique = [row[name] for name in _UNIQUE.get(table, ())]
            for value in (*own, *unique):
                self._numbers.setdefault(value, len(self._numbers))


_UNIQUE = {
    "referral": ("reference",),
    "thread": ("reference",),
    "event": ("id",),
    "idempotency": ("key",),
}


class _Writing:
    """Collects the parts of one CTE and their parameters."""

    def __init__(self, numbers: dict[Any, int]) -> None:
        self._numbers = numbers
        self._parts: list[str] = []
        self.values: list[Any] = []

    def update(self, table: str, columns: Row, *, where: Row) -> None:
        changes = ", ".join(f"{name} = {self._take(value)}" for name, value in columns.items())
        named = " and ".join(f"{name} = {self._take(value)}" for name, value in where.items())
        self._parts.append(f"update {FLOOR_SCHEMA}.{table} set {changes} where {named}")

    def insert(self, table: str, rows: list[Row]) -> None:
        # A column that no row fills is left out: the least that could be sent.
        names = [name for name in rows[0] if any(row[name] is not None for row in rows)]
        values = ", ".join(
            f"({', '.join(self._take(row[name]) for name in names)})" for row in rows
        )
        self._parts.append(
            f"insert into {FLOOR_SCHEMA}.{table} ({', '.join(names)}) values {values}"
        )

    def sql(self) -> str:
        parts = ", ".join(f"p{number} as ({part})" for number, part in enumerate(self._parts))
        return f"with {parts} select 1"

    def _take(self, value: Any) -> str:
        number = self._numbers.get(value) if isinstance(value, UUID | str) else None
        self.values.append(value if number is None else Fresh(number, text=isinstance(value, str)))
        return f"${len(self.values)}"
