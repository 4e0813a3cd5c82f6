"""What the door asks beside the rules: whose leg, whose link, who was phoned, what is named."""

from datetime import timedelta

import msgspec
import pytest

from service import faults
from service.actions.orders import OnBehalf
from service.domain import ids
from service.domain.details import Details
from service.domain.people import Actor, ActorKind, Priority, Source
from service.domain.rules import Step
from service.store.pool import Scope
from tests import good, making
from tests.domain.stories import MONDAY


@pytest.fixture
async def town(fresh_database):
    async with making.house(fresh_database) as house:
        clinic = await house.organization("Clinic")
        pantries = [await house.organization(name, kind="social_service") for name in "AB"]
        yield house, clinic, pantries


async def test_another_recipients_leg_is_not_there(town):
    house, clinic, (a, b) = town
    sent = await house.sent(clinic, [a, b])
    theirs = sent.plan.referral.legs[1]
    with pytest.raises(faults.Missing):
        await house.step(a.actor, theirs.id, Step.ACCEPT)


async def test_a_leg_of_another_referral_is_not_there(town):
    house, clinic, (a, _) = town
    one, two = [await house.sent(clinic, [a]) for _ in range(2)]
    with pytest.raises(faults.Missing):
        await house.step(
            a.actor, two.plan.referral.legs[0].id, Step.ACCEPT, referral_id=one.referral_id
        )


async def test_a_link_moves_no_leg_but_its_own(town):
    house, clinic, (a, _) = town
    sent = await house.sent(clinic, [a])
    stranger = Actor(kind=ActorKind.LINK, org_id=a.id, link_id=ids.new_id())
    with pytest.raises(faults.Missing):
        await house.step(stranger, sent.plan.referral.legs[0].id, Step.RECEIVE)


async def test_emergent_to_somebody_who_may_not_look_asks_for_a_call_every_time(town):
    house, clinic, (a, _) = town
    far = await house.organization("Far", kind="social_service", channel="link")
    urgent = {"priority": Priority.EMERGENT}
    with pytest.raises(faults.Invalid):
        await house.sent(clinic, [far], **urgent)
    draft = await house.referral(clinic, [far], **urgent)
    with pytest.raises(faults.Invalid):
        await house.step(clinic.actor, None, Step.SEND, referral_id=draft.referral_id)
    sent = await house.sent(clinic, [a], **urgent)
    leg = sent.plan.referral.legs[0]
    to_far = {"service_ids": (far.service_id,)}
    with pytest.raises(faults.Invalid):
        await house.step(clinic.actor, leg.id, Step.REDIRECT, **to_far)
    called = Details(phone_handoff_at=MONDAY)
    await house.step(clinic.actor, leg.id, Step.REDIRECT, details=called, **to_far)


@pytest.mark.parametrize(
    ("step", "wrong", "field"),
    [
        (Step.ACCEPT, {"owner_member_id": ids.new_id()}, "owner_member_id"),
        (Step.SCHEDULE, {"site_id": ids.new_id()}, "site_id"),
    ],
)
async def test_a_name_of_nothing_is_the_callers_mistake(town, step, wrong, field):
    house, clinic, (a, _) = town
    sent = await house.sent(clinic, [a])
    leg = sent.plan.referral.legs[0]
    if step is Step.SCHEDULE:
        await house.step(a.actor, leg.id, Step.ACCEPT)
    details = msgspec.structs.replace(good.DETAILS[step], **wrong)
    with pytest.raises(faults.Invalid) as refusal:
        await house.step(a.actor, leg.id, step, details=details)
    assert refusal.value.extra["errors"][0]["field"] == field


async def test_a_booking_is_made_again_and_the_first_is_kept_as_rebooked(
    town, fresh_database, connect
):
    house, clinic, (a, _) = town
    sent = await house.sent(clinic, [a])
    leg = sent.plan.referral.legs[0]
    for step in (Step.ACCEPT, Step.SCHEDULE):
        await house.step(a.actor, leg.id, step)
    first = good.DETAILS[Step.SCHEDULE]
    later = msgspec.structs.replace(first, starts_at=first.starts_at + timedelta(days=1))
    await house.step(a.actor, leg.id, Step.SCHEDULE, details=later)
    owner = await connect(fresh_database)
    rows = await owner.fetch("select state from lk.appointment order by created_at, id")
    assert [row["state"] for row in rows] == ["rebooked", "booked"]
    armed = await owner.fetch("select clock from lk.timer where state = 'armed'")
    assert [row["clock"] for row in armed] == ["attend"]


async def test_work_that_others_have_on_a_leg_is_moot_once_its_recipient_answered(
    town, fresh_database, connect
):
    house, clinic, (a, _) = town
    sent = await house.sent(clinic, [a])
    leg = sent.plan.referral.legs[0]
    owner = await connect(fresh_database)
    await owner.execute(
        "insert into lk.human_task (id, kind, org_id, referral_id, leg_id, reason, opened_at)"
        " values ($1, 'overdue_answer', $2, $3, $4, 'no_answer', lk.now())",
        ids.new_id(),
        clinic.id,
        sent.referral_id,
        leg.id,
    )
    await house.step(a.actor, leg.id, Step.ACCEPT)
    assert await owner.fetchval("select state from lk.human_task") == "moot"


@pytest.mark.parametrize(
    ("who", "step", "days", "refusal"),
    [
        ("sender", Step.LOG_ATTEMPT, 0, faults.StepRefused),
        ("recipient", Step.RECEIVE, 0, faults.Invalid),
        ("sender", Step.RECEIVE, 4000, faults.Invalid),
    ],
)
async def test_on_behalf_is_for_anothers_answer_that_was_given(town, *, who, step, days, refusal):
    house, clinic, (a, _) = town
    sent = await house.sent(clinic, [a])
    at = MONDAY + timedelta(days=days)
    heard = OnBehalf(source=Source.PHONE, spoke_to="Sam Lee", happened_at=at)
    with pytest.raises(refusal):
        await house.step(
            clinic.actor if who == "sender" else a.actor,
            sent.plan.referral.legs[0].id,
            step,
            details=Details(attempt_result="no_answer"),
            on_behalf=heard,
        )


async def test_who_has_left_owns_no_leg(town):
    house, clinic, (a, _) = town
    sent = await house.sent(clinic, [a])
    gone = (await house.member(a.id)).member_id
    details = Details(owner_member_id=gone, expected_by=MONDAY.date())
    async with house.office.db.transaction(Scope(org_id=a.id)) as connection:
        await connection.execute("update member set state = 'inactive' where id = $1", gone)
    with pytest.raises(faults.Invalid):
        await house.step(a.actor, sent.plan.referral.legs[0].id, Step.ACCEPT, details=details)
