"""What ends an epoch: a table of causes, and that nothing written later opens for who is out."""

from typing import Any

import msgspec
import pytest

from crypto.faults import CannotOpen
from crypto.keys import SealRow
from service import faults
from service.actions import keep_consents
from service.actions.take_step import Words
from service.domain.details import Details
from service.domain.people import SensitivityClass
from service.domain.rules import Step
from service.store import keys as key_store
from service.store.pool import Scope
from tests.store.test_sealing import (
    DECLINE,
    Network,
    active,
    consented,
    holders,
    network,
    nobody_was_told_in_secret,
    opened,
)

__all__ = ["network"]
LATER = Words(comment="Only for those who are left.")


async def contents(network: Network, org, referral_id) -> list[Any]:
    async with network.house.office.db.transaction(Scope(org_id=org.id)) as connection:
        return await connection.fetch(
            "select id, class, epoch, envelope from content where referral_id = $1"
            " order by created_at, id",
            referral_id,
        )


async def sealed_to(network: Network, org, referral_id) -> list[SealRow]:
    async with network.house.office.db.transaction(Scope(org_id=org.id)) as connection:
        held = await key_store.held_seals(connection, referral_id, org_id=org.id)
    return [each.row for each in held]


async def opens_nothing_of(network: Network, seals: list[SealRow], rows: list[Any]) -> None:
    """Try every old seal on every new content, as it is and dressed up as the new epoch's."""
    for seal in seals:
        for row in rows:
            posing = msgspec.structs.replace(seal, sensitivity=row["class"], epoch=row["epoch"])
            for forged in (seal, posing):
                with pytest.raises(CannotOpen):
                    await network.house.keys.open_content(
                        forged, row["envelope"], message_id=row["id"]
                    )


async def declines(n: Network, leg_id: Any) -> None:
    await n.house.step(n.pantries[0].actor, leg_id, Step.DECLINE, **DECLINE)


async def is_redirected(n: Network, leg_id: Any) -> None:
    target = (n.pantries[2].service_id,)
    await n.house.step(n.clinic.actor, leg_id, Step.REDIRECT, service_ids=target)


async def is_taken_back(n: Network, leg_id: Any) -> None:
    await n.house.step(n.clinic.actor, leg_id, Step.WITHDRAW)


async def is_cancelled(n: Network, leg_id: Any) -> None:
    await n.house.step(n.pantries[0].actor, leg_id, Step.ACCEPT)
    await n.house.step(n.clinic.actor, leg_id, Step.REQUEST_CANCEL)
    await n.house.step(n.pantries[0].actor, leg_id, Step.CONFIRM_CANCEL)


async def gives_up(n: Network, leg_id: Any) -> None:
    await n.house.step(n.pantries[0].actor, leg_id, Step.ACCEPT)
    await n.house.step(n.pantries[0].actor, leg_id, Step.GIVE_UP)


async def leaves_the_network(n: Network, leg_id: Any) -> None:
    org = n.pantries[0]
    async with n.house.office.db.transaction(Scope(org_id=org.id, network=True)) as held:
        await held.execute("update organization set state = 'left' where id = $1", org.id)
    left = Details(reason="organization_left")
    await n.house.step(n.cco.actor, leg_id, Step.END_UNRESPONSIVE, details=left)


async def was_never_meant(n: Network, leg_id: Any) -> None:
    await n.house.step(n.cco.actor, leg_id, Step.VOID)


LEAVING = (
    declines,
    is_redirected,
    is_taken_back,
    is_cancelled,
    gives_up,
    leaves_the_network,
    was_never_meant,
)


@pytest.mark.parametrize("cause", LEAVING, ids=lambda cause: cause.__name__)
async def test_who_leaves_ends_the_epoch_and_opens_nothing_new(network, cause: Any):
    house, (a, b, _) = network.house, network.pantries
    sent = await house.sent(network.clinic, [a, b], mode="all_needed")
    first, second = sent.plan.referral.legs
    await cause(network, first.id)
    old = await sealed_to(network, a, sent.referral_id)
    last = max(seal.epoch for seal in old)
    assert await active(network, sent.referral_id) == []
    await house.step(b.actor, second.id, Step.ASK, words=Words(items=("Which day?",)))
    fresh = [
        row
        for row in await contents(network, network.clinic, sent.referral_id)
        if row["epoch"] > last
    ]
    assert fresh
    assert "A" not in (await holders(network, sent.referral_id))["general", last + 1]
    await opens_nothing_of(network, old, fresh)
    await nobody_was_told_in_secret(network)


async def test_who_leaves_ends_the_epochs_of_every_class_it_holds(network, allowed):
    sent = allowed[0]
    (leg,) = sent.plan.referral.legs
    await network.house.step(network.cco.actor, leg.id, Step.LOG_ATTEMPT, words=LATER)
    assert await active(network, sent.referral_id) == [("general", 1), ("part2", 1)]
    await network.house.step(network.pantries[0].actor, leg.id, Step.DECLINE)
    assert await active(network, sent.referral_id) == []


