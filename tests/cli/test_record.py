"""The record on the command line: proved, kept elsewhere, and found out when it was changed."""

import asyncio
import json

import asyncpg
import pytest

from service.actions import seal_record
from service.actions.office import Office
from service.domain import ids
from tests import making
from tests.cli.test_commands import cli, settings

__all__ = ["settings"]


@pytest.fixture
def lived(settings):
    """The environment of a network whose record is sealed."""

    async def live() -> None:
        async with making.house(settings["DATABASE_URL"]) as house:
            clinic = await house.organization("Clinic")
            pantry = await house.organization("Pantry", kind="social_service")
            await house.sent(clinic, [pantry])
            worker = Office(db=house.worker, keys=house.keys, public_url="", demo=True)
            await seal_record.seal_record(worker, limit=2)
            await seal_record.seal_record(worker)

    asyncio.run(live())
    return settings


def by_hand(settings, statement):
    async def change() -> None:
        hand = await asyncpg.connect(settings["DATABASE_URL"])
        await hand.execute(statement)
        await hand.close()

    asyncio.run(change())


def test_a_sound_record_is_told_as_one(lived):
    done = cli("audit", "verify", environ=lived)
    assert done.returncode == 0, done.stderr
    assert "none is missing" in done.stdout
    told = json.loads(cli("audit", "verify", "--json", environ=lived).stdout)
    assert told["sound"]
    assert told["checkpoints"] == 2
    assert told["lines"] > 2


def test_a_changed_line_is_named_and_ends_in_one(lived):
    by_hand(lived, "update lk.audit set request_id = 'x'")
    done = cli("audit", "verify", environ=lived)
    assert done.returncode == 1
    assert "line 1: The line was changed." in done.stdout
    assert not json.loads(cli("audit", "verify", "--json", environ=lived).stdout)["sound"]


def test_what_is_kept_outside_finds_a_record_that_was_cut_short(lived, tmp_path):
    kept, pinned = tmp_path / "checkpoint", tmp_path / "key"
    kept.write_text(cli("audit", "checkpoint", environ=lived).stdout)
    pinned.write_text(cli("audit", "key", environ=lived).stdout)
    words = ("audit", "verify", "--checkpoint-file", str(kept), "--public-key", str(pinned))
    assert cli(*words, environ=lived).returncode == 0
    by_hand(
        lived,
        "delete from lk.audit_head; delete from lk.audit_checkpoint; delete from lk.audit_leaf;"
        " delete from lk.audit",
    )
    assert cli("audit", "verify", environ=lived).returncode == 0
    done = cli(*words, environ=lived)
    assert done.returncode == 1
    assert "Checkpoint 2 is kept outside and missing here." in done.stdout


def test_what_is_no_checkpoint_is_told_as_a_sentence(lived, tmp_path):
    wrong = tmp_path / "wrong"
    wrong.write_text("nonsense")
    for option in ("--checkpoint-file", "--public-key"):
        done = cli("audit", "verify", option, str(wrong), environ=lived)
        assert done.returncode == 1
        assert "audit checkpoint" in done.stderr
        assert "Traceback" not in done.stderr


def test_an_export_is_one_resource_a_line_and_a_line_of_the_record_itself(lived):
    first = cli("audit", "export", environ=lived)
    assert first.returncode == 0, first.stderr
    resources = [json.loads(line) for line in first.stdout.splitlines()]
    assert {each["resourceType"] for each in resources} == {"AuditEvent"}
    assert "García" not in first.stdout
    again = [json.loads(line) for line in cli("audit", "export", environ=lived).stdout.splitlines()]
    acts = [each["subtype"][1]["code"] for each in again]
    assert acts.count("audit.export") == 2
    assert cli("audit", "export", "--until", "2020-01-01", environ=lived).stdout == ""
    other = cli("audit", "export", "--org", str(ids.new_id()), environ=lived).stdout
    # An organization nobody wrote of has one line: that its lines were handed out.
    assert len(other.splitlines()) == 1
