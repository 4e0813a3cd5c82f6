"""What the command line says and refuses, as a person meets it: a process of its own."""

import asyncio
import os
import re
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from service.store import invariants
from tests.fixtures import keys
from tests.shape.sources import ROOT


def cli(*words, environ=None, data="/nonexistent"):
    """Run the command line as a process and return what came of it."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("LOOPKEEPER")}
    clean = {name: value for name, value in clean.items() if name not in ("DATABASE_URL", "PORT")}
    return subprocess.run(
        [sys.executable, "-m", "service.cli", *words],
        env=clean | {"LOOPKEEPER_DATA": data} | (environ or {}),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def settings(fresh_database, redis_url, tmp_path):
    """The environment of a demo over a migrated database."""
    key_file = tmp_path / "root.key"
    key_file.write_text(keys.root_key_text())
    key_file.chmod(0o600)
    return {
        "DATABASE_URL": fresh_database,
        "REDIS_URL": redis_url,
        "LOOPKEEPER_ROOT_KEY_FILE": str(key_file),
        "LOOPKEEPER_DEMO": "yes",
    }


def another_key(settings, tmp_path):
    path = tmp_path / "other.key"
    assert cli("keys", "root", "new", str(path)).returncode == 0
    return settings | {"LOOPKEEPER_ROOT_KEY_FILE": str(path)}


def test_half_given_settings_are_told_all_at_once():
    done = cli("serve", environ={"REDIS_URL": "redis://x", "LOOPKEEPER_PORT": "no"})
    assert done.returncode == 2
    for name in ("DATABASE_URL", "LOOPKEEPER_ROOT_KEY_FILE", "LOOPKEEPER_PORT"):
        assert name in done.stderr
    assert "REDIS_URL" not in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("words", [("serve",), ("work", "relay"), ("migrate",), ("check",)])
def test_a_root_key_of_another_database_starts_nothing(settings, tmp_path, words):
    done = cli(*words, environ=another_key(settings, tmp_path))
    assert done.returncode == 1
    assert "This root key does not open this database." in done.stderr
    assert "Traceback" not in done.stderr


def test_no_root_key_is_made_where_data_exists(settings, tmp_path):
    path = tmp_path / "new.key"
    done = cli("keys", "root", "new", str(path), environ=settings)
    assert done.returncode == 1
    assert not path.exists()
    missing = settings | {"LOOPKEEPER_ROOT_KEY_FILE": str(path), "PORT": "0"}
    assert "root key" in cli("migrate", environ=missing).stderr
    assert not path.exists()


def test_a_root_key_is_never_written_over(tmp_path):
    path = tmp_path / "root.key"
    assert cli("keys", "root", "new", str(path)).returncode == 0
    before = path.read_bytes()
    assert cli("keys", "root", "new", str(path)).returncode == 1
    assert path.read_bytes() == before
    assert path.stat().st_mode & 0o777 == 0o600


def test_an_unmigrated_database_is_told_of_and_brought_up(empty_database, settings):
    there = settings | {"DATABASE_URL": empty_database, "LOOPKEEPER_DEMO": "no"}
    there |= {
        "LOOPKEEPER_PUBLIC_URL": "https://loop.example",
        "LOOPKEEPER_SMTP_URL": "smtp://127.0.0.1:9",
        "LOOPKEEPER_MAIL_FROM": "loop@loop.example",
    }
    refused = cli("serve", environ=there)
    assert refused.returncode == 1
    assert "loopkeeper migrate" in refused.stderr
    assert "would apply 0001" in cli("migrate", "--plan", environ=there).stdout
    assert "applied 0001" in cli("migrate", environ=there).stdout
    assert "Nothing to do." in cli("migrate", environ=there).stdout
    founded = cli(
        "org", "found", "--name", "CCO", "--zone", "UTC", "--admin", "a@loop.example", environ=there
    )
    assert re.search(r"https://loop\.example/invitation/li_\S+", founded.stdout), founded.stderr
    listed = cli("org", "list", environ=there)
    assert "CCO (coordinates)" in listed.stdout


def test_the_operator_adds_organizations_and_people(settings):
    cli("org", "found", "--name", "C", "--zone", "UTC", "--admin", "a@c.example", environ=settings)
    wish = ("--name", "Pantry", "--kind", "social_service", "--zone", "UTC", "--channel", "link")
    refused = cli("org", "add", *wish, environ=settings)
    assert refused.returncode == 1
    assert "mailbox" in refused.stderr
    made = cli("org", "add", *wish, "--mailbox", "in@pantry.example", environ=settings)
    org_id = made.stdout.strip()
    person = ("--name", "Sam Lee", "--address", "sam@pantry.example", "--role", "coordinator")
    added = cli("member", "add", "--org", org_id, *person, environ=settings)
    assert "/invitation/li_" in added.stdout, added.stderr
    assert "Sam Lee" in cli("member", "list", "--org", org_id, environ=settings).stdout


def test_the_invariants_hold_in_a_demo_and_its_doctor_speaks(settings):
    seeded = cli("demo", environ=settings)
    assert seeded.returncode == 0, seeded.stderr
    assert "--people" in seeded.stdout
    assert cli("demo", environ=settings).stdout == ""
    unknown = cli("link", "list", "--referral", "7F3K-22AB", environ=settings)
    assert unknown.returncode == 1
    assert "No link was made for that reference." in unknown.stderr
    checked = cli("check", "--stopped", environ=settings)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    stopped = [each for each in invariants.INVARIANTS if not each.running]
    # Those of the database, and that files and their bytes agree.
    assert checked.stdout.count("holds") == len(stopped) + 1 > 10
    said = cli("doctor", environ=settings).stdout
    for what in ("root key", "database", "migrations", "roles", "redis", "clock", "workers"):
        assert what in said
    assert "40 referrals" in said
    assert cli("healthcheck", "courier", environ=settings).returncode == 1
    assert cli("clock", "release", environ=settings).stdout == "Nothing was frozen.\n"
    assert "network" in cli("keys", "status", environ=settings).stdout


def test_demo_people_stay_out_of_a_real_network(settings):
    real = settings | {
        "LOOPKEEPER_DEMO": "no",
        "LOOPKEEPER_PUBLIC_URL": "https://loop.example",
        "LOOPKEEPER_SMTP_URL": "smtp://127.0.0.1:9",
        "LOOPKEEPER_MAIL_FROM": "loop@loop.example",
    }
    done = cli("demo", environ=real)
    assert done.returncode == 1
    assert "LOOPKEEPER_DEMO=yes" in done.stderr


def test_settings_are_printed_without_their_secrets(settings):
    secret = "postgresql://owner:hush-hush@127.0.0.1/loop"
    smtp = "smtp://user:quiet-word@mail.example.org"
    given = settings | {"DATABASE_URL": secret, "LOOPKEEPER_SMTP_URL": smtp}
    done = cli("config", environ=given)
    assert done.returncode == 0, done.stderr
    assert "DATABASE_URL=postgresql://owner:***@127.0.0.1/loop" in done.stdout
    assert "hush-hush" not in done.stdout + done.stderr
    assert "quiet-word" not in done.stdout + done.stderr


def test_help_is_quick_because_it_imports_next_to_nothing():
    program = "import sys, service.cli; print(*sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True
    )
    heavy = {"asyncpg", "litestar", "cryptography", "redis", "jinja2", "uvicorn"}
    assert not heavy & set(done.stdout.split())


def test_the_page_about_running_lists_every_setting():
    source = "".join((ROOT / path).read_text() for path in ("service/settings/__init__.py",))
    read = set(re.findall(r'"((?:LOOPKEEPER_|DATABASE_|REDIS_)[A-Z_]+)"', source))
    page = Path(ROOT / "docs/running.md").read_text()
    listed = set(re.findall(r"^\| `([A-Z_]+)` \|", page, re.MULTILINE))
    assert listed == read


def test_the_pages_about_rules_are_written_by_the_command(tmp_path):
    assert cli("rules", "--write", str(tmp_path)).returncode == 0
    for page in tmp_path.iterdir():
        assert page.read_text() == (ROOT / "docs" / page.name).read_text(), page.name
    assert "stateDiagram-v2" in cli("rules", "--diagram").stdout
    assert "| referral.send | clinician |" in cli("rules", "--access").stdout


def test_what_is_stuck_is_listed_tried_again_and_given_up(settings, fresh_database):
    cli("demo", environ=settings)
    nothing = cli("outbox", "list", "--state", "dead", environ=settings)
    assert (nothing.returncode, nothing.stdout) == (0, "")
    overdue = cli("outbox", "list", "--state", "overdue", "--kind", "invite", environ=settings)
    assert "overdue    invite" in overdue.stdout
    effect_id = asyncio.run(one_dead(fresh_database))
    listed = cli("outbox", "list", "--state", "dead", "--older", "0m", environ=settings)
    assert listed.stdout.startswith(f"{effect_id}  dead"), listed.stderr
    assert "550 5.7.1" in listed.stdout
    assert "@" not in listed.stdout
    assert cli("outbox", "list", "--older", "900d", environ=settings).stdout == ""
    wrong = cli("outbox", "list", "--older", "soon", environ=settings)
    assert wrong.returncode == 2
    for words, said in (("retry", "It goes out again now."), ("give-up", "It is given up.")):
        done = cli("outbox", words, effect_id, environ=settings)
        assert done.stdout.strip() == said, done.stderr
    gone = cli("outbox", "retry", effect_id, environ=settings)
    assert gone.returncode == 1
    assert "Nothing of that id is stuck or waits." in gone.stderr


async def one_dead(database_url):
    owner = await asyncpg.connect(database_url)
    try:
        return str(
            await owner.fetchval(
                "update lk.outbox set state = 'dead', last_error = 'refused at data: 550 5.7.1',"
                " done_at = lk.now(), expires_at = null where id = (select id from lk.outbox"
                " order by created_at limit 1) returning id"
            )
        )
    finally:
        await owner.close()
