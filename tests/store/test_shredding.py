"""What is destroyed, what a hold keeps, and that the network goes on around it."""

from typing import Any

import asyncpg
import pytest

from crypto.faults import CannotOpen
from service import faults
from service.actions import keep_patient, shred
from service.actions.shred import Unit, Why
from service.actions.take_step import Words
from service.domain.rules import Step
from service.store import holds, invariants, shredding
from service.store.pool import Scope
from tests.fixtures.keeper import keeper
from tests.store.test_epochs import LATER, allowed, contents, opens_nothing_of, sealed_to
from tests.store.test_sealing import DECLINE, Network, active, holders, network, opened

__all__ = ["allowed", "network"]


async def destroy(network: Network, kind: str, unit_id: Any, sensitivity: Any = None) -> Any:
    async with keeper(network.url) as pool:
        unit = Unit(kind=kind, id=unit_id, sensitivity=sensitivity)
        return await shred.shred(pool, unit, why=Why.COURT_ORDER)


async def recorded(network: Network, action: str) -> list[Any]:
    async with network.house.check.transaction(Scope()) as connection:
        return await connection.fetch(
            "select org_id, actor_kind, resource_kind, resource_id, class, detail from audit"
            " where action = $1 order by at",
            action,
        )


async def all_holds(network: Network) -> None:
    async with network.house.check.transaction(Scope()) as connection:
        found = await invariants.check(
            connection, [each for each in invariants.INVARIANTS if not each.running]
        )
    assert [each for each in found if not each.holds] == []


async def test_one_content_is_destroyed_and_the_rest_stays(network):
    a = network.pantries[0]
    sent = await network.house.sent(network.clinic, [a])
    (leg,) = sent.plan.referral.legs
    await network.house.step(network.clinic.actor, leg.id, Step.LOG_ATTEMPT, words=LATER)
    before = await contents(network, network.clinic, sent.referral_id)
    gone = before[-1]["id"]
    assert (await destroy(network, "message", gone)).contents == 1
    after = {row["id"]: row["envelope"] for row in await contents(network, a, sent.referral_id)}
    assert after.pop(gone) is None
    assert all(after.values())
    assert not await destroy(network, "message", gone)
    (line,) = await recorded(network, "key.shred")
    assert (line["org_id"], line["resource_id"]) == (network.clinic.id, gone)
    assert line["actor_kind"] == "system"
    await all_holds(network)


async def test_a_class_of_a_referral_is_destroyed_for_everybody_and_the_other_stays(
    network, allowed
):
    sent = allowed[0]
    (leg,) = sent.plan.referral.legs
    await network.house.step(network.cco.actor, leg.id, Step.LOG_ATTEMPT, words=LATER)
    old = await sealed_to(network, network.clinic, sent.referral_id)
    rows = await contents(network, network.clinic, sent.referral_id)
    done = await destroy(network, "referral", sent.referral_id, "part2")
    assert (done.keys, done.seals) == (1, 2)
    assert await holders(network, sent.referral_id) == {("general", 1): {"clinic", "A", "cco"}}
    for org in (network.clinic, network.pantries[0]):
        words = [said for _, said in await opened(network, org, sent.referral_id)]
        assert words == [{"comment": LATER.comment}]
    # Even who kept the ciphertext, and somebody's seal of another class, opens nothing of it.
    general = [seal for seal in old if seal.sensitivity == "general"]
    await opens_nothing_of(network, general, [row for row in rows if row["class"] == "part2"])
    await all_holds(network)


