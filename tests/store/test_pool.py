"""A database that goes away is Busy to whoever was asking, never something broken."""

import asyncio

import pytest

from service import faults
from service.store import pool as pools
from service.store.pool import Scope
from tests import making

PID = "select pg_backend_pid()"


@pytest.fixture
async def pool(database_url):
    opened = await pools.connect(making.role_url(database_url, "lk_web"), name="test", size=2)
    yield opened
    await opened.close()


@pytest.fixture
async def end(connect, database_url):
    hand = await connect(database_url)

    async def end_backend(pid):
        await hand.execute("select pg_terminate_backend($1, 2000)", pid)

    return end_backend


async def between_two_statements(pool, end):
    async with pool.transaction(Scope()) as connection:
        await end(await connection.fetchval(PID))
        await connection.fetchval("select 1")


async def under_a_statement(pool, end):
    async with pool.transaction(Scope()) as connection:
        pid = await connection.fetchval(PID)
        asking = asyncio.ensure_future(connection.fetchval("select pg_sleep(30)"))
        await asyncio.sleep(0.1)
        await end(pid)
        await asking


async def before_the_commit(pool, end):
    async with pool.transaction(Scope()) as connection:
        await end(await connection.fetchval(PID))
        await asyncio.sleep(0.1)


@pytest.mark.parametrize("moment", [between_two_statements, under_a_statement, before_the_commit])
async def test_a_backend_that_ends_is_busy_and_the_next_transaction_works(pool, end, moment):
    with pytest.raises(faults.Busy):
        await moment(pool, end)
    async with pool.transaction(Scope()) as connection:
        assert await connection.fetchval("select 1") == 1


async def a_wrong_call(pool):
    async with pool.transaction(Scope()) as connection:
        await connection.fetchval("select $1::int")


async def test_a_mistake_of_ours_stays_a_mistake(pool):
    with pytest.raises(Exception, match="expects 1 argument"):
        await a_wrong_call(pool)


SETTINGS = ("app.org", "app.person", "app.lookup", "app.opening", "app.network")


async def test_no_setting_outlives_its_transaction_whoever_left_it(database_url):
    pool = await pools.connect(making.role_url(database_url, "lk_web"), name="test", size=1)
    async with pool.transaction(Scope(network=True)) as connection:
        for name in SETTINGS:
            await connection.execute("select set_config($1, 'left', false)", name)
    async with pool.transaction(Scope()) as connection:
        found = [await connection.fetchval("select current_setting($1)", name) for name in SETTINGS]
    await pool.close()
    assert found == [""] * len(SETTINGS)


async def test_between_transactions_a_connection_has_nobodys_eyes(database_url):
    pool = await pools.connect(making.role_url(database_url, "lk_web"), name="test", size=1)
    whose = making.ids.new_id()
    scope = Scope(org_id=whose, person_id=whose, lookup=b"x", opening=whose, network=True)
    async with pool.transaction(scope) as connection:
        assert await connection.fetchval("select current_setting('app.org')") == str(whose)
    # Nobody asks without a scope; whoever did would see what nobody sees.
    async with pool._inner.acquire() as bare:
        found = [
            await bare.fetchval("select coalesce(current_setting($1, true), '')", name)
            for name in SETTINGS
        ]
    await pool.close()
    assert found == [""] * len(SETTINGS)
