"""The record on the command line: proved, kept elsewhere, and found out when it was changed."""

import asyncio
import json

import asyncpg
import msgspec
import pytest

from service.actions import prove_line, seal_record
from service.actions.office import Office
from service.domain import ids
from service.domain.people import Role
from service.store.pool import Scope
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


def proof(settings, tmp_path):
    """Write a proof of the first line there is, as the API gives it, and the pinned key."""

    async def made() -> bytes:
        async with making.house(settings["DATABASE_URL"]) as house:
            async with house.check.transaction(Scope()) as connection:
                line = await connection.fetchrow(
                    "select a.id, a.org_id, a.actor_member_id from audit a"
                    " join audit_leaf l on l.audit_id = a.id"
                    " where a.actor_member_id is not null limit 1"
                )
            actor = making.Actor(
                kind=making.ActorKind.MEMBER,
                org_id=line["org_id"],
                member_id=line["actor_member_id"],
                roles=frozenset({Role.PRIVACY_OFFICER}),
            )
            found = await prove_line.prove_line(house.office, actor, line_id=line["id"])
            return msgspec.json.encode(found)

    file, pinned = tmp_path / "proof.json", tmp_path / "key"
    file.write_bytes(asyncio.run(made()))
    pinned.write_text(cli("audit", "key", environ=settings).stdout)
    return file, pinned


def test_a_proof_is_checked_with_the_pinned_key_and_nothing_else(lived, tmp_path):
    file, pinned = proof(lived, tmp_path)
    words = ("audit", "verify", "--proof", str(file))
    # No database, no root key: whoever checks it has neither.
    nothing = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    done = cli(*words, "--public-key", str(pinned), environ=nothing)
    assert done.returncode == 0, done.stderr
    assert "holds  Line" in done.stdout
    assert "--public-key" in cli(*words, environ=nothing).stderr
    forged = json.loads(file.read_text())
    forged["seq"] += 1
    file.write_text(json.dumps(forged))
    done = cli(*words, "--public-key", str(pinned), environ=nothing)
    assert done.returncode == 1
    assert "does not hold" in done.stderr
    file.write_text("nonsense")
    done = cli(*words, "--public-key", str(pinned), environ=nothing)
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)


def test_a_proof_under_another_checkpoint_than_the_one_kept_outside_does_not_hold(lived, tmp_path):
    file, pinned = proof(lived, tmp_path)
    kept = tmp_path / "kept"
    signed = json.loads(file.read_text())["checkpoint"]
    words = ("audit", "verify", "--proof", str(file), "--public-key", str(pinned))
    for text, status in ((signed, 0), (signed[:-2] + "00", 0), (_other(signed), 1)):
        kept.write_text(text)
        done = cli(*words, "--checkpoint-file", str(kept), environ=lived)
        assert done.returncode == status, done.stderr


def _other(line: str) -> str:
    mark, number, at, heads, _previous, *rest = line.split()
    return " ".join([mark, number, at, heads, "ab" * 32, *rest])
