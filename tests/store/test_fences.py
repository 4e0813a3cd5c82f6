"""The second floor of tenancy: a statement that forgot its WHERE sees only what its scope may."""

from typing import Any

import asyncpg
import msgspec
import pytest

from service.domain.rules import Step
from service.store.pool import Scope
from tests import making
from tests.making import House, Org

SHARED = ("referral", "leg", "event", "content", "seal", "epoch", "document", "party")
OWN = ("patient", "patient_index", "consent", "org_key", "address", "idempotency")


class Town(msgspec.Struct):
    """A house where a referral went from a clinic to a pantry, and a stranger looks on."""

    house: House
    clinic: Org
    pantry: Org
    declined: Org
    stranger: Org
    leg_id: Any


@pytest.fixture
async def town(fresh_database):
    async with making.house(fresh_database) as house:
        clinic = await house.organization("Clinic")
        pantry = await house.organization("Pantry", kind="social_service")
        declined = await house.organization("Other", kind="social_service")
        stranger = await house.organization("Stranger")
        sent = await house.sent(clinic, [pantry, declined], mode="all_needed")
        first, second = sent.plan.referral.legs
        await house.step(pantry.actor, first.id, Step.ASK)
        await house.step(declined.actor, second.id, Step.DECLINE)
        yield Town(
            house=house,
            clinic=clinic,
            pantry=pantry,
            declined=declined,
            stranger=stranger,
            leg_id=first.id,
        )


async def counted(pool: Any, scope: Scope, tables: tuple[str, ...]) -> dict[str, int]:
    async with pool.transaction(scope) as connection:
        found = {
            table: await connection.fetchval(f"select count(*) from {table}") for table in tables
        }
    return {table: count for table, count in found.items() if count}


async def test_every_table_is_fenced_by_force_and_by_a_policy(connection) -> None:
    bare = await connection.fetch(
        "select relname from pg_class c where relnamespace = 'lk'::regnamespace"
        " and relkind in ('r', 'p', 'm') and not (relrowsecurity and relforcerowsecurity"
        " and exists (select from pg_policy p where p.polrelid = c.oid and p.polroles <> '{0}'))"
    )
    assert [row["relname"] for row in bare] == []


async def test_no_view_looks_past_the_fences(connection) -> None:
    views = await connection.fetch(
        "select relname from pg_class where relnamespace = 'lk'::regnamespace and relkind = 'v'"
        " and not coalesce(reloptions::text like '%security_invoker=true%', false)"
    )
    assert [row["relname"] for row in views] == []


async def test_no_function_runs_with_the_power_of_its_owner(connection) -> None:
    powerful = await connection.fetch(
        "select proname from pg_proc where pronamespace = 'lk'::regnamespace and prosecdef"
    )
    assert [row["proname"] for row in powerful] == []


@pytest.mark.parametrize("role", ["lk_web", "lk_worker", "lk_check", "lk_keys"])
async def test_no_role_of_ours_passes_the_fences(connection, role: str) -> None:
    row = await connection.fetchrow(
        "select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb,"
        " pg_has_role(rolname, 'lk_owner', 'member') as owner from pg_roles where rolname = $1",
        role,
    )
    assert not any(row.values())


async def test_the_parties_see_the_order_and_nobody_else_does(town: Town) -> None:
    web = town.house.office.db
    for org in (town.clinic, town.pantry):
        seen = await counted(web, Scope(org_id=org.id), SHARED)
        assert {"referral", "leg", "event", "content", "seal"} <= set(seen)
    assert await counted(web, Scope(org_id=town.stranger.id), SHARED) == {}


async def test_a_statement_without_a_where_sees_its_own_patients_only(town: Town) -> None:
    web = town.house.office.db
    assert (await counted(web, Scope(org_id=town.clinic.id), OWN))["patient"] == 1
    for org in (town.pantry, town.stranger):
        seen = await counted(web, Scope(org_id=org.id), OWN)
        assert set(seen) <= {"org_key", "address"}
        assert seen["address"] == 1


@pytest.mark.parametrize("pool", ["web", "worker"])
async def test_without_a_scope_nothing_of_anybody_is_seen(town: Town, pool: str) -> None:
    eyes = town.house.office.db if pool == "web" else town.house.worker
    assert await counted(eyes, Scope(), (*SHARED, *OWN)) == {}


async def test_without_a_where_nothing_of_another_is_changed(town: Town) -> None:
    web = town.house.office.db
    for statement in (
        "update leg set reason = 'x'",
        "update patient set language = 'xx'",
        "update referral set priority = 'routine'",
        "update timer set state = 'disarmed'",
        "update outbox set state = 'cancelled'",
        "update human_task set state = 'moot'",
        "update organization set name = 'x' where name <> 'Stranger'",
    ):
        async with web.transaction(Scope(org_id=town.stranger.id)) as connection:
            assert await connection.execute(statement) == "UPDATE 0", statement


