"""Every statement of the store is one the database takes, from the role that asks it."""

import importlib
import pkgutil
from typing import Any

import asyncpg
import pytest

from service import store
from service.domain.facts import LegFacts
from service.store import attachments, queries, referrals, steps, thread_writes
from service.store.pool import Scope
from tests import making

WEB, WORKER, CHECK, KEYS = "lk_web", "lk_worker", "lk_check", "lk_keys"
OWNER = "the owner of everything, who alone takes a backup and brings it back"
ROLES: dict[str, str] = {
    "invariants": CHECK,
    "holds": KEYS,
    "shredding": KEYS,
    "resealing": KEYS,
    "rotating": KEYS,
    "operations": CHECK,
    "figures": CHECK,
    "outbox": WORKER,
    "timers": WORKER,
    "ladder": WORKER,
    "reckonings": WORKER,
    "nightly": WORKER,
    "behaviour": WORKER,
    "watches": WORKER,
    "receipts": WORKER,
    "mail_hooks": "lk_web",
    "reminders": "lk_web",
    "sms": WORKER,
    "sms_hooks": "lk_web",
    "record": WORKER,
    "texts": WORKER,
    "hearing": WORKER,
    "record_reading": CHECK,
    "feeds": WORKER,
    "backups": OWNER,
    "restores": WORKER,
    "webhooks": WORKER,
}
"""Which role asks the statements of a file; lk_web where nothing is said."""

ONE_BY_ONE: dict[tuple[str, str], str] = {
    ("operations", "release"): WORKER,
    ("backups", "took"): WORKER,
    ("backups", "last"): CHECK,
    ("restores", "doubtful"): CHECK,
    **{
        ("restores", name): OWNER
        for name in (
            "strangers",
            "name",
            "hold",
            "hold_line",
            "end_sessions",
            "end_link_sessions",
            "end_patient_visits",
        )
    },
    **{("patient_links", name): WORKER for name in ("insert", "code_window", "code_to")},
    ("password_asks", "waiting"): WORKER,
    ("password_asks", "done"): WORKER,
    **{
        ("attachments", name): WORKER
        for name in ("due", "held", "scanned", "tell", "stale", "remove")
    },
    ("attachments", "blobs"): CHECK,
    **{
        ("webhooks", name): WEB
        for name in ("insert", "of_organization", "one", "seal", "deliveries", "resend")
    },
    ("feeds", "page"): WEB,
    ("feeds", "last"): WEB,
    ("nightly", "last"): CHECK,
}
"""Statements of a file that another role asks."""

EVERY = [
    (aggregate, name, text)
    for aggregate, found in queries.every().items()
    for name, text in found.items()
]
MODULES = [
    importlib.import_module(f"service.store.{each.name}")
    for each in pkgutil.iter_modules(store.__path__)
]
READS = [
    (module, name, struct)
    for module in MODULES
    for name, struct in getattr(module, "READS", {}).items()
]


GUARDS = sorted(set(steps.PARTS) - set(steps._ROWS))


@pytest.fixture
async def roles(database_url: str):
    """Connections of every role, by its name."""
    opened = {}
    for role in ("lk_web", WORKER, CHECK):
        opened[role] = await asyncpg.connect(
            making.role_url(database_url, role), server_settings={"search_path": "lk"}
        )
    # Nobody signs in as this one: the owner takes it on.
    opened[KEYS] = await asyncpg.connect(
        database_url, server_settings={"search_path": "lk", "role": KEYS}
    )
    opened[OWNER] = await asyncpg.connect(database_url, server_settings={"search_path": "lk"})
    yield opened
    for connection in opened.values():
        await connection.close()


def role_of(aggregate: str, name: str) -> str:
    return ONE_BY_ONE.get((aggregate, name), ROLES.get(aggregate, "lk_web"))


async def started(connection: Any, text: str) -> None:
    """Plan a statement and start it without a run: planning alone does not look at grants."""
    prepared = await connection.prepare(text)
    nothing = ", ".join("null" for _ in prepared.get_parameters())
    await connection.execute(f"prepare started as {text.rstrip(';')}")
    try:
        await connection.execute(f"explain execute started{f'({nothing})' if nothing else ''}")
    finally:
        await connection.execute("deallocate started")


async def test_every_statement_is_planned_for_the_role_that_asks_it(roles: dict[str, Any]) -> None:
    broken = []
    for aggregate, name, text in EVERY:
        connection = roles[role_of(aggregate, name)]
        try:
            await started(connection, text)
        except asyncpg.PostgresError as reason:
            broken.append(f"{aggregate}.{name}: {reason}")
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize("guard", ["guard", "created", "edited", "grounded"])
async def test_a_step_with_every_part_is_planned(roles: dict[str, Any], guard: str) -> None:
    await started(roles["lk_web"], steps.whole(guard))


@pytest.mark.parametrize("guard", ["guard", "started"])
async def test_an_act_on_a_thread_with_every_part_is_planned(
    roles: dict[str, Any], guard: str
) -> None:
    await started(roles["lk_web"], thread_writes.whole(guard))


def test_every_part_of_an_act_on_a_thread_has_its_place() -> None:
    assert set(thread_writes.PARTS) == {*thread_writes._ROWS, "guard", "started"}


@pytest.mark.parametrize("guard", ["of_referral", "of_thread"])
async def test_adding_a_file_with_every_part_is_planned(roles: dict[str, Any], guard: str) -> None:
    await started(roles["lk_web"], attachments.whole(guard))


def test_every_part_of_a_step_has_its_place() -> None:
    assert set(steps.PARTS) == {*steps._ROWS, "guard", "created", "edited", "grounded"}


@pytest.mark.parametrize(
    ("module", "name", "struct"),
    READS,
    ids=[f"{module.__name__.rpartition('.')[2]}.{name}" for module, name, _ in READS],
)
async def test_the_columns_of_a_read_are_the_fields_of_its_struct(
    roles: dict[str, Any], module: Any, name: str, struct: Any
) -> None:
    statement = await roles["lk_web"].prepare(getattr(module.Q, name))
    columns = {attribute.name for attribute in statement.get_attributes()}
    assert columns == set(struct.__struct_fields__)


def test_every_statement_says_in_a_comment_what_it_is_for() -> None:
    assert [f"{file}.{name}" for file, name, text in EVERY if not text.startswith("-- ")] == []


async def test_the_picture_of_a_leg_has_every_field_of_its_facts(database_url: str) -> None:
    async with making.house(database_url) as house:
        clinic = await house.organization("Clinic")
        pantry = await house.organization("Pantry", kind="social_service")
        sent = await house.sent(clinic, [pantry])
        async with house.office.db.transaction(Scope(org_id=clinic.id)) as connection:
            row = await connection.fetchrow(referrals.Q.facts, sent.referral_id, None)
    assert set(row["legs"][0]) == set(LegFacts.__struct_fields__)
