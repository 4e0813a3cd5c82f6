"""A conversation that stands on a consent, and the consent taken back."""

from datetime import date

from service.actions import keep_consents
from service.actions.keep_consents import NewConsent
from service.domain.outcome import ConsentBasis
from service.store import invariants
from service.store.pool import Scope
from tests.web.pair import Pair
from tests.web.test_threads_api import begun, opened, said


async def test_who_was_let_in_on_a_consent_hears_nothing_after_it(pair: Pair) -> None:
    house, sender = pair.site.house, pair.sender
    form = NewConsent(basis=ConsentBasis.SIGNED_FORM, signed_on=date(2026, 1, 2))
    consent_id = await keep_consents.record_consent(
        house.office, sender.actor, patient_id=pair.patient_id, wish=form
    )
    thread = await begun(
        pair,
        patient_id=str(pair.patient_id),
        consent_basis="signed_form",
        consent_id=str(consent_id),
    )
    assert (await opened(pair.other, thread)).status_code == 200
    await keep_consents.withdraw_consent(
        house.office, sender.actor, patient_id=pair.patient_id, consent_id=consent_id
    )
    async with house.check.transaction(Scope()) as connection:
        states = await connection.fetch(
            "select epoch, state from epoch where thread_id = $1", thread["thread_id"]
        )
    assert [(row["epoch"], row["state"]) for row in states] == [(1, "closed")]
    assert (await said(pair.one, thread, "Only for ourselves.")).status_code == 201
    assert (await opened(pair.other, thread)).status_code == 404
    async with house.check.transaction(Scope()) as connection:
        holders = await connection.fetch(
            "select org_id from seal where thread_id = $1 and epoch = 2", thread["thread_id"]
        )
        always = [each for each in invariants.INVARIANTS if not each.running]
        found = await invariants.check(connection, always)
    assert [row["org_id"] for row in holders] == [sender.id]
    assert {each.invariant.id: each.breaches for each in found if not each.holds} == {}