async def test_a_referral_goes_on_after_its_keys_were_destroyed(network):
    house, (a, b, _) = network.house, network.pantries
    sent = await house.sent(network.clinic, [a])
    (leg,) = sent.plan.referral.legs
    await destroy(network, "referral", sent.referral_id)
    assert await active(network, sent.referral_id) == []
    with pytest.raises(faults.NoLongerReadable):
        await house.step(network.clinic.actor, leg.id, Step.REDIRECT, service_ids=(b.service_id,))
    await house.step(a.actor, leg.id, Step.DECLINE, **DECLINE)
    held = await holders(network, sent.referral_id)
    assert held == {("general", 2): {"clinic", "A", "cco"}}
    await house.step(
        network.clinic.actor,
        None,
        Step.CLOSE_WITHOUT_SERVICE,
        referral_id=sent.referral_id,
        words=Words(comment="The family was told by phone."),
    )
    await all_holds(network)


async def test_a_step_that_was_decided_before_the_keys_went_is_decided_again(network):
    a = network.pantries[0]
    sent = await network.house.sent(network.clinic, [a])
    async with network.house.check.transaction(Scope()) as connection:
        before = await connection.fetchval(
            "select version from referral where id = $1", sent.referral_id
        )
    await destroy(network, "referral", sent.referral_id)
    async with network.house.check.transaction(Scope()) as connection:
        after = await connection.fetchval(
            "select version from referral where id = $1", sent.referral_id
        )
    assert after > before


async def test_a_patient_is_destroyed_in_one_organization_and_on_no_list_there(network):
    house, clinic = network.house, network.clinic
    patient = await house.patient(clinic)
    other = await house.patient(clinic)
    before = await keep_patient.read_patient(house.office, clinic.actor, patient_id=patient.id)
    assert before.identity.name.family == "García López"
    assert (await destroy(network, "patient", patient.id)).keys == 1
    with pytest.raises(faults.NoLongerReadable):
        await keep_patient.read_patient(house.office, clinic.actor, patient_id=patient.id)
    await keep_patient.read_patient(house.office, clinic.actor, patient_id=other.id)
    async with house.check.transaction(Scope()) as connection:
        left = await connection.fetchval(
            "select count(*) from patient_index where patient_id = $1", patient.id
        )
    assert left == 0
    assert len(await recorded(network, "key.shred")) == 1
    await all_holds(network)


async def test_an_organization_is_destroyed_only_after_it_left_and_others_keep_their_copies(
    network,
):
    house, (a, _, _) = network.house, network.pantries
    sent = await house.sent(network.clinic, [a])
    (leg,) = sent.plan.referral.legs
    with pytest.raises(shredding.NotLeft):
        await destroy(network, "organization", a.id)
    await house.step(a.actor, leg.id, Step.DECLINE, **DECLINE)
    async with house.office.db.transaction(Scope(org_id=a.id, network=True)) as connection:
        await connection.execute("update organization set state = 'left' where id = $1", a.id)
    seals = await sealed_to(network, a, sent.referral_id)
    rows = await contents(network, network.clinic, sent.referral_id)
    done = await destroy(network, "organization", a.id)
    assert done.keys > 5
    await house.keys.forget()
    for seal in seals:
        with pytest.raises(CannotOpen):
            await house.keys.open_content(seal, rows[0]["envelope"], message_id=rows[0]["id"])
    # What it said is still read, and its signature still verified.
    words = [said for _, said in await opened(network, network.clinic, sent.referral_id)]
    assert {"comment": DECLINE["words"].comment} in words
    await all_holds(network)


async def units(network: Network) -> dict[str, Any]:
    """A referral of a patient, and every unit it lies in or that lies in it."""
    patient = await network.house.patient(network.clinic)
    sent = await network.house.sent(network.clinic, [network.pantries[0]], patient_id=patient.id)
    row = (await contents(network, network.clinic, sent.referral_id))[0]
    return {
        "message": row["id"],
        "referral": sent.referral_id,
        "patient": patient.id,
        "organization": network.clinic.id,
    }


