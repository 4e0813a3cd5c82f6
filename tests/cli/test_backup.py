"""Backup and restore as an operator meets them: real pg_dump, real refusals, nothing half done."""

import asyncio
import hashlib
import json
import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from service.actions import seal_record
from service.servers import binaries
from service.servers.faults import ServerMissing
from tests import making
from tests.cli.test_commands import another_key, cli, settings
from tests.shape.sources import ROOT

__all__ = ["settings"]

FILE, SIZE = "01890a5d-ac96-774b-bcce-b302099a8057", 60_000

ATTACHED = f"""
insert into lk.attachment (id, org_id, referral_id, context_id, class, epoch, blob_id, stored_bytes,
  next_at, created_at)
select gen_random_uuid(), sender_org_id, r.id, r.id, e.class, epoch, '{FILE}', {SIZE}, at, at
  from lk.referral r join lk.epoch e on e.context_id = r.id, lk.now() at limit 1"""
# Databases of tests come and go beside this one.
STRANGERS = "select count(*) from pg_database where datname !~ '_(gw[0-9]+|master)_[0-9]+$'"


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
    sql(settings["DATABASE_URL"], ATTACHED)
    where = Path(settings["LOOPKEEPER_ROOT_KEY_FILE"]).parent / "attachments" / FILE[-2:]
    where.mkdir(parents=True)
    (where / FILE).write_bytes(os.urandom(SIZE))
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
    mine, theirs = (
        folder / FILE[-2:] / FILE
        for folder in (
            Path(lived["LOOPKEEPER_ROOT_KEY_FILE"]).parent / "attachments",
            Path(there["LOOPKEEPER_ATTACHMENTS_DIR"]),
        )
    )
    assert mine.read_bytes() == theirs.read_bytes()
    assert "BAD   restore" in cli("doctor", environ=there).stdout


def test_the_rehearsal_proves_it_and_leaves_nothing(lived, taken, run):
    done = cli("backup", "rehearse", str(taken), "--url", lived["DATABASE_URL"], environ=lived)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "restored in" in done.stdout
    left = sql(run.database_url, "select 1 from pg_database where datname like 'lk_rehearsal_%'")
    assert left == []


def test_without_a_place_it_rehearses_on_a_server_of_its_own(lived, taken, tmp_path, run):
    before = sql(run.database_url, STRANGERS)
    # Its servers begin and end in the folder for what is passing.
    passing = tmp_path / "passing"
    passing.mkdir()
    done = cli("backup", "rehearse", str(taken), environ=lived | {"TMPDIR": str(passing)})
    assert done.returncode == 0, done.stdout + done.stderr
    assert "restored in" in done.stdout
    assert list(passing.iterdir()) == []
    assert sql(run.database_url, STRANGERS) == before
    inside = [each for each in Path("/proc").glob("[0-9]*/cmdline") if _speaks_of(each, passing)]
    assert inside == []


def _speaks_of(cmdline, folder):
    try:
        return str(folder).encode() in cmdline.read_bytes()
    except OSError:
        return False


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
    done = cli("restore", "release", "--kind", "invite", "sent", "--rest", "sent", environ=there)
    assert done.returncode == 0, done.stderr
    owed = sql(there["DATABASE_URL"], "select state, tries, last_error from lk.outbox")
    assert {tuple(each) for each in owed} == {("done", 0, "counted_as_sent")}
    lines = sql(there["DATABASE_URL"], "select action from lk.audit order by id desc limit 2")
    assert [each["action"] for each in lines] == ["restore.released", "restore.held"]
    assert cli("check", "--stopped", environ=there).returncode == 0
    refused(cli("restore", "release", environ=there), "Nothing is held")


