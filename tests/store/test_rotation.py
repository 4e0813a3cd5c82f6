"""Keys get their successors while a web process keeps sealing and opening."""

import asyncio
import base64
import hashlib
import hmac
import signal
import sys
from typing import Any

import pytest

from crypto import keyring, root, token
from crypto.faults import CannotOpen
from service import app
from service.actions import keep_patient, rewrap_keys, rotate_keys
from service.settings import Settings
from service.store import keys as key_store
from service.store.pool import Scope
from tests import good
from tests.shape.sources import ROOT
from tests.store.rotating import Running, running, working
from tests.store.test_sealing import opened

__all__ = ["running"]
SORTS = tuple(rotate_keys.PURPOSES)


async def test_the_root_key_is_replaced_under_a_running_process(running: Running):
    network = running.network
    old = root.load(running.path).key_id
    patient = await network.house.patient(network.clinic)
    async with working(running):
        said = await running.cli("rotate", "root")
    assert "holds both" in said
    held = root.load(running.path)
    assert [each.key_id for each in held.every][1:] == [old]
    assert (await running.rewrap()) == {}
    kept = await rewrap_keys.retire_root(running.shop, held, running.path, grace=0)
    assert kept is not None
    assert root.load(kept).key_id == old
    assert [each.key_id for each in root.load(running.path).every] == [held.key_id]
    # The old key opens nothing here any more; the running process, and a new one, everything.
    stranger = keyring.LocalKeyring(root.load(kept), key_store.StoredKeyRows(running.shop.keeper))
    async with running.shop.keeper.transaction(Scope()) as connection:
        probe = await connection.fetchval("select probe from root_key")
    assert not await stranger.check_probe(probe)
    await network.house.keys.forget()
    found = await keep_patient.read_patient(
        network.house.office, network.clinic.actor, patient_id=patient.id
    )
    assert found.identity == good.MARIA
    async with working(running):
        await network.house.organization("Newcomer")


def matches(stored: str, password: str) -> bool:
    """Check a password against what PostgreSQL keeps of it (RFC 5802)."""
    cost, _, secrets = stored.removeprefix("SCRAM-SHA-256$").partition("$")
    rounds, _, salt = cost.partition(":")
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(salt), int(rounds))
    client = hmac.digest(salted, b"Client Key", "sha256")
    return secrets.split(":")[0] == base64.b64encode(hashlib.sha256(client).digest()).decode()


async def test_the_roles_passwords_follow_the_root_key(running: Running, connect):
    await running.cli("rotate", "root")
    owner = await connect(running.network.url)
    stored = await owner.fetchval("select rolpassword from pg_authid where rolname = 'lk_web'")
    new, old = token.database_passwords(root.load(running.path), "lk_web")
    assert matches(stored, new)
    assert not matches(stored, old)
    settings = Settings.read(running.environ)
    async with (
        app.office_of(settings, role="lk_web", size=1, name="late") as office,
        office.db.transaction(Scope()) as connection,
    ):
        assert await connection.fetchval("select current_user") == "lk_web"


async def test_an_old_root_key_stays_while_something_hangs_on_it(running: Running):
    root.add(running.path)
    held = root.load(running.path)
    assert await rewrap_keys.retire_root(running.shop, held, running.path, grace=0) is None
    moved = await running.rewrap()
    assert moved["keys under the root key"] > 5
    assert moved["public halves"] == 10
    assert await rewrap_keys.retire_root(running.shop, held, running.path) is None
    assert len(root.load(running.path).every) == 2


@pytest.mark.parametrize("sort", SORTS)
async def test_an_organization_gets_its_next_keys_under_a_running_process(
    running: Running, sort: str
):
    network, clinic = running.network, running.network.clinic
    patient = await network.house.patient(clinic)
    sent = await network.house.sent(clinic, [network.pantries[0]], patient_id=patient.id)
    before = [await opened(network, org, sent.referral_id) for org in (clinic, network.pantries[0])]
    async with working(running):
        await rotate_keys.rotate(running.shop, clinic.id, what=sort)
        await running.rewrap()
    for purpose in rotate_keys.PURPOSES[sort]:
        assert await running.states(clinic.id, purpose) == ["expired", "active"]
    await network.house.keys.forget()
    after = [await opened(network, org, sent.referral_id) for org in (clinic, network.pantries[0])]
    assert after == before
    found = await keep_patient.read_patient(
        network.house.office, clinic.actor, patient_id=patient.id
    )
    assert found.identity == good.MARIA


