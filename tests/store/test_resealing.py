"""Values under a field key move to the next one while the service runs; the old key may then go."""

import asyncio
import signal
import sys
from uuid import UUID

import asyncpg
import msgspec
import pytest

from crypto.faults import KeyDestroyed
from crypto.sealed import Place, key_id_of
from service.actions import identities, parking, rotate_keys, start_thread, thread_desk
from service.actions.parking import Owner
from service.actions.start_thread import NewThread
from service.actions.thread_guests import Invited
from service.domain import ids
from service.store import link_views, patients, resealing, rotating
from service.store.pool import Scope
from service.store.resealing import Column
from tests.shape.sources import ROOT
from tests.store.rotating import Running, running, working

__all__ = ["running"]

OTHER_KEYS = {
    ("seal", "sealed"),
    ("patient", "sealed"),
    ("contact", "sealed"),
    ("consent", "sealed"),
    ("message", "retract_sealed"),
    ("text_heard", "sealed"),
}
"""Sealed under an organization's public key, a patient's key, or an epoch's."""


WORKER = "insert into agency_worker (sealed, org_id, id, created_at) values ($1, $2, $3, now())"
GLASS = (
    "insert into break_glass (sealed, id, org_id, subject_org_id, member_id, person_id, patient_id,"
    " session_id, reason, medical_emergency, classes, opened_at, until_at)"
    " values ($1, $2, $3, $3, $4, $5, $6, $2, 'other', false, '{}', now(), now())"
)


