"""Clocks that hang on no referral: a consent that ends, an age of consent."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec

from service import clock
from service.actions import keep_consents
from service.actions.keep_consents import NewConsent
from service.domain.outcome import ConsentBasis
from service.domain.rules import Step
from tests import good
from workers import watches


async def standing(shop, *, days: int):
    """A referral that stands on a consent which ends so many days from now."""
    clinic = await shop.house.organization("Northside Clinic")
    bank = await shop.house.organization("Harbor", kind="social_service")
    patient = await shop.house.patient(clinic)
    consent_id = await keep_consents.record_consent(
        shop.house.office,
        clinic.actor,
        patient_id=patient.id,
        wish=NewConsent(
            basis=ConsentBasis.SIGNED_FORM,
            signed_on=date(2026, 1, 2),
            expires_at=clock.real_now() + timedelta(days=days),
        ),
    )
    taken = await shop.house.sent(
        clinic,
        [bank],
        patient_id=patient.id,
        consent_basis="signed_form",
        consent_id=consent_id,
    )
    return clinic, bank, patient, consent_id, taken


async def tasks(shop) -> list[tuple[str, bool]]:
    found = await shop.owner.fetch(
        "select kind, member_id is not null as owned from lk.human_task order by opened_at"
    )
    return [tuple(row) for row in found]


async def days_later(shop, days: int) -> None:
    await shop.owner.execute(
        "update lk.clock_offset set offset_by = offset_by + make_interval(days => $1)", days
    )


async def test_a_consent_that_ends_is_asked_about_once_thirty_days_ahead_and_once_after(
    shop,
) -> None:
    await standing(shop, days=40)
    await watches.tick(shop.desk)
    assert await tasks(shop) == []
    await days_later(shop, 11)
    for _ in range(3):
        await watches.tick(shop.desk)
        await days_later(shop, 1)
    assert await tasks(shop) == [("consent_expiring", True)]
    await shop.owner.execute("update lk.human_task set state = 'done'")
    await days_later(shop, 1)
    await watches.tick(shop.desk)
    assert len(await tasks(shop)) == 1
    await days_later(shop, 40)
    await watches.tick(shop.desk)
    assert await tasks(shop) == [("consent_expiring", True), ("consent_expired", True)]
    armed = "select from lk.timer where consent_id is not null and state = 'armed'"
    assert await shop.owner.fetch(armed) == []


async def test_nobody_is_asked_where_nobody_is_at_work_or_it_was_withdrawn(shop) -> None:
    clinic, bank, patient, consent_id, taken = await standing(shop, days=20)
    leg = taken.plan.referral.legs[0]
    await shop.house.step(bank.actor, leg.id, Step.DECLINE)
    await watches.tick(shop.desk)
    assert await tasks(shop) == []
    await keep_consents.withdraw_consent(
        shop.house.office, clinic.actor, patient_id=patient.id, consent_id=consent_id
    )
    await days_later(shop, 1)
    await watches.tick(shop.desk)
    states = await shop.owner.fetch("select state from lk.timer where consent_id is not null")
    assert [row["state"] for row in states] == ["disarmed"]
    assert {kind for kind, _ in await tasks(shop)} <= {"consent_withdrawn"}


async def test_coming_of_age_opens_work_and_no_date_of_birth_is_told(shop) -> None:
    clinic = await shop.house.organization("Northside Clinic")
    today = clock.real_now().date()
    born = today.replace(year=today.year - 14, day=1)
    identity = msgspec.structs.replace(good.MARIA, birth_date=born)
    await shop.house.patient(clinic, identity=identity)
    await watches.tick(shop.desk)
    assert await tasks(shop) == []
    await days_later(shop, 32)
    await watches.tick(shop.desk)
    found = await shop.owner.fetch("select kind, reason, patient_id from lk.human_task")
    assert [(row["kind"], row["reason"]) for row in found] == [("consent_age", "age_14")]
