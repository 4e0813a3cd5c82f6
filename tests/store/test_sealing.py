"""Who holds which key after each step, and what each of them can open."""

from typing import Any

import msgspec
import pytest

from service import faults
from service.actions.take_step import Words
from service.domain import ids
from service.domain.consent import ELEMENTS
from service.domain.details import Details
from service.domain.people import SensitivityClass
from service.domain.rules import Step
from service.store import keys as key_store
from service.store import referrals
from service.store.pool import Scope
from tests import making
from tests.making import House, Org

CALLED = Words(comment="They moved away.")
DECLINE = {"details": Details(reason="other"), "words": CALLED}


class Network(msgspec.Struct):
    """A house with a clinic, three pantries and the coordinators."""

    house: House
    clinic: Org
    pantries: list[Org]
    cco: Org
    url: str

    def named(self, org_id: Any) -> str:
        names = {self.clinic.id: "clinic", self.cco.id: "cco"}
        names |= {org.id: "ABC"[place] for place, org in enumerate(self.pantries)}
        return names[org_id]


@pytest.fixture
async def network(fresh_database):
    async with making.house(fresh_database) as house:
        yield Network(
            house=house,
            clinic=await house.organization("Clinic"),
            pantries=[await house.organization(name, kind="social_service") for name in "ABC"],
            cco=await house.organization("CCO", kind="coordination", cco=True),
            url=fresh_database,
        )


async def holders(network: Network, referral_id) -> dict[tuple[str, int], set[str]]:
    async with network.house.check.transaction(Scope()) as connection:
        rows = await connection.fetch(
            "select class, epoch, array_agg(org_id) as orgs from seal"
            " where referral_id = $1 group by 1, 2",
            referral_id,
        )
    return {
        (row["class"], row["epoch"]): {network.named(org) for org in row["orgs"]} for row in rows
    }


async def active(network: Network, referral_id) -> list[tuple[str, int]]:
    async with network.house.check.transaction(Scope()) as connection:
        rows = await connection.fetch(
            "select class, epoch from epoch where referral_id = $1 and state = 'active'"
            " order by 1, 2",
            referral_id,
        )
    return [(row["class"], row["epoch"]) for row in rows]


async def opened(network: Network, org: Org, referral_id) -> list[Any]:
    """Open everything an organization's own keys open, in the order it was written."""
    async with network.house.office.db.transaction(Scope(org_id=org.id)) as connection:
        held = await key_store.held_seals(connection, referral_id, org_id=org.id)
        rows = await connection.fetch(
            "select id, kind, class, epoch, envelope from content where referral_id = $1"
            " order by created_at, id",
            referral_id,
        )
    seals = {(seal.row.sensitivity, seal.row.epoch): seal.row for seal in held}
    found = []
    for row in rows:
        seal = seals.get((row["class"], row["epoch"]))
        if seal is not None:
            made = await network.house.keys.open_content(
                seal, row["envelope"], message_id=row["id"]
            )
            found.append((row["kind"], msgspec.json.decode(made.plaintext)))
    return found


async def nobody_was_told_in_secret(network: Network) -> None:
    async with network.house.check.transaction(Scope()) as connection:
        untold = await connection.fetchval(
            "select count(*) from seal s join referral r on r.id = s.referral_id"
            " where s.org_id <> r.sender_org_id and not exists (select 1 from disclosure d"
            " where (d.context_id, d.class, d.epoch, d.to_org_id)"
            " = (s.context_id, s.class, s.epoch, s.org_id))"
        )
    assert untold == 0


async def test_a_draft_is_the_senders_alone_until_it_is_sent(network):
    house, (a, _, _) = network.house, network.pantries
    made = await house.referral(network.clinic, [a])
    assert await holders(network, made.referral_id) == {("general", 1): {"clinic"}}
    await house.step(network.clinic.actor, None, Step.SEND, referral_id=made.referral_id)
    assert await holders(network, made.referral_id) == {("general", 1): {"clinic", "A", "cco"}}
    assert [kind for kind, _ in await opened(network, a, made.referral_id)] == [
        "package",
        "identity",
    ]
    await nobody_was_told_in_secret(network)