HOOK = (
    "insert into webhook (sealed, id, org_id, created_by_member_id, created_at, changed_at)"
    " select $1, $2, $3, m.id, now(), now() from member m where m.org_id = $3 limit 1"
)
NUMBER = "insert into text_number (sealed, id, token, created_at) values ($1, $2, '\\x01', now())"
CAME = (
    "insert into inbound_text (sealed, id, provider, event_id, received_at, next_at)"
    " values ($1, $2, 'kannel', '1', now(), now())"
)
OF_THE_NETWORK = {"person", "text_number", "inbound_text"}


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A value as it lies there, and what it says."""

    column: Column
    org_id: UUID | None
    row_id: UUID
    sealed: bytes
    plain: bytes


ROW = {("external_id", "sealed"): "subject_id", ("message_draft", "sealed"): "thread_id"}


async def everything(running: Running) -> list[Kept]:
    """Open every value of every column, as the application does."""
    found: list[Kept] = []
    for column in resealing.COLUMNS:
        org = "null::uuid" if column.table in OF_THE_NETWORK else "org_id"
        row_id = ROW.get((column.table, column.name), "id")
        async with running.shop.keeper.transaction(Scope()) as connection:
            rows = await connection.fetch(
                f"select {org} as org_id, {row_id} as row_id, {column.name} as sealed"
                f" from {column.table} where {column.name} is not null order by 1, 2"
            )
        for row in rows:
            place = Place(
                table=column.table, column=column.name, row_id=row["row_id"], org_id=row["org_id"]
            )
            plain = await running.network.house.keys.open_field(
                row["org_id"], row["sealed"], place=place
            )
            found.append(Kept(column=column, plain=plain, **dict(row)))
    return found


async def fill(running: Running) -> None:
    """Put a value into every column, through the acts that do and, for some, by hand."""
    house, clinic = running.network.house, running.network.clinic
    actor, office = clinic.actor, house.office
    assert actor.person_id is not None
    assert actor.member_id is not None
    wish = NewThread(
        subject="s", text="t", participants=(Invited(org_id=running.network.pantries[0].id),)
    )
    said = await start_thread.start_thread(office, actor, wish)
    await thread_desk.write_note(office, actor, said.thread_id, text="ours")
    await thread_desk.keep_draft(office, actor, said.thread_id, text="not yet")
    owner = Owner(person_id=actor.person_id, org_id=clinic.id, member_id=actor.member_id)
    await parking.keep(office, owner, path="/referrals/new", fields={"name": "Maria"})
    patient = await house.patient(clinic)
    name = await identities.external_id(
        house.keys, clinic.id, kind="patient", subject_id=patient.id, system="ehr", value="A-1"
    )
    async with office.db.transaction(Scope(org_id=clinic.id)) as connection:
        await patients.insert_external_id(connection, name)
    sent = await house.sent(clinic, [running.network.pantries[0]], patient_id=patient.id)
    leg_id, note_id = sent.plan.referral.legs[0].id, ids.new_id()
    place = Place(table="agency_note", column="sealed", row_id=note_id, org_id=clinic.id)
    note = await house.keys.seal_field(clinic.id, b"two boxes", place=place)
    async with office.db.transaction(Scope(org_id=clinic.id)) as connection:
        await link_views.keep_note(
            connection, clinic.id, leg_id=leg_id, note_id=note_id, sealed=note
        )
    await _by_hand(running, patient.id)


async def _by_hand(running: Running, patient_id: UUID) -> None:
    clinic = running.network.clinic
    actor, worker, glass = clinic.actor, ids.new_id(), ids.new_id()
    hook, number, came = ids.new_id(), ids.new_id(), ids.new_id()
    sealed = [
        await running.network.house.keys.seal_field(
            org_id,
            f"{table}.{column}".encode(),
            place=Place(table=table, column=column, row_id=row_id, org_id=org_id),
        )
        for table, column, org_id, row_id in (
            ("person", "totp_sealed", None, actor.person_id),
            ("address", "phrase_sealed", clinic.id, clinic.address_id),
            ("agency_worker", "sealed", clinic.id, worker),
            ("break_glass", "sealed", clinic.id, glass),
            ("break_glass", "review_sealed", clinic.id, glass),
            ("webhook", "sealed", clinic.id, hook),
            ("text_number", "sealed", None, number),
            ("inbound_text", "sealed", None, came),
        )
    ]
    owner = await asyncpg.connect(running.network.url, server_settings={"search_path": "lk"})
    people = (clinic.id, actor.member_id, actor.person_id, patient_id)
    for statement, words in (
        ("update person set totp_sealed = $1 where id = $2", (actor.person_id,)),
        ("update address set phrase_sealed = $1 where id = $2", (clinic.address_id,)),
        (WORKER, (clinic.id, worker)),
        (GLASS, (glass, *people)),
        ("update break_glass set review_sealed = $1 where id = $2", (glass,)),
        (HOOK, (hook, clinic.id)),
        (NUMBER, (number,)),
        (CAME, (came,)),
    ):
        await owner.execute(statement, sealed.pop(0), *words)
    await owner.close()


async def test_no_sealed_column_is_forgotten(running: Running) -> None:
    async with running.shop.keeper.transaction(Scope()) as connection:
        rows = await connection.fetch(
            "select c.relname, a.attname from pg_attribute a join pg_class c on c.oid = a.attrelid"
            " where c.relnamespace = 'lk'::regnamespace and c.relkind = 'r' and not a.attisdropped"
            " and a.attname ~ 'sealed$' and a.atttypid = 'bytea'::regtype"
        )
    known = {(each.table, each.name) for each in resealing.COLUMNS} | OTHER_KEYS
    assert {tuple(row) for row in rows} == known


async def test_old_values_move_to_the_next_key_and_the_old_one_is_destroyed(
    running: Running,
) -> None:
    await fill(running)
    clinic = running.network.clinic
    before = await everything(running)
    assert {each.column for each in before} == set(resealing.COLUMNS)
    await rotate_keys.rotate(running.shop, clinic.id, what="field")
    await rotate_keys.rotate_network(running.shop)
    with pytest.raises(rotate_keys.StillNeeded):
        await rotate_keys.raise_floor(running.shop, clinic.id, "field", version=2)
    async with working(running):
        moved = await running.rewrap()
    theirs = [each for each in before if each.org_id in (clinic.id, None)]
    # Whoever worked meanwhile may have stored a value under the older key: at least as many.
    assert moved["values"] >= len(theirs) > len(resealing.COLUMNS)
    assert await running.rewrap() == {}
    after = {(each.column, each.row_id): each for each in await everything(running)}
    for each in before:
        now = after[each.column, each.row_id]
        assert now.plain == each.plain
        assert (key_id_of(now.sealed) == key_id_of(each.sealed)) == (each not in theirs)
    for org_id, purpose in ((clinic.id, "field"), (None, "netfield")):
        assert await rotate_keys.raise_floor(running.shop, org_id, purpose, version=2) == 1
    gone = await rotate_keys.destroy_refused(running.shop, grace=0)
    assert {each.purpose for each in gone} == {"field", "netfield"}
    assert await running.states(clinic.id, "field") == ["destroyed", "active"]
    await running.network.house.keys.forget()
    assert len(await everything(running)) == len(after)
    for each in theirs:
        place = Place(
            table=each.column.table,
            column=each.column.name,
            row_id=each.row_id,
            org_id=each.org_id,
        )
        with pytest.raises(KeyDestroyed):
            await running.network.house.keys.open_field(each.org_id, each.sealed, place=place)


async def test_resealing_that_was_killed_goes_on_where_it_stopped(running: Running) -> None:
    await fill(running)
    clinic = running.network.clinic
    before = {(each.column, each.row_id): each.plain for each in await everything(running)}
    await rotate_keys.rotate(running.shop, clinic.id, what="field")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "import os, signal\n"
        "from service.actions import reseal_values\n"
        "from service.store import resealing\n"
        "reseal_values.BATCH = 1\n"
        "keep = resealing.store\n"
        "async def die(*words):\n"
        "    kept = await keep(*words)\n"
        "    die.kept += 1\n"
        "    if die.kept == 4:\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return kept\n"
        "die.kept = 0\n"
        "resealing.store = die\n"
        "from service.cli import main\n"
        "main(['keys', 'rewrap'])\n",
        env=running.environ,
        cwd=ROOT,
    )
    assert await process.wait() == -signal.SIGKILL
    await running.network.house.keys.forget()

    async def left() -> int | None:
        async with running.shop.keeper.transaction(Scope()) as connection:
            found = await rotating.hanging(connection, clinic.id)
        return next(each.hanging for each in found if (each.purpose, each.version) == ("field", 1))

    held = len([each for each in await everything(running) if each.org_id == clinic.id])
    assert await left() == held - 3
    assert (await running.rewrap())["values"] == held - 3
    assert await left() == 0
    after = {(each.column, each.row_id): each.plain for each in await everything(running)}
    assert after == before


async def test_a_value_that_does_not_open_stays_and_keeps_its_key(running: Running) -> None:
    await fill(running)
    clinic = running.network.clinic
    owner = await asyncpg.connect(running.network.url, server_settings={"search_path": "lk"})
    await owner.execute(
        "update parked_form set sealed = set_byte(sealed, 30, get_byte(sealed, 30) # 1)"
    )
    await owner.close()
    await rotate_keys.rotate(running.shop, clinic.id, what="field")
    assert (await running.rewrap())["values"] > 5
    assert await running.rewrap() == {}
    with pytest.raises(rotate_keys.StillNeeded):
        await rotate_keys.raise_floor(running.shop, clinic.id, "field", version=2)