async def test_two_versions_of_an_index_find_a_patient_until_one_is_gone(running: Running):
    network, clinic = running.network, running.network.clinic
    patient = await network.house.patient(clinic)

    async def found() -> set[Any]:
        tokens = await network.house.keys.indexes(clinic.id, "phone", good.MARIA.phones[0])
        async with network.house.office.db.transaction(Scope(org_id=clinic.id)) as connection:
            rows = await connection.fetch(
                "select patient_id from patient_index where field = 'phone'"
                " and token = any($1::bytea[])",
                [each.digest for each in tokens],
            )
        return {row["patient_id"] for row in rows}

    assert await found() == {patient.id}
    await rotate_keys.rotate(running.shop, clinic.id, what="index")
    await network.house.keys.forget()
    assert await found() == {patient.id}
    with pytest.raises(rotate_keys.StillNeeded):
        await rotate_keys.raise_floor(running.shop, clinic.id, "bik:phone", version=2)
    other = await network.house.patient(clinic)
    assert await found() == {patient.id, other.id}
    assert (await running.rewrap())["patients' tokens"] == 1
    assert await running.rewrap() == {}
    assert await rotate_keys.raise_floor(running.shop, clinic.id, "bik:phone", version=2) == 1
    await network.house.keys.forget()
    assert await found() == {patient.id, other.id}


async def test_a_refused_version_opens_nothing_and_can_be_let_in_until_it_is_destroyed(
    running: Running,
):
    network, clinic = running.network, running.network.clinic
    sent = await network.house.sent(clinic, [network.pantries[0]])
    async with network.house.office.db.transaction(Scope(org_id=clinic.id)) as connection:
        (old,) = await key_store.held_seals(connection, sent.referral_id, org_id=clinic.id)
    await rotate_keys.rotate(running.shop, clinic.id, what="organization")
    with pytest.raises(rotate_keys.StillNeeded):
        await rotate_keys.raise_floor(running.shop, clinic.id, "osk", version=2)
    await running.rewrap()
    assert await rotate_keys.raise_floor(running.shop, clinic.id, "osk", version=2) == 1
    ring = network.house.keys
    await ring.forget()
    with pytest.raises(CannotOpen):
        await ring.extend(old.row, [network.cco.id])
    assert await rotate_keys.raise_floor(running.shop, clinic.id, "osk", version=1) == 1
    await ring.forget()
    assert await ring.extend(old.row, [network.cco.id])
    await rotate_keys.raise_floor(running.shop, clinic.id, "osk", version=2)
    assert await rotate_keys.destroy_refused(running.shop, clinic.id) == []
    gone = await rotate_keys.destroy_refused(running.shop, clinic.id, grace=0)
    assert [(each.purpose, each.version) for each in gone] == [("osk", 1)]
    assert await running.states(clinic.id, "osk") == ["destroyed", "active"]
    await ring.forget()
    with pytest.raises(CannotOpen):
        await ring.extend(old.row, [network.cco.id])
    assert await opened(network, clinic, sent.referral_id)


async def test_a_rewrap_that_was_killed_goes_on_where_it_stopped(running: Running):
    network, clinic = running.network, running.network.clinic
    sent = [await network.house.sent(clinic, [network.pantries[0]]) for _ in range(3)]
    await rotate_keys.rotate(running.shop, clinic.id, what="organization")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "import os, signal\n"
        "from service.actions import rewrap_keys\n"
        "from service.store import rotating\n"
        "rewrap_keys.BATCH = 1\n"
        "keep = rotating.store_seal\n"
        "async def die(connection, before, after):\n"
        "    await keep(connection, before, after)\n"
        "    die.seals += 1\n"
        "    if die.seals == 2:\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "die.seals = 0\n"
        "rotating.store_seal = die\n"
        "from service.cli import main\n"
        "main(['keys', 'rewrap'])\n",
        env=running.environ,
        cwd=ROOT,
    )
    assert await process.wait() == -signal.SIGKILL
    left = await running.rewrap()
    assert left["seals"] == 2
    assert await running.rewrap() == {}
    await network.house.keys.forget()
    for each in sent:
        assert await opened(network, clinic, each.referral_id)


async def test_a_rotation_stopped_between_its_two_halves_goes_on(running: Running):
    clinic = running.network.clinic
    async with running.shop.keeper.transaction(Scope(org_id=clinic.id)) as connection:
        made = await running.shop.keys.new_version(clinic.id, "sig", version=2)
        await key_store.add(connection, [made])
    assert await running.states(clinic.id, "sig") == ["active", "pending"]
    assert await rotate_keys.rotate(running.shop, clinic.id, what="signing") == {"sig": 2}
    assert await running.states(clinic.id, "sig") == ["expired", "active"]


async def test_every_act_on_a_key_is_in_the_record(running: Running):
    clinic = running.network.clinic
    await running.cli("rotate", "organization", "--org", str(clinic.id))
    await running.cli("rewrap")
    assert "least that opens" in await running.cli("floor", "ork", "2", "--org", str(clinic.id))
    status = await running.cli("status", "--org", str(clinic.id))
    assert "refused" in status
    await rotate_keys.destroy_refused(running.shop, clinic.id, grace=0)
    async with running.network.house.check.transaction(Scope()) as connection:
        rows = await connection.fetch(
            "select action, detail from audit where action like 'key.%' order by at, id"
        )
    assert [(row["action"], row["detail"]["purpose"]) for row in rows] == [
        ("key.rotate", "ork"),
        ("key.rotate", "osk"),
        ("key.floor", "ork"),
        ("key.destroy", "ork"),
    ]