@pytest.fixture
async def allowed(network):
    """A referral of the class part2 to A on a consent, and the consent's id."""
    a, b, _ = network.pantries
    patient = await network.house.patient(network.clinic)
    consent_id = await consented(network, patient.id, a, b)
    sent = await network.house.sent(
        network.clinic,
        [a],
        patient_id=patient.id,
        sensitivity=SensitivityClass.PART2,
        consent_basis="part2_consent",
        consent_id=consent_id,
    )
    return sent, patient.id, consent_id


async def withdraw(network: Network, allowed: Any) -> None:
    _, patient_id, consent_id = allowed
    await keep_consents.withdraw_consent(
        network.house.office, network.clinic.actor, patient_id=patient_id, consent_id=consent_id
    )


async def test_a_consent_taken_back_ends_its_epochs_in_the_same_transaction(network, allowed):
    sent = allowed[0]
    assert await active(network, sent.referral_id) == [("part2", 1)]
    await withdraw(network, allowed)
    assert await active(network, sent.referral_id) == []


async def test_after_a_consent_was_taken_back_nothing_new_is_told_and_the_old_stays(
    network, allowed
):
    house, (a, _, _) = network.house, network.pantries
    sent = allowed[0]
    (leg,) = sent.plan.referral.legs
    old = await sealed_to(network, a, sent.referral_id)
    told = await opened(network, a, sent.referral_id)
    await withdraw(network, allowed)
    await house.step(network.clinic.actor, leg.id, Step.LOG_ATTEMPT, words=LATER)
    assert (await holders(network, sent.referral_id))["part2", 2] == {"clinic"}
    assert await opened(network, a, sent.referral_id) == told
    assert {"comment": LATER.comment} in [
        said for _, said in await opened(network, network.clinic, sent.referral_id)
    ]
    new = [
        row
        for row in await contents(network, network.clinic, sent.referral_id)
        if row["epoch"] == 2
    ]
    await opens_nothing_of(network, old, new)
    await nobody_was_told_in_secret(network)


async def test_a_recipient_still_answers_after_the_consent_is_gone(network, allowed):
    house, (a, _, _) = network.house, network.pantries
    sent = allowed[0]
    (leg,) = sent.plan.referral.legs
    await withdraw(network, allowed)
    await house.step(a.actor, leg.id, Step.DECLINE, **DECLINE)
    assert (await holders(network, sent.referral_id))["part2", 2] == {"clinic", "A"}
    await house.step(
        network.clinic.actor,
        None,
        Step.CLOSE_WITHOUT_SERVICE,
        referral_id=sent.referral_id,
        words=LATER,
    )
    assert (await holders(network, sent.referral_id))["part2", 3] == {"clinic"}


async def test_nobody_is_let_in_on_a_consent_that_was_taken_back(network, allowed):
    sent = allowed[0]
    (leg,) = sent.plan.referral.legs
    await withdraw(network, allowed)
    with pytest.raises(faults.Invalid):
        await network.house.step(
            network.clinic.actor,
            leg.id,
            Step.REDIRECT,
            service_ids=(network.pantries[1].service_id,),
        )
    assert await holders(network, sent.referral_id) == {("part2", 1): {"clinic", "A"}}


async def test_a_consent_that_ran_out_is_sealed_on_no_more(network, allowed):
    sent, _, consent_id = allowed
    (leg,) = sent.plan.referral.legs
    async with network.house.office.db.transaction(Scope(org_id=network.clinic.id)) as held:
        await held.execute("update consent set expires_at = lk.now() where id = $1", consent_id)
    await network.house.step(network.clinic.actor, leg.id, Step.LOG_ATTEMPT, words=LATER)
    assert (await holders(network, sent.referral_id))["part2", 2] == {"clinic"}


async def test_other_referrals_of_the_patient_are_not_touched_by_a_withdrawal(network, allowed):
    _, patient_id, _ = allowed
    other = await network.house.sent(network.clinic, [network.pantries[1]], patient_id=patient_id)
    await withdraw(network, allowed)
    assert await active(network, other.referral_id) == [("general", 1)]


async def test_a_full_epoch_is_followed_by_the_next_one(network):
    house, (a, _, _) = network.house, network.pantries
    office = msgspec.structs.replace(house.office, writes_per_epoch=3)
    small = type(house)(house.url, office, worker=house.worker, check=house.check, keys=house.keys)
    sent = await small.sent(network.clinic, [a])
    (leg,) = sent.plan.referral.legs
    counted: dict[int, int] = {}
    for _ in range(7):
        await small.step(network.clinic.actor, leg.id, Step.LOG_ATTEMPT, words=LATER)
    for row in await contents(network, network.clinic, sent.referral_id):
        counted[row["epoch"]] = counted.get(row["epoch"], 0) + 1
    assert len(counted) >= 3
    # The package and the identity are one write of two contents.
    assert max(counted.values()) <= 3 + 1
    assert len(await active(network, sent.referral_id)) == 1
    assert set((await holders(network, sent.referral_id))["general", max(counted)]) == {
        "clinic",
        "A",
        "cco",
    }
    await nobody_was_told_in_secret(network)