async def test_who_declines_holds_the_past_and_is_told_nothing_more(network):
    house, (a, b, _) = network.house, network.pantries
    sent = await house.sent(network.clinic, [a, b], mode="all_needed")
    first, second = sent.plan.referral.legs
    await house.step(a.actor, first.id, Step.DECLINE, **DECLINE)
    assert await active(network, sent.referral_id) == []
    await house.step(b.actor, second.id, Step.ACCEPT, words=Words(owner_name="Sam Lee"))
    held = await holders(network, sent.referral_id)
    assert held == {
        ("general", 1): {"clinic", "A", "B", "cco"},
        ("general", 2): {"clinic", "B", "cco"},
    }
    words = [said for _, said in await opened(network, a, sent.referral_id)]
    assert {"comment": CALLED.comment} in words
    assert {"owner_name": "Sam Lee"} not in words
    await nobody_was_told_in_secret(network)


async def test_the_second_to_decline_still_says_why(network):
    house, (a, b, _) = network.house, network.pantries
    sent = await house.sent(network.clinic, [a, b], mode="all_needed")
    for org, leg in zip((a, b), sent.plan.referral.legs, strict=True):
        await house.step(org.actor, leg.id, Step.DECLINE, **DECLINE)
    assert (await holders(network, sent.referral_id))["general", 2] == {"clinic", "B", "cco"}
    await house.step(
        network.clinic.actor,
        None,
        Step.CLOSE_WITHOUT_SERVICE,
        referral_id=sent.referral_id,
        words=Words(comment="The family was told by phone."),
    )
    assert (await holders(network, sent.referral_id))["general", 3] == {"clinic", "cco"}
    await nobody_was_told_in_secret(network)


async def test_the_filled_do_not_learn_who_takes_it_on(network):
    house, (a, b, _) = network.house, network.pantries
    sent = await house.sent(network.clinic, [a, b])
    first = sent.plan.referral.legs[0]
    await house.step(a.actor, first.id, Step.ACCEPT, words=Words(owner_name="Sam Lee"))
    assert await active(network, sent.referral_id) == [("general", 2)]
    assert (await holders(network, sent.referral_id))["general", 2] == {"clinic", "A", "cco"}


async def test_who_comes_back_by_an_undo_reads_what_is_written_from_then_on(network):
    house, (a, b, _) = network.house, network.pantries
    sent = await house.sent(network.clinic, [a, b])
    first, second = sent.plan.referral.legs
    await house.step(a.actor, first.id, Step.ACCEPT, words=Words(owner_name="Sam Lee"))
    await house.step(a.actor, first.id, Step.UNDO)
    assert "B" not in (await holders(network, sent.referral_id))["general", 2]
    await house.step(b.actor, second.id, Step.ASK)
    held = await holders(network, sent.referral_id)
    assert held["general", 3] == {"clinic", "A", "B", "cco"}
    await house.step(network.clinic.actor, second.id, Step.SUPPLY)
    assert len(await holders(network, sent.referral_id)) == 3
    await nobody_was_told_in_secret(network)


async def test_a_newcomer_opens_the_package(network):
    house, (a, b, c) = network.house, network.pantries
    sent = await house.sent(network.clinic, [a])
    leg = sent.plan.referral.legs[0]
    await house.step(network.clinic.actor, leg.id, Step.REDIRECT, service_ids=(b.service_id,))
    held = await holders(network, sent.referral_id)
    assert held == {("general", 1): {"clinic", "A", "B", "cco"}}
    kinds = [kind for kind, _ in await opened(network, b, sent.referral_id)]
    assert kinds == ["package", "identity"]
    await house.step(b.actor, (await newest(network, sent)).id, Step.DECLINE)
    await house.step(
        network.cco.actor,
        None,
        Step.ADD_LEG,
        referral_id=sent.referral_id,
        service_ids=(c.service_id,),
    )
    kinds = [kind for kind, _ in await opened(network, c, sent.referral_id)]
    assert kinds[:2] == ["package", "identity"]
    await nobody_was_told_in_secret(network)


async def newest(network: Network, sent) -> Any:
    async with network.house.office.db.transaction(Scope(org_id=network.clinic.id)) as held:
        picture = await referrals.picture(held, referral_id=sent.referral_id)
    return picture.facts.legs[-1]