@pytest.mark.parametrize("table", ["event", "audit", "content", "seal", "disclosure"])
async def test_history_is_not_rewritten_even_by_a_party(town: Town, table: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with town.house.office.db.transaction(Scope(org_id=town.clinic.id)) as connection:
            await connection.execute(f"update {table} set referral_id = referral_id")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with town.house.office.db.transaction(Scope(org_id=town.clinic.id)) as connection:
            await connection.execute(f"delete from {table}")


async def test_nobody_makes_itself_a_party(town: Town) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with town.house.office.db.transaction(Scope(org_id=town.stranger.id)) as connection:
            await connection.execute(
                "insert into party select $1, id, 'recipient', '{general}', lk.now()"
                " from (select gen_random_uuid() as id) r",
                town.stranger.id,
            )


async def test_who_declined_sees_no_more_once_the_answer_stands(town: Town, fresh_database) -> None:
    web = town.house.office.db
    assert await counted(web, Scope(org_id=town.declined.id), SHARED)
    owner = await asyncpg.connect(fresh_database)
    await owner.execute("update lk.clock_offset set offset_by = '16 minutes'")
    await owner.close()
    assert await counted(web, Scope(org_id=town.declined.id), SHARED) == {"party": 1}
    assert await counted(web, Scope(org_id=town.pantry.id), ("referral",)) == {"referral": 1}


async def test_the_role_of_the_checks_reads_no_sealed_column(town: Town) -> None:
    for table, column in (("content", "envelope"), ("seal", "sealed"), ("patient", "sealed")):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with town.house.check.transaction(Scope()) as connection:
                await connection.fetch(f"select {column} from {table}")


EVENT = """insert into lk.event (referral_id, seq, id, leg_id, machine, from_state, step, party,
  becomes, rule_id, actor_kind, source, happened_at, entered_at)
  select referral_id, 99, gen_random_uuid(), id, 'leg', 'sent', $2, $3, 'completed', 'L13',
    'system', 'system', lk.now(), lk.now() from lk.leg where id = $1"""


@pytest.mark.parametrize(("step", "party"), [("complete", "RECIPIENT"), ("complete", "PATIENT")])
async def test_not_even_the_owner_writes_an_illegal_event(
    town: Town, fresh_database, step: str, party: str
) -> None:
    owner = await asyncpg.connect(fresh_database)
    with pytest.raises(asyncpg.ForeignKeyViolationError, match=r"foreign key"):
        await owner.execute(EVENT, town.leg_id, step, party)
    await owner.close()


async def test_a_rule_that_was_used_is_never_deleted(town: Town, fresh_database) -> None:
    owner = await asyncpg.connect(fresh_database)
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await owner.execute("delete from lk.rule where step = 'send'")
    await owner.close()


async def test_where_the_first_acceptance_wins_a_second_is_refused(fresh_database) -> None:
    async with making.house(fresh_database) as house:
        clinic = await house.organization("Clinic")
        two = [await house.organization(name, kind="social_service") for name in "AB"]
        sent = await house.sent(clinic, two)
        await house.step(two[0].actor, sent.plan.referral.legs[0].id, Step.ACCEPT)
    owner = await asyncpg.connect(fresh_database)
    with pytest.raises(asyncpg.UniqueViolationError, match="leg_one_acceptance"):
        await owner.execute("update lk.leg set state = 'accepted', accepted_at = lk.now()")
    await owner.close()


async def test_a_connection_that_goes_back_to_the_pool_remembers_nothing(fresh_database) -> None:
    from service.store import pool as pools

    url = making.role_url(fresh_database, "lk_web")
    pool = await pools.connect(url, name="one", size=1, role="lk_web")
    org_id = making.ids.new_id()
    scope = Scope(org_id=org_id, person_id=org_id, lookup=b"x", opening=org_id, network=True)
    names = ("app.org", "app.person", "app.lookup", "app.opening", "app.network")
    async with pool.transaction(scope) as connection:
        assert await connection.fetchval("select current_setting('app.org')") == str(org_id)
        # What somebody sets for the session, against the rules, is gone with the connection's turn.
        await connection.execute(f"set app.org = '{org_id}'")
    async with pool.transaction(Scope()) as connection:
        found = [
            await connection.fetchval("select current_setting($1, true)", name) for name in names
        ]
    assert not any(found)
    with pytest.raises(ZeroDivisionError):
        async with pool.transaction(scope):
            raise ZeroDivisionError
    async with pool.transaction(Scope()) as connection:
        assert not await connection.fetchval("select current_setting('app.org', true)")
    await pool.close()


async def test_a_pool_of_the_wrong_role_does_not_open(fresh_database) -> None:
    from service import faults
    from service.store import pool as pools

    with pytest.raises(faults.Broken):
        await pools.connect(fresh_database, name="wrong", size=1, role="lk_web")


async def test_a_foreign_key_inside_one_organization_names_the_organization(connection) -> None:
    # Foreign keys look past row security: with the id alone, a row could hang on another's.
    loose = await connection.fetch(
        "select conrelid::regclass::text || '.' || a.attname as column from pg_constraint c"
        " join pg_index i on i.indrelid = c.confrelid and i.indisprimary and i.indnatts = 2"
        " join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]"
        " where c.contype = 'f' and c.connamespace = 'lk'::regnamespace"
        " and array_length(c.conkey, 1) = 1"
    )
    # A place in the directory, and looks that other organizations are told of by design.
    told = {"appointment.site_id", "break_glass_told.break_glass_id", "timer.break_glass_id"}
    assert {row["column"].removeprefix("lk.") for row in loose} <= told


async def test_what_is_over_is_forgotten_by_a_connection_that_broke_off(fresh_database) -> None:
    from service.store import pool as pools

    url = making.role_url(fresh_database, "lk_web")
    pool = await pools.connect(url, name="one", size=1, role="lk_web")
    scope = Scope(org_id=making.ids.new_id(), network=True)
    with pytest.raises(asyncpg.PostgresSyntaxError):
        async with pool.transaction(scope) as connection:
            await connection.execute("nonsense")
    async with pool.transaction(Scope()) as connection:
        assert await connection.fetchval("select current_user") == "lk_web"
        left = "select coalesce(current_setting('app.org', true), '')"
        assert await connection.fetchval(left) == ""
    await pool.close()
