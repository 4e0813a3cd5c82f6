"""Every named statement prepares, and what it reads feeds its Struct, column by column."""

import importlib
import pkgutil
from typing import Any

import pytest

from service import store
from service.store import queries

STATEMENTS = [
    (aggregate, name, text)
    for aggregate, found in queries.every().items()
    if aggregate != "steps"
    for name, text in found.items()
]


def _reads() -> list[tuple[str, str, Any]]:
    found = []
    for each in pkgutil.iter_modules(store.__path__):
        module = importlib.import_module(f"service.store.{each.name}")
        for name, shape in getattr(module, "READS", {}).items():
            found.append((each.name, name, (getattr(module.Q, name), shape)))
    return found


READS = _reads()


@pytest.mark.parametrize(
    ("aggregate", "name", "text"), STATEMENTS, ids=[f"{a}.{n}" for a, n, _ in STATEMENTS]
)
async def test_it_prepares(connection: Any, aggregate: str, name: str, text: str) -> None:
    await connection.execute("set search_path = lk")
    assert await connection.prepare(text)


@pytest.mark.parametrize(("room", "name", "pair"), READS, ids=[f"{r}.{n}" for r, n, _ in READS])
async def test_what_it_reads_feeds_its_struct(
    connection: Any, room: str, name: str, pair: Any
) -> None:
    text, shape = pair
    await connection.execute("set search_path = lk")
    prepared = await connection.prepare(text)
    columns = {attribute.name for attribute in prepared.get_attributes()}
    assert columns == set(shape.__struct_fields__)
