"""Everything is gone, a backup comes back, and the loop goes on without a mail sent twice."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests import files, making
from tests.channels import mail_server
from tests.fixtures.town import Caller, Town, Visitor
from tests.loop import people
from tests.loop.people import Cast
from tests.loop.test_a_conversation_stays_between_its_parties import begun, texts
from tests.loop.test_files import clean, sent
from tests.shape.sources import ROOT


def cli(town: Town, *words: str) -> str:
    """Run a command beside a town, with its settings; expect it to succeed."""
    done = told(town, *words)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def told(town: Town, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "service.cli", *words],
        env=os.environ | settings(town),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def settings(town: Town) -> dict[str, str]:
    return {
        "DATABASE_URL": town.database_url,
        "REDIS_URL": town.redis_url,
        "LOOPKEEPER_ROOT_KEY_FILE": str(town.folder / "root.key"),
        "LOOPKEEPER_DEMO": "yes",
    }


class Left(msgspec.Struct, frozen=True):
    """What there was before: a referral with a file and a talk, and one whose invite is owed."""

    told: str
    file_id: str
    thread: str
    texts: list[str | None]
    owed: str
    reference: str


BODY = files.pdf(50_000)


async def lived(story: Cast, mailbox: making.Org, heart: Caller) -> Left:
    town, clinic = story.town, story.clinic
    told = await story.send(mailbox)
    await town.skip(story.cco, hours=1)
    await town.letter(mailbox.mailbox)
    file_id = await sent(story, told, BODY)
    await clean(story, file_id)
    thread = await begun(clinic, heart.org)
    owed = await story.send(mailbox)
    reference = (await clinic.referral(owed))["referral"]["reference"]
    said = await texts(heart, thread)
    return Left(told, file_id, thread, said, owed, reference)


def gone(town: Town, elsewhere: Town) -> None:
    """Stop it and lose it all, but for the root key's copy. The database is not asked again."""
    town.stop()
    shutil.copy(town.folder / "root.key", elsewhere.folder)
    shutil.rmtree(town.folder / "attachments")


def moved(caller: Caller, there: Town) -> Caller:
    """The same program with the same key, speaking to the other place."""
    return Caller(there, caller.org, caller.headers["Authorization"].removeprefix("Bearer "))


@pytest.fixture
def elsewhere(empty_database: str, redis_url: str) -> Iterator[Town]:
    """Another machine: an empty database and an empty folder."""
    with tempfile.TemporaryDirectory(prefix="loopkeeper-town-") as folder:
        there = Town(empty_database, redis_url, Path(folder))
        yield there
        there.stop()


def _well(town: Town, process: str) -> str:
    """Return what a process says that is well; one that was just begun may take a while."""
    until = time.monotonic() + 30
    while (done := told(town, "healthcheck", process)).returncode and time.monotonic() < until:
        time.sleep(0.5)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


async def test_after_everything_is_gone_the_loop_goes_on(
    story: Cast, elsewhere: Town, tmp_path: Path
) -> None:
    agency, heart = await story.agency(enrolled=False), await story.account("Harbor Cardiology")
    left = await lived(story, agency, heart)
    await sealed(story.town)
    assert "the database and 1 files" in cli(story.town, "backup", str(tmp_path))
    (taken,) = tmp_path.iterdir()
    gone(story.town, elsewhere)
    assert "holds  The invariants" in cli(elsewhere, "restore", str(taken))
    with mail_server.running(elsewhere.mail) as smtp_port:
        elsewhere.start(smtp_port)
        clinic = moved(story.clinic, elsewhere)
        await all_is_there(clinic, moved(heart, elsewhere), left)
        await elsewhere.skip(moved(story.cco, elsewhere), hours=20)
        await asyncio.sleep(3)
        assert elsewhere.mail.taken == []
        listed(elsewhere, left)
        cli(elsewhere, "restore", "release", "--rest", "send")
        await the_loop_goes_on(elsewhere, clinic, agency, left)
        elsewhere.stop()


async def all_is_there(clinic: Caller, heart: Caller, left: Left) -> None:
    found = (await clinic.referral(left.told))["referral"]
    assert found["state"] == "with_recipient"
    answer = await clinic.get(f"/attachments/{left.file_id}/content")
    assert (answer.status_code, answer.content) == (200, BODY)
    assert await texts(heart, left.thread) == left.texts != []


def listed(elsewhere: Town, left: Left) -> None:
    (line,) = (
        each
        for each in cli(elsewhere, "restore", "review").splitlines()
        if each.startswith("invite")
    )
    assert line.split()[1] == "1"
    assert line.endswith(left.reference)
    assert "Sending is held" in _well(elsewhere, "courier")


async def the_loop_goes_on(elsewhere: Town, clinic: Caller, agency: making.Org, left: Left) -> None:
    mail = await elsewhere.letter(agency.mailbox, text=left.reference)
    worker = Visitor(elsewhere, agency.mailbox)
    card = await people.enrolled(worker, await worker.open(elsewhere.link_of(mail)))
    assert left.reference in card.text
    page = await worker.go("/r/accept")
    await worker.act(page, "accept", owner_name="Sam Lee", expected_by="2030-01-02")
    legs = (await clinic.referral(left.owed))["referral"]["legs"]
    assert [each["state"] for each in legs] == ["accepted"]
    await worker.client.aclose()


async def sealed(town: Town) -> None:
    """Wait until the record has a checkpoint, which the backup names.

    Until then the verdict may be a bad one: an hour was skipped, and lines look an hour unsealed.
    """
    for _ in range(400):
        found = told(town, "audit", "verify", "--json")
        if found.returncode == 0 and json.loads(found.stdout)["checkpoints"]:
            return
        await asyncio.sleep(0.2)
    raise AssertionError(town.logs()[-3000:])
