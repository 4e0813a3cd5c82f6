"""A thousand ways to change the record by hand, and none that the verifier does not find."""

import random

import asyncpg
import msgspec
import pytest

from crypto import checkpoint, primitives
from service.actions import seal_record, verify_record
from service.actions.office import Office
from service.actions.verify_record import Outside
from service.domain.rules import Step
from service.store import audit, record
from service.store.pool import Scope
from service.store.rows import AuditRow
from tests import making
from tests.store import tampering

EDITS = 1100
SEED = 20


async def _lived(house: making.House) -> None:
    """Fill a few logs through the real actions, sealed a few lines at a time."""
    worker = Office(db=house.worker, keys=house.keys, public_url="", demo=True)
    clinic = await house.organization("Clinic")
    pantry = await house.organization("Pantry", kind="social_service")
    for number in range(4):
        sent = await house.sent(clinic, [pantry])
        leg = sent.plan.referral.legs[0]
        await house.step(pantry.actor, leg.id, Step.ACCEPT if number % 2 else Step.ASK)
        async with house.office.db.transaction(Scope()) as connection:
            nobody = making.Actor(kind=making.ActorKind.SYSTEM)
            note = AuditRow(org_id=None, action="session.begin")
            await audit.insert(connection, nobody, note, outcome="denied", request_id="r")
        while await seal_record.seal_record(worker, limit=4):
            pass


@pytest.fixture
async def hand(fresh_database):
    """A superuser's connection to a sealed record, with foreign keys and triggers looking away."""
    async with making.house(fresh_database) as house:
        await _lived(house)
        publics = await house.keys.checkpoint_keys()
        async with house.check.transaction(Scope()) as connection:
            newest = await record.newest(connection)
    keys = dict(checkpoint.read_key(checkpoint.key_line(*pair)) for pair in publics.items())
    assert newest is not None
    connection = await asyncpg.connect(fresh_database, server_settings={"search_path": "lk"})
    await connection.execute("set session_replication_role = replica")
    yield connection, Outside(keys=keys, kept=[newest])
    await connection.close()


async def test_every_edit_of_a_sealed_record_is_found(hand):
    connection, outside = hand
    whole = await verify_record.reckon(connection, outside)
    assert whole.sound
    assert whole.lines >= 20
    assert whole.checkpoints >= 4
    assert whole.logs == 3
    dice = random.Random(SEED)
    kinds, weights = zip(*tampering.EDITS, strict=True)
    unseen = []
    for edit in dice.choices(kinds, weights, k=EDITS):
        transaction = connection.transaction()
        await transaction.start()
        told = await edit(connection, dice)
        if (await verify_record.reckon(connection, outside)).sound:
            unseen.append(told)
        await transaction.rollback()
    assert unseen == []
    assert (await verify_record.reckon(connection, outside)).sound


async def test_what_was_cut_off_with_its_checkpoints_is_found_by_one_kept_outside_only(hand):
    connection, outside = hand
    dice = random.Random(SEED)
    for _ in range(5):
        transaction = connection.transaction()
        await transaction.start()
        await tampering.cut_with_checkpoints(connection, dice)
        within = await verify_record.reckon(connection, Outside(keys=outside.keys))
        report = await verify_record.reckon(connection, outside)
        await transaction.rollback()
        assert within.sound
        assert not report.sound
        assert "kept outside" in report.found[0].says


async def test_a_forger_with_another_key_is_found_by_the_pinned_one(hand):
    connection, outside = hand
    transaction = connection.transaction()
    await transaction.start()
    await tampering.forge(connection, random.Random(SEED))
    report = await verify_record.reckon(connection, Outside(keys=outside.keys))
    await transaction.rollback()
    assert {"signed by no key known here." in each.says for each in report.found} == {True}


async def test_a_checkpoint_of_another_past_is_found_although_its_key_is_known(hand):
    # As a service signs that was brought up from an old backup and went on beside the first.
    connection, outside = hand
    secret, public = primitives.sign_generate()
    keys = {**outside.keys, b"another!": primitives.verifying_key(public)}
    [last] = [outside.kept[0].checkpoint]
    made = msgspec.structs.replace(last, previous=primitives.sha256(b"another past"))
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute(
        "update audit_checkpoint set previous = $2, key_id = $3, signature = $4 where number = $1",
        made.number,
        made.previous,
        b"another!",
        primitives.sign(primitives.signing_key(secret), made.body()),
    )
    report = await verify_record.reckon(connection, Outside(keys=keys))
    await transaction.rollback()
    assert [each.says for each in report.found] == [
        f"Checkpoint {made.number} does not name the one before it."
    ]


async def test_a_finding_names_the_line(hand):
    connection, outside = hand
    transaction = connection.transaction()
    await transaction.start()
    log_id = await connection.fetchval(
        "update audit set outcome = 'failed' where id = (select audit_id from audit_leaf"
        " where seq = 3 and log_id <> $1 limit 1) returning org_id",
        record.NETWORK_LOG,
    )
    report = await verify_record.reckon(connection, outside)
    alone = await verify_record.reckon(connection, outside, only=log_id)
    await transaction.rollback()
    first = report.found[0]
    assert (first.log_id, first.seq, first.says) == (log_id, 3, "The line was changed.")
    assert alone.found == report.found
