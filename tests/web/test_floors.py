"""Each floor of tenancy taken away in turn: the other two keep what is in a record from strangers.

Sabotage, on purpose: a policy that allows everything, fences that let everybody through, a party
row forged by hand. Each test says what held. That the marks are found where they may be read is
shown too, so that finding none elsewhere means something.
"""

from collections.abc import AsyncIterator, Iterable
from typing import Any

import msgspec
import pytest

from crypto.faults import CannotOpen, KeyMissing
from service.domain import policy
from service.domain.people import Role
from service.store import keys as key_store
from service.store import reading
from service.store.pool import Scope
from tests.fixtures.servers import Run
from tests.web.matrix import marks
from tests.web.matrix.callers import CALLERS, Caller, Proof
from tests.web.matrix.calling import Scene, call, scene_at
from tests.web.matrix.doors import Door, doors

DOORS = doors()
_SOME_ROLES = frozenset({Role.COORDINATOR, Role.ORG_ADMIN, Role.PRIVACY_OFFICER})
_OUTSIDE = frozenset({"stranger", "former", "watcher"})

STRANGERS = tuple(
    caller
    for caller in CALLERS
    if caller.spoilt
    or caller.proof in (Proof.NOTHING, Proof.INVENTED, Proof.VISIT)
    or (caller.org in _OUTSIDE and (caller.proof is Proof.KEY or caller.roles & _SOME_ROLES))
)
"""Who holds no key to the referral: no party, none any more, an observer, a link before step-up."""

KEPT = (
    *("patient", "patient_index", "contact", "consent", "referral", "leg", "event", "content"),
    *("document", "attachment", "party", "epoch", "seal", "disclosure", "appointment"),
    *("thread", "thread_party", "message", "thread_note", "break_glass"),
)
"""Where nobody of these may leave a trace."""


@pytest.fixture
async def scene(
    run: Run, template: str, worker_id: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Scene]:
    """Everybody on stage, in a database that this test may spoil."""
    folder = tmp_path_factory.mktemp("floors")
    async with scene_at(run, template, worker_id=worker_id, folder=folder) as opened:
        yield opened


def _marks_in(content: bytes) -> list[str]:
    return [mark for mark in marks.ALL if mark.encode() in content]


async def _leaks(scene: Scene, callers: Iterable[Caller]) -> list[str]:
    """Call every door as each of these and list whatever of the records comes back."""
    found: list[str] = []
    for door in DOORS:
        await scene.stage.rewind()
        for caller in callers:
            told = _marks_in((await call(scene, door, caller)).content)
            found += [f"{door.method} {door.path} told {caller.name}: {mark}" for mark in told]
    return found


async def _rows(scene: Scene) -> set[str]:
    """Read every row of the tables nobody may leave a trace in, whole."""
    found: set[str] = set()
    for table in KEPT:
        rows = await scene.stage.owner.fetch(f"select to_jsonb(t)::text as row from lk.{table} t")
        found |= {f"{table} {row['row']}" for row in rows}
    return found


def _allow_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy, "decide", lambda *_given, **_named: policy.Allow())
    monkeypatch.setattr(policy, "ever", lambda *_given: True)


async def _open_every_fence(scene: Scene) -> None:
    owner = scene.stage.owner
    for row in await owner.fetch("select tablename from pg_tables where schemaname = 'lk'"):
        await owner.execute(
            f"create policy everybody on lk.{row['tablename']} to lk_web, lk_worker"
            " using (true) with check (true)"
        )


def _named(name: str) -> Caller:
    return next(caller for caller in CALLERS if caller.name == name)


def _reading() -> Door:
    path = "/api/v1/referrals/{referral_id:uuid}"
    return next(door for door in DOORS if (door.method, door.path) == ("GET", path))


async def test_the_marks_are_told_to_those_whose_they_are(scene: Scene) -> None:
    told: set[str] = set()
    for door in DOORS:
        if door.method == "GET" and door.path.startswith("/api/"):
            answer = await call(scene, door, _named("coordinator of the clinic"))
            told |= set(_marks_in(answer.content))
    assert told == set(marks.ALL)


async def test_without_the_policy_fences_and_keys_keep_the_records(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await _rows(scene)
    _allow_everything(monkeypatch)
    assert await _leaks(scene, STRANGERS) == []
    # Not a word told, and not a row changed.
    assert before - await _rows(scene) == set()
    # The policy really is away: an observer now opens a page that tells it no words.
    answer = await call(scene, _reading(), _named("reader of the watcher"))
    assert answer.status_code == 200


async def test_without_the_fences_policy_and_keys_keep_the_records(scene: Scene) -> None:
    await _open_every_fence(scene)
    assert await _leaks(scene, STRANGERS) == []
    stranger = scene.stage.orgs["stranger"]
    async with scene.stage.site.house.office.db.transaction(Scope(org_id=stranger.id)) as db:
        # The fences really are away: a stranger's statement without a WHERE sees them all.
        assert await db.fetchval("select count(*) from patient where org_id <> $1", stranger.id)


async def test_a_forged_party_holds_no_key_and_reads_no_word(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, referral_id = scene.stage, scene.stage.taken.referral_id
    await stage.owner.execute(
        "insert into lk.party (org_id, referral_id, capacity, classes, started_at)"
        " values ($1, $2, 'recipient', '{general}', lk.now())",
        stage.orgs["stranger"].id,
        referral_id,
    )
    _allow_everything(monkeypatch)
    forged = _named("coordinator of the stranger")
    assert await _leaks(scene, [forged]) == []
    answer = await call(scene, _reading(), forged)
    # Policy and fences let it in: the row is there, and nothing in it opens.
    assert answer.status_code == 200
    assert answer.json()["referral"]["id"] == str(referral_id)


async def test_a_seal_of_one_organization_opens_for_no_other(scene: Scene) -> None:
    stage, referral_id = scene.stage, scene.stage.taken.referral_id
    office, clinic = stage.site.house.office, stage.orgs["clinic"]
    async with office.db.transaction(Scope(org_id=clinic.id)) as connection:
        sealed: Any = await reading.contents(connection, [referral_id], kinds=["package"])
        held = await key_store.held_seals(connection, referral_id, org_id=clinic.id)
        stranger = stage.orgs["stranger"].id
        assert await key_store.held_seals(connection, referral_id, org_id=stranger) == []
    seal: Any = next(each.row for each in held if each.row.sensitivity == "general")
    opened = await office.keys.open_content(seal, sealed[0].envelope, message_id=sealed[0].id)
    assert marks.QUESTION.encode() in opened.plaintext
    for name in ("stranger", "pantry"):
        other = msgspec.structs.replace(seal, org_id=stage.orgs[name].id)
        with pytest.raises((CannotOpen, KeyMissing)):
            await office.keys.open_content(other, sealed[0].envelope, message_id=sealed[0].id)
