"""The network's own keys get their successors while people sign in and are added."""

import asyncio
import signal
import sys
import time
from contextlib import asynccontextmanager

import msgspec
import pytest

from crypto import keyring, root
from service import faults
from service.actions import (
    add_member,
    forgotten,
    rewrap_keys,
    rotate_keys,
    sign_in,
    text_numbers,
)
from service.actions.add_member import NewMember
from service.actions.sign_in import Attempt
from service.domain import ids
from service.domain.people import Role
from service.store import keys as key_store
from service.store import members, people, rotating
from service.store.pool import Scope
from tests.shape.sources import ROOT
from tests.store.rotating import Running, running

__all__ = ["running"]
PASSWORD = "blue-kettle-by-the-river"

KILLED = """
import os, signal
from service.actions import reseal_values
from service.store import rotating

reseal_values.BATCH = 1
keep = rotating.meet
async def die(connection, person_id, *, login):
    await keep(connection, person_id, login=login)
    die.met += 1
    if die.met == 3:
        os.kill(os.getpid(), signal.SIGKILL)
die.met = 0
rotating.meet = die
from service.cli import main
main(["keys", "rewrap"])
"""


async def add(running: Running, address: str, *, office=None) -> add_member.Added:
    clinic = running.network.clinic
    wish = NewMember(
        org_id=clinic.id,
        address=address,
        name="Sam",
        roles=frozenset({Role.READER}),
        password=PASSWORD,
    )
    return await add_member.add_member(office or running.network.house.office, clinic.actor, wish)


async def signs_in(running: Running, address: str) -> bool:
    attempt = Attempt(address=address, password=PASSWORD)
    try:
        await sign_in.sign_in(running.network.house.office, attempt)
    except faults.SignInFailed:
        return False
    return True


async def people_of(running: Running, *addresses: str) -> int:
    """Count the people whom these addresses find, under whatever key."""
    found = set()
    for address in addresses:
        logins = await running.shop.keys.indexes(None, "email", address)
        async with running.shop.keeper.transaction(Scope()) as connection:
            rows = await connection.fetch(
                "select person_id from person_login where token = any($1::bytea[])",
                [each.digest for each in logins],
            )
        found |= {row["person_id"] for row in rows}
    return len(found)


async def versions(running: Running) -> set[int]:
    async with running.shop.keeper.transaction(Scope()) as connection:
        rows = await connection.fetch("select distinct key_version from person_login")
    return {row["key_version"] for row in rows}


def stale(running: Running):
    """Return the office of a process that never notices that a key was replaced."""
    pool = key_store.StoredKeyRows(running.network.house.office.db)
    ring = keyring.LocalKeyring(root.load(running.path), pool, clock=lambda: 0.0)
    return msgspec.structs.replace(running.network.house.office, keys=ring)


@asynccontextmanager
async def always_signing_in(running: Running, *addresses: str):
    """Let people sign in without a pause; one who is not let in fails the test."""
    done = asyncio.Event()

    async def work() -> int:
        times = 0
        while not done.is_set():
            for address in addresses:
                assert await signs_in(running, address), f"after {times} times"
                times += 1
        return times

    task = asyncio.create_task(work())
    try:
        yield
        await asyncio.sleep(1.5)
    finally:
        done.set()
    assert await task > 5


async def test_nobody_is_locked_out_while_the_networks_keys_are_replaced(running: Running) -> None:
    await add(running, "before@clinic.example")
    async with always_signing_in(running, "before@clinic.example"):
        assert "nbik v2, netfield v2" in await running.cli("rotate", "network")
        await asyncio.sleep(1.2)
        await add(running, "during@clinic.example")
        assert await signs_in(running, "during@clinic.example")
        assert await versions(running) == {1, 2}
        said = await running.cli("rewrap")
        assert await versions(running) == {2}
        assert "older tokens" in said
        assert "Nothing hangs" in await running.cli("rewrap")
        await add(running, "after@clinic.example")
        for purpose in rotate_keys.NETWORK_PURPOSES:
            await running.cli("floor", purpose, "2")
        assert await versions(running) == {2}
        gone = await rotate_keys.destroy_refused(running.shop, grace=0)
        assert [(each.org_id, each.purpose, each.version) for each in gone] == [
            (None, "nbik", 1),
            (None, "netfield", 1),
        ]
        status = await running.cli("status")
        assert [line.split()[2] for line in status.splitlines() if " nbik " in line] == [
            "destroyed",
            "active",
        ]
    for name in ("before", "during", "after"):
        assert await signs_in(running, f"{name}@clinic.example")
    assert not await signs_in(running, "nobody@clinic.example")


async def test_an_address_is_not_taken_twice_across_two_keys(running: Running) -> None:
    old = stale(running)
    first = await add(running, "sam@clinic.example", office=old)
    await rotate_keys.rotate_network(running.shop)
    await running.network.house.keys.forget()
    with pytest.raises(members.AlreadyMember):
        await add(running, "sam@clinic.example")
    # Whoever knows the older key only adds nobody under it: the newer one would not meet them.
    with pytest.raises(faults.Busy):
        await add(running, "kim@clinic.example", office=old)
    second = await add(running, "kim@clinic.example")
    assert second.person_id != first.person_id
    with pytest.raises(members.AlreadyMember):
        await add(running, "kim@clinic.example", office=old)
    await running.rewrap()
    for address in ("sam@clinic.example", "kim@clinic.example"):
        with pytest.raises(members.AlreadyMember):
            await add(running, address)
    assert await people_of(running, "sam@clinic.example", "kim@clinic.example") == 2


