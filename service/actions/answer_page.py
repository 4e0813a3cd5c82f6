"""Read a patient's page, and take what is answered on it: a claim, as a digit by text is one."""

import msgspec

from service.actions import bear_witness, mint_link, permission
from service.actions.bear_witness import Witness
from service.actions.office import Office
from service.actions.page_visit import PageVisit
from service.domain import leg as legs
from service.domain import patient_page, pickup
from service.domain.heard import Answer
from service.domain.patient_page import PageFacts, Stage
from service.domain.patient_texts import Question
from service.domain.policy import Action
from service.store import audit, hearing, idempotency, patient_visits
from service.store.patient_visits import PageRow, SaidRow
from service.store.pool import Connection
from service.store.rows import AuditRow, OnceRow


class PatientPage(msgspec.Struct, frozen=True, kw_only=True):
    """One page: how the request stands, what is asked, and what was said before."""

    row: PageRow
    stage: Stage
    asks: tuple[Question, ...]
    said: tuple[SaidRow, ...]
    pickup: str
    """The words to say at an agency's counter, or none."""


async def read_page(office: Office, visit: PageVisit) -> PatientPage:
    """Read the page of a visit; the look is in the record before a word of it leaves."""
    permission.require(visit.actor, Action.PAGE_READ, resource=visit.resource)
    async with office.db.transaction(visit.scope) as connection:
        row = await _about(connection, visit)
        said = await patient_visits.said(connection, visit.referral_id, contact_id=visit.contact_id)
        await _record(connection, visit, "page.read")
    facts = PageFacts(
        referral_state=row.referral_state,
        leg_state=row.leg_state,
        appointment_at=row.appointment_at,
        now=row.now,
    )
    stage = patient_page.stage(facts)
    words = await _pickup(office, visit, row)
    asks = patient_page.asked(stage, open_question=row.question)
    return PatientPage(row=row, stage=stage, asks=asks, said=tuple(said), pickup=words)


async def _pickup(office: Office, visit: PageVisit, row: PageRow) -> str:
    offered = pickup.is_offered(
        channel=row.other_channel, evidence=row.evidence, sensitivity=visit.sensitivity
    )
    if row.leg_id is None or not offered:
        return ""
    return await mint_link.pickup_words(office.keys, row.leg_id)


async def answer_page(
    office: Office, visit: PageVisit, given: tuple[Question, Answer], *, once: OnceRow
) -> None:
    """Take one answer. The question that a text asked is answered with it; no leg moves."""
    permission.require(visit.actor, Action.PAGE_ANSWER, resource=visit.resource)
    question, answer = given
    async with office.db.transaction(visit.scope) as connection:
        await idempotency.spend(connection, once)
        row = await _about(connection, visit)
        if row.question_id is not None and row.question == question:
            await hearing.answered(connection, row.question_id, value=answer.value)
        witness = Witness(
            org_id=visit.org_id,
            referral_id=visit.referral_id,
            leg_id=row.leg_id,
            contact_id=visit.contact_id,
            source="page",
        )
        await bear_witness.claimed(connection, witness, answer)
        await _record(connection, visit, "page.answered", claim=answer.claim)


async def stop_texts(office: Office, visit: PageVisit, *, once: OnceRow) -> None:
    """Text this number no more, from anybody of the network, as STOP by text does."""
    permission.require(visit.actor, Action.PAGE_ANSWER, resource=visit.resource)
    async with office.db.transaction(visit.scope) as connection:
        await idempotency.spend(connection, once)
        await patient_visits.refuse(
            connection, number_id=visit.number_id, contact_id=visit.contact_id
        )
        await hearing.silence(connection, visit.number_id, state="stopped")
        await _record(connection, visit, "page.stopped")


async def _about(connection: Connection, visit: PageVisit) -> PageRow:
    live = [str(state) for state in legs.LIVE]
    return await patient_visits.about(connection, visit.link_id, live=live)


async def _record(connection: Connection, visit: PageVisit, action: str, **detail: str) -> None:
    line = AuditRow(
        org_id=visit.org_id,
        action=action,
        resource_kind="referral",
        resource_id=visit.referral_id,
        sensitivity=visit.sensitivity,
        detail=detail,
    )
    await audit.insert(connection, visit.actor, line)
