"""The sealer gives every line its number, whenever it was committed, and signs what it grew."""

import asyncio

import asyncpg
import pytest

from crypto import checkpoint
from service.actions import seal_record
from service.actions.office import Office
from service.store import audit, record
from service.store.pool import Scope
from service.store.rows import AuditRow
from tests import making


@pytest.fixture
async def house(fresh_database):
    async with making.house(fresh_database) as opened:
        yield opened


def worker(house: making.House) -> Office:
    return Office(db=house.worker, keys=house.keys, public_url="", demo=True)


async def looked(house: making.House, org: making.Org, *, times: int = 1) -> None:
    """Write lines of an organization's log."""
    async with house.office.db.transaction(Scope(org_id=org.id)) as connection:
        for _ in range(times):
            row = AuditRow(org_id=org.id, action="referral.list", detail={"count": 0})
            await audit.insert(connection, org.actor, row)


async def sealed(house: making.House, *, limit: int = seal_record.BATCH) -> list[int]:
    """Seal until nothing is left, and say how many lines each batch had."""
    counts = []
    while count := await seal_record.seal_record(worker(house), limit=limit):
        counts.append(count)
    return counts


async def numbers(house: making.House, log_id) -> list[int]:
    async with house.check.transaction(Scope()) as connection:
        rows = await connection.fetch(
            "select seq from audit_leaf where log_id = $1 order by seq", log_id
        )
    return [row["seq"] for row in rows]


async def unsealed(house: making.House) -> int:
    async with house.check.transaction(Scope()) as connection:
        return await connection.fetchval(
            "select count(*) from audit a where not exists"
            " (select from audit_leaf l where l.audit_id = a.id)"
        )


async def test_each_organization_has_a_log_numbered_from_one(house):
    one, other = await house.organization("One"), await house.organization("Other")
    await looked(house, one, times=3)
    await looked(house, other, times=2)
    await looked(house, one, times=2)
    await sealed(house)
    assert await numbers(house, one.id) == [1, 2, 3, 4, 5]
    assert await numbers(house, other.id) == [1, 2]


async def test_lines_of_no_organization_are_the_networks_own_log(house):
    async with house.office.db.transaction(Scope()) as connection:
        row = AuditRow(org_id=None, action="session.begin")
        await audit.insert(connection, making.Actor(kind="system"), row, outcome="denied")
    await sealed(house)
    assert await numbers(house, record.NETWORK_LOG) == [1]


async def test_a_backlog_is_worked_off_in_batches(house):
    one = await house.organization("One")
    await looked(house, one, times=25)
    assert await sealed(house, limit=10) == [10, 10, 5]
    assert await numbers(house, one.id) == list(range(1, 26))
    assert await unsealed(house) == 0


async def test_a_line_that_commits_late_is_not_skipped(house):
    one = await house.organization("One")
    async with house.office.db.transaction(Scope(org_id=one.id)) as late:
        await audit.insert(late, one.actor, AuditRow(org_id=one.id, action="late"))
        await looked(house, one, times=7)
        assert await sealed(house, limit=3) == [3, 3, 1]
        await looked(house, one)
        assert await sealed(house) == [1]
    assert await sealed(house) == [1]
    assert await numbers(house, one.id) == list(range(1, 10))
    assert await unsealed(house) == 0


async def waiting(house: making.House) -> int:
    """Count the lines that the next batch would look at, sealed or not."""
    async with house.check.transaction(Scope()) as connection:
        return await connection.fetchval(
            "select count(*) from audit a, audit_position p where (a.xact, a.id) > (p.xact, p.id)"
        )


async def test_what_was_sealed_is_not_looked_at_again_once_nothing_older_runs(house):
    one = await house.organization("One")
    async with house.office.db.transaction(Scope(org_id=one.id)) as late:
        await audit.insert(late, one.actor, AuditRow(org_id=one.id, action="late"))
        await looked(house, one, times=3)
        await sealed(house)
        assert await waiting(house) == 3
    # Of the whole server: a transaction of the test beside this one holds the place back as well.
    async with asyncio.timeout(60):
        while await waiting(house):
            await sealed(house)
            await asyncio.sleep(0.05)
    assert await unsealed(house) == 0


async def test_two_sealers_give_no_number_twice(house):
    one = await house.organization("One")
    await looked(house, one, times=60)
    while await unsealed(house):
        await asyncio.gather(*(seal_record.seal_record(worker(house), limit=7) for _ in range(3)))
    assert await numbers(house, one.id) == list(range(1, 61))


async def test_each_batch_is_a_checkpoint_that_names_the_one_before(house):
    one = await house.organization("One")
    previous = checkpoint.FIRST
    publics = await house.keys.checkpoint_keys()
    keys = dict(checkpoint.read_key(checkpoint.key_line(*pair)) for pair in publics.items())
    for number in (1, 2, 3):
        await looked(house, one)
        await sealed(house)
        async with house.check.transaction(Scope()) as connection:
            newest = await record.newest(connection)
        assert newest is not None
        newest.check(keys)
        assert newest.checkpoint.number == number
        assert newest.checkpoint.previous == previous
        assert checkpoint.read(newest.line()) == newest
        previous = newest.checkpoint.digest()


async def test_it_does_not_sign_on_top_of_what_was_changed(house, fresh_database, connect):
    one = await house.organization("One")
    await looked(house, one, times=4)
    await sealed(house)
    hand = await connect(fresh_database)
    await hand.execute("update lk.audit_leaf set node = '\\x00' where seq = 4")
    await looked(house, one)
    with pytest.raises(seal_record.RecordChanged):
        await seal_record.seal_record(worker(house))


@pytest.mark.parametrize(
    "statement",
    [
        "update audit_leaf set seq = seq + 1",
        "delete from audit_leaf",
        "update audit_head set size = size",
        "delete from audit_checkpoint",
        "update audit_checkpoint set number = number",
        "update audit set detail = '{}'",
        "delete from audit",
    ],
)
@pytest.mark.parametrize("role", ["web", "worker", "check"])
async def test_no_role_of_ours_rewrites_the_record(house, role: str, statement: str) -> None:
    pool = {"web": house.office.db, "worker": house.worker, "check": house.check}[role]
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with pool.transaction(Scope()) as connection:
            await connection.execute(statement)


async def test_the_web_numbers_nothing_and_sees_its_own_log_only(house):
    one, other = await house.organization("One"), await house.organization("Other")
    await looked(house, one)
    await looked(house, other)
    await sealed(house)
    async with house.office.db.transaction(Scope(org_id=one.id)) as connection:
        seen = await connection.fetch("select distinct log_id from audit_leaf")
    assert [row["log_id"] for row in seen] == [one.id]
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with house.office.db.transaction(Scope(org_id=one.id)) as connection:
            await connection.execute(
                "insert into audit_leaf values ($1, 9, gen_random_uuid(), '', null)", one.id
            )