async def test_a_central_intake_lets_the_next_one_read(network):
    house, (a, _, _) = network.house, network.pantries
    intake = await house.organization("Intake", kind="social_service", central_intake=True)
    sent = await house.sent(network.clinic, [intake])
    leg = sent.plan.referral.legs[0]
    await house.step(intake.actor, leg.id, Step.REDIRECT, service_ids=(a.service_id,))
    assert await opened(network, a, sent.referral_id)


async def consented(network: Network, patient_id, *recipients: Org) -> Any:
    """Record a patient's written consent under 42 CFR Part 2 that names these recipients."""
    consent_id = ids.new_id()
    async with network.house.office.db.transaction(Scope(org_id=network.clinic.id)) as held:
        await held.execute(
            "insert into consent (org_id, id, patient_id, basis, classes, to_org_ids, purpose,"
            " signed_on, sealed, elements, created_at) values ($1, $2, $3, 'part2_consent',"
            " '{part2}', $4, 'treatment', '2026-01-02', '\\x01', $5, lk.now())",
            *(network.clinic.id, consent_id, patient_id),
            [org.id for org in recipients],
            sorted(ELEMENTS),
        )
    return consent_id


@pytest.fixture
async def protected(network):
    """A referral of the class part2 to A, with a consent that names A and B."""
    a, b, _ = network.pantries
    patient = await network.house.patient(network.clinic)
    return await network.house.sent(
        network.clinic,
        [a],
        patient_id=patient.id,
        sensitivity=SensitivityClass.PART2,
        consent_basis="part2_consent",
        consent_id=await consented(network, patient.id, a, b),
    )


async def test_a_consent_of_somebody_else_is_no_consent(network):
    a = network.pantries[0]
    other = await network.house.patient(network.clinic)
    wish: dict[str, Any] = {
        "consent_basis": "part2_consent",
        "sensitivity": SensitivityClass.PART2,
    }
    for consent_id in (await consented(network, other.id, a), ids.new_id()):
        with pytest.raises(faults.Invalid):
            await network.house.sent(network.clinic, [a], consent_id=consent_id, **wish)
    with pytest.raises(faults.Invalid):
        await network.house.referral(network.clinic, [a], consent_id=ids.new_id(), **wish)


async def test_coordinators_hold_no_key_of_a_sensitive_class(network, protected):
    held = await holders(network, protected.referral_id)
    assert held == {("part2", 1): {"clinic", "A"}}
    assert await opened(network, network.cco, protected.referral_id) == []


async def test_coordinators_speak_in_the_general_class(network, protected):
    (leg,) = protected.plan.referral.legs
    await network.house.step(
        network.cco.actor, leg.id, Step.LOG_ATTEMPT, words=Words(comment="Nobody answers.")
    )
    held = await holders(network, protected.referral_id)
    assert held["general", 1] == {"clinic", "A", "cco"}
    assert [said for _, said in await opened(network, network.cco, protected.referral_id)] == [
        {"comment": "Nobody answers."}
    ]
    await nobody_was_told_in_secret(network)


async def test_who_cannot_open_an_order_admits_nobody_to_it(network, protected):
    (leg,) = protected.plan.referral.legs
    with pytest.raises(faults.Refused):
        await network.house.step(
            network.cco.actor,
            leg.id,
            Step.REDIRECT,
            service_ids=(network.pantries[1].service_id,),
        )
    assert (await newest(network, protected)).state == "sent"


async def test_a_recall_closes_the_epoch_and_a_second_send_goes_to_the_same(network):
    house, (a, _, _) = network.house, network.pantries
    sent = await house.sent(network.clinic, [a])
    await house.step(network.clinic.actor, None, Step.RECALL, referral_id=sent.referral_id)
    assert await active(network, sent.referral_id) == []
    await house.step(network.clinic.actor, None, Step.SEND, referral_id=sent.referral_id)
    assert await holders(network, sent.referral_id) == {("general", 1): {"clinic", "A", "cco"}}
    leg = await newest(network, sent)
    await house.step(a.actor, leg.id, Step.ASK)
    assert len(await holders(network, sent.referral_id)) == 2
    await nobody_was_told_in_secret(network)