@pytest.mark.parametrize("target", ["message", "referral", "patient", "organization"])
@pytest.mark.parametrize("held", ["message", "referral", "patient", "organization"])
async def test_a_hold_keeps_every_level_above_and_below(network, held: str, target: str):
    found = await units(network)
    async with keeper(network.url) as pool:
        hold_id = await shred.hold(pool, held, found[held], reason="case 17")
        assert hold_id is not None
        assert await shred.hold(pool, held, found[held], reason="case 17") is None
    with pytest.raises(faults.Held):
        await destroy(network, target, found[target])
    assert await recorded(network, "key.shred") == []
    # A hold on one is none on another.
    elsewhere = await network.house.sent(network.pantries[1], [network.pantries[2]])
    assert await destroy(network, "referral", elsewhere.referral_id)
    async with keeper(network.url) as pool:
        await shred.release(pool, hold_id, reason="case closed")
    if target != "organization":
        assert await destroy(network, target, found[target])
    assert [row["resource_id"] for row in await recorded(network, "key.hold")] == [found[held]]
    assert [row["resource_id"] for row in await recorded(network, "key.release")] == [found[held]]


async def test_a_hold_on_a_recipient_keeps_what_it_was_told(network):
    found = await units(network)
    async with keeper(network.url) as pool:
        await shred.hold(pool, "organization", network.pantries[0].id, reason="case 18")
    for kind in ("message", "referral"):
        with pytest.raises(faults.Held):
            await destroy(network, kind, found[kind])
    # The sender's own file is none of the recipient's.
    assert await destroy(network, "patient", found["patient"])


async def test_a_hold_on_one_content_leaves_the_other_classes_alone(network, allowed):
    sent = allowed[0]
    (leg,) = sent.plan.referral.legs
    await network.house.step(network.cco.actor, leg.id, Step.LOG_ATTEMPT, words=LATER)
    rows = await contents(network, network.clinic, sent.referral_id)
    general = next(row["id"] for row in rows if row["class"] == "general")
    async with keeper(network.url) as pool:
        await shred.hold(pool, "message", general, reason="case 19")
    with pytest.raises(faults.Held):
        await destroy(network, "referral", sent.referral_id)
    with pytest.raises(faults.Held):
        await destroy(network, "referral", sent.referral_id, "general")
    assert await destroy(network, "referral", sent.referral_id, "part2")


@pytest.mark.parametrize("kind", holds.KINDS)
async def test_nothing_is_held_or_destroyed_that_is_not_there(network, kind: str):
    nobody = network.pantries[0].service_id
    with pytest.raises(faults.Missing):
        await destroy(network, kind, nobody)
    async with keeper(network.url) as pool:
        with pytest.raises(faults.Missing):
            await shred.hold(pool, kind, nobody, reason="case 20")


@pytest.mark.parametrize(
    "statement",
    [
        "delete from seal",
        "update seal set sealed = ''",
        "update org_key set state = 'destroyed'",
        "update public_key set state = 'destroyed'",
        "update key_generation set generation = 0",
        "delete from legal_hold",
        "select reason from legal_hold",
    ],
)
@pytest.mark.parametrize("pool", ["web", "worker"])
async def test_neither_web_nor_workers_can_end_a_key(network, pool: str, statement: str):
    eyes = network.house.office.db if pool == "web" else network.house.worker
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with eyes.transaction(Scope(org_id=network.clinic.id)) as connection:
            await connection.execute(statement)


async def test_only_whoever_filed_a_content_withdraws_it_and_no_worker_does(network) -> None:
    statement = "update content set envelope = null, shredded_at = lk.now()"
    pantry = network.pantries[0]
    sent = await network.house.sent(network.clinic, [pantry])
    scope = Scope(org_id=pantry.id, opening=sent.referral_id)
    async with network.house.office.db.transaction(scope) as connection:
        assert await connection.fetchval("select count(*) from content") > 0
        assert await connection.execute(statement) == "UPDATE 0"
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with network.house.worker.transaction(Scope(org_id=network.clinic.id)) as connection:
            await connection.execute(statement)