async def test_of_two_who_write_an_address_as_the_key_changes_one_waits_and_is_refused(
    running: Running,
) -> None:
    address, house = "sam@clinic.example", running.network.house
    wish = NewMember(
        org_id=running.network.clinic.id, address=address, name="Sam", roles=frozenset()
    )

    async def fresh(office):
        person_id = ids.new_id()
        logins = await office.keys.indexes(None, "email", address)
        return await add_member.new_person(office, wish, person_id=person_id, logins=logins)

    early = await fresh(house.office)
    async with house.office.db.transaction(Scope(person_id=early.id)) as connection:
        await people.insert(connection, early)
        await rotate_keys.rotate_network(running.shop)
        await house.keys.forget()
        late = await fresh(house.office)
        assert [each.version for each in late.logins] == [2, 1]

        async def write() -> None:
            async with house.office.db.transaction(Scope(person_id=late.id)) as other:
                await people.insert(other, late)

        waiting = asyncio.create_task(write())
        refused = asyncio.create_task(
            rotate_keys.raise_floor(running.shop, None, "nbik", version=2)
        )
        await asyncio.sleep(0.3)
        assert not waiting.done()
        assert not refused.done()
    with pytest.raises(faults.Busy):
        await waiting
    with pytest.raises(rotate_keys.StillNeeded):
        await refused
    assert await people_of(running, address) == 1


async def test_a_question_for_a_forgotten_password_is_answered_across_a_change_of_keys(
    running: Running,
) -> None:
    house, address = running.network.house, "sam@clinic.example"
    await add(running, address)
    worker = msgspec.structs.replace(house.office, db=house.worker)

    async def asked_by(office) -> None:
        await forgotten.ask(office, await sign_in.logins_of(office, address))

    async def mails() -> int:
        async with house.check.transaction(Scope()) as connection:
            return await connection.fetchval(
                "select count(*) from outbox where kind = 'password_link'"
            )

    old = stale(running)
    await asked_by(old)
    await rotate_keys.rotate_network(running.shop)
    await house.keys.forget()
    await asked_by(house.office)
    await running.rewrap()
    # What the older key's question asks for is still there to be found.
    assert await versions(running) == {1, 2}
    with pytest.raises(rotate_keys.StillNeeded):
        await rotate_keys.raise_floor(running.shop, None, "nbik", version=2)
    await forgotten.answer_all(worker)
    assert await mails() == 2
    await running.rewrap()
    assert await versions(running) == {2}
    assert await rotate_keys.raise_floor(running.shop, None, "nbik", version=2) == 1


async def test_whoever_is_killed_between_two_keys_leaves_everybody_a_way_in(
    running: Running,
) -> None:
    names = [f"{name}@clinic.example" for name in ("ana", "ben", "cai", "dee")]
    for name in names:
        await add(running, name)
    await rotate_keys.rotate_network(running.shop)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", KILLED, env=running.environ, cwd=ROOT
    )
    assert await process.wait() == -signal.SIGKILL
    await running.network.house.keys.forget()
    for name in names:
        assert await signs_in(running, name)
    async with running.shop.keeper.transaction(Scope()) as connection:
        rows = await connection.fetch("select person_id from person_login where key_version = 2")
        (old, _) = [each for each in await rotating.hanging(connection) if each.purpose == "nbik"]
    assert len(rows) == 2
    assert old.hanging is not None
    assert old.hanging > len(names)
    await running.rewrap()
    assert await versions(running) == {2}
    for name in names:
        assert await signs_in(running, name)
    assert await rotate_keys.raise_floor(running.shop, None, "nbik", version=2) == 1


async def test_rewrapping_waits_until_everybody_knows_the_new_key(running: Running) -> None:
    await rotate_keys.rotate_network(running.shop)
    began = time.monotonic()
    await rewrap_keys.rewrap(
        running.shop, root.load(running.path), progress=lambda what, count: None, settle=1.5
    )
    assert time.monotonic() - began > 1.2


async def test_a_telephone_number_is_found_under_the_new_key_and_the_old_one_can_go(
    running: Running,
) -> None:
    office = running.network.house.office
    known = await text_numbers.known(office, "+15035550100")
    await running.cli("rotate", "network")
    await asyncio.sleep(1.2)
    assert await text_numbers.known(office, "+15035550100") == known
    assert "telephone numbers" in await running.cli("rewrap")
    async with running.shop.keeper.transaction(Scope()) as connection:
        assert await connection.fetchval("select key_version from text_number") == 2
    for purpose in rotate_keys.NETWORK_PURPOSES:
        await running.cli("floor", purpose, "2")
    gone = await rotate_keys.destroy_refused(running.shop, grace=0)
    assert ("nbik", 1) in {(each.purpose, each.version) for each in gone}
    assert await text_numbers.known(office, "+15035550100") == known
