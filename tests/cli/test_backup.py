"""Backup and restore as an operator meets them: real pg_dump, real refusals, nothing half done."""

import asyncio
from pathlib import Path

import asyncpg
import pytest

from service.actions import seal_record
from tests import making
from tests.cli.test_commands import cli, settings

__all__ = ["settings"]

FILE = "01890a5d-ac96-774b-bcce-b302099a8057"


def sql(url, statement):
    async def ask():
        hand = await asyncpg.connect(url)
        try:
            return await hand.fetch(statement)
        finally:
            await hand.close()

    return asyncio.run(ask())


@pytest.fixture
def lived(settings):
    """The environment of a network in which a referral was just sent and its record sealed."""

    async def live():
        async with making.house(settings["DATABASE_URL"]) as house:
            clinic = await house.organization("Clinic")
            pantry = await house.organization("Pantry", kind="social_service")
            await house.sent(clinic, [pantry])
            await seal_record.seal_record(house.worker_office)

    asyncio.run(live())
    return settings


@pytest.fixture
def taken(lived, tmp_path):
    """A backup of it."""
    done = cli("backup", str(tmp_path / "kept"), environ=lived)
    assert done.returncode == 0, done.stderr
    (found,) = (tmp_path / "kept").iterdir()
    return found


@pytest.fixture
def there(lived, empty_database, tmp_path):
    """The environment of an empty place to restore into."""
    return lived | {
        "DATABASE_URL": empty_database,
        "LOOPKEEPER_ATTACHMENTS_DIR": str(tmp_path / "restored"),
    }


def is_untouched(there):
    where = Path(there["LOOPKEEPER_ATTACHMENTS_DIR"])
    assert not where.exists() or not any(where.iterdir())
    (row,) = sql(there["DATABASE_URL"], "select to_regnamespace('lk') is null as gone")
    assert row["gone"]


def refused(done, *words):
    assert done.returncode == 1, done.stdout
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in done.stderr


def test_what_was_backed_up_comes_back_held(lived, taken, there):
    for path in (taken, *taken.rglob("*")):
        assert path.stat().st_mode & 0o077 == 0
    key = Path(lived["LOOPKEEPER_ROOT_KEY_FILE"]).read_bytes().strip()
    assert not [path for path in taken.rglob("*") if path.is_file() and key in path.read_bytes()]
    done = cli("restore", str(taken), environ=there)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "holds  The invariants" in done.stdout
    assert "loopkeeper restore release" in done.stdout
    for table in ("referral", "outbox", "audit", "timer", "network_key", "org_key"):
        count = f"select count(*) from lk.{table}"
        more = 1 if table == "audit" else 0
        before, after = sql(lived["DATABASE_URL"], count), sql(there["DATABASE_URL"], count)
        assert after[0][0] == before[0][0] + more > 0, table


def test_the_rehearsal_proves_it_and_leaves_nothing(lived, taken, run):
    done = cli("backup", "rehearse", str(taken), "--url", lived["DATABASE_URL"], environ=lived)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "restored in" in done.stdout
    left = sql(run.database_url, "select 1 from pg_database where datname like 'lk_rehearsal_%'")
    assert left == []


def test_a_release_asks_about_what_may_have_gone_out(lived, taken, there):
    refused(cli("restore", "release", environ=lived), "Nothing is held")
    assert cli("restore", str(taken), environ=there).returncode == 0
    sql(there["DATABASE_URL"], "update lk.clock_offset set offset_by = interval '2 hours'")
    (row,) = sql(there["DATABASE_URL"], "select reference from lk.referral")
    told = cli("restore", "review", environ=there)
    assert told.returncode == 0, told.stderr
    assert "invite" in told.stdout
    assert row["reference"] in told.stdout
    assert "@" not in told.stdout
    refused(cli("restore", "release", environ=there), "--kind invite")
    refused(cli("restore", "release", "--kind", "nudge", "send", environ=there), "nudge")
    done = cli("restore", "release", "--kind", "invite", "sent", environ=there)
    assert done.returncode == 0, done.stderr
    owed = sql(there["DATABASE_URL"], "select state, tries, last_error from lk.outbox")
    assert {tuple(each) for each in owed} == {("done", 0, "counted_as_sent")}
    lines = sql(there["DATABASE_URL"], "select action from lk.audit order by id desc limit 2")
    assert [each["action"] for each in lines] == ["restore.released", "restore.held"]
    assert cli("check", "--stopped", environ=there).returncode == 0
    refused(cli("restore", "release", environ=there), "Nothing is held")