def cut_short(taken):
    dump = taken / "database.dump"
    os.truncate(dump, dump.stat().st_size // 2)
    return "database.dump is cut short, changed or gone."


def changed(taken):
    path = taken / "files" / FILE[-2:] / FILE
    blob = bytearray(path.read_bytes())
    blob[100] ^= 1
    path.write_bytes(blob)
    return f"{FILE} is cut short, changed or gone."


def gone(taken):
    (taken / "files" / FILE[-2:] / FILE).unlink()
    return f"{FILE} is cut short, changed or gone."


def without_manifest(taken):
    (taken / "manifest.json").unlink()
    return "There is no whole backup in this folder."


def half_a_manifest(taken):
    os.truncate(taken / "manifest.json", 40)
    return "Its manifest cannot be read."


def newer(taken):
    edited(taken, lambda found: found["migrations"].update({"9999_later.sql": "00"}))
    return "The database is newer than this code."


def climbing(taken):
    edited(taken, lambda found: found["files"][0].update({"path": "files/../../root.key"}))
    return "Its manifest speaks of things a backup does not have."


def edited(taken, change):
    path = taken / "manifest.json"
    found = json.loads(path.read_text())
    change(found)
    path.write_text(json.dumps(found))


HARMS = (cut_short, changed, gone, without_manifest, half_a_manifest, newer, climbing)


def test_a_backup_that_is_not_whole_is_refused_before_anything_changes(taken, there, tmp_path):
    for harm in HARMS:
        harmed = tmp_path / harm.__name__
        shutil.copytree(taken, harmed)
        said = harm(harmed)
        refused(cli("restore", str(harmed), environ=there), said)
        is_untouched(there)


def test_another_root_key_is_refused_by_its_name(taken, there, tmp_path):
    wrong = another_key(there, tmp_path)
    done = cli("restore", str(taken), environ=wrong)
    refused(done, "This root key does not open this backup.")
    (named,) = json.loads((taken / "manifest.json").read_text())["root_key_ids"]
    assert named in done.stderr
    is_untouched(there)


def test_nothing_is_restored_over_anything(lived, taken, there, tmp_path):
    refused(cli("restore", str(taken), environ=lived), "Something is in this database already")
    where = Path(there["LOOPKEEPER_ATTACHMENTS_DIR"])
    where.mkdir()
    (where / "mine").write_text("mine")
    refused(cli("restore", str(taken), environ=there), "Something is in the folder of files")
    assert (where / "mine").read_text() == "mine"


def test_a_dump_that_postgresql_refuses_leaves_nothing(taken, there):
    dump = taken / "database.dump"
    blob = dump.read_bytes()
    # Whole by its hash, and broken in its middle all the same.
    dump.write_bytes(blob[: len(blob) // 2] + bytes(len(blob) - len(blob) // 2))
    known = hashlib.sha256(dump.read_bytes()).hexdigest()
    edited(taken, lambda found: found["database"].update({"sha256": known}))
    refused(cli("restore", str(taken), environ=there), "A program of PostgreSQL gave up")
    is_untouched(there)


def test_a_disk_that_fills_up_leaves_nothing_half_done(lived, taken, there, tmp_path):
    done = cramped("backup", str(tmp_path / "full"), environ=lived)
    refused(done, "There is no room for it left")
    assert list((tmp_path / "full").iterdir()) == []
    refused(cramped("restore", str(taken), environ=there), "There is no room for it left")
    is_untouched(there)


def cramped(*words, environ):
    """Run the command line where no file may become as long as ours are."""
    return subprocess.run(
        [sys.executable, "-m", "service.cli", *words],
        env=os.environ | environ,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (SIZE // 3, SIZE // 3)),
    )


def test_without_a_pg_dump_that_fits_it_says_what_to_install():
    with pytest.raises(ServerMissing, match=r"No pg_dump of PostgreSQL 99 or newer"):
        binaries.find_client("pg_dump", major=99)


def test_keep_removes_older_backups_and_nothing_else(lived, tmp_path):
    kept = tmp_path / "kept"
    for name in ("loopkeeper-20200101T000000Z", "loopkeeper-20200102T000000Z", "mine"):
        (kept / name).mkdir(parents=True)
        (kept / name / "manifest.json").write_text("{}")
    done = cli("backup", str(kept), "--keep", "2", environ=lived)
    assert done.returncode == 0, done.stderr
    left = sorted(path.name for path in kept.iterdir())
    assert len(left) == 3
    assert left[0] == "loopkeeper-20200102T000000Z"
    assert left[2:] == ["mine"]
    (row,) = sql(lived["DATABASE_URL"], "select files from lk.backup")
    assert row["files"] == 1
