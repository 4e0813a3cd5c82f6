"""How the record is made that a parameter of a path names; a new parameter adds a maker here."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

from service.actions import keep_consents, keep_contacts, seal_record
from service.actions.keep_consents import ConsentWords, NewConsent
from service.actions.keep_contacts import NewContact, Reach
from service.domain import ids
from service.domain.outcome import ConsentBasis
from service.domain.people import ContactRelation
from service.store import audit, caught
from service.store.pool import Scope
from service.store.rows import AuditRow
from templates import assets
from tests.web.matrix import conversations, file_record, marks, proofs, settings, stuck, systems
from tests.web.matrix.callers import OWNER, RECIPIENT
from tests.web.matrix.doors import Door
from tests.web.matrix.stage import Stage

Maker = Callable[[Stage], Awaitable[Any]]


async def _insert(stage: Stage, table: str, **columns: Any) -> Any:
    """Write a row of the clinic, with a new id, and return the id."""
    row_id = ids.new_id()
    org_id = columns.pop("org_id", stage.orgs[OWNER].id)
    given = {"org_id": org_id, "id": row_id, **columns}
    names = ", ".join(given)
    places = ", ".join(f"${number}" for number in range(1, len(given) + 1))
    await stage.owner.execute(
        f"insert into lk.{table} ({names}) values ({places})", *given.values()
    )
    return row_id


async def _organization(stage: Stage) -> Any:
    return stage.orgs[OWNER].id


async def _agency(stage: Stage) -> Any:
    return stage.orgs["harbor"].id


async def _site(stage: Stage) -> Any:
    return await _insert(stage, "site", name="Main Street", created_at=await _now(stage))


async def _now(stage: Stage) -> Any:
    return await stage.owner.fetchval("select lk.now()")


async def _service(stage: Stage) -> Any:
    return await stage.site.house.service(stage.orgs[OWNER].id)


async def _member(stage: Stage) -> Any:
    return (await stage.site.house.member(stage.orgs[OWNER].id)).member_id


async def _patient(stage: Stage) -> Any:
    return (await stage.site.house.patient(stage.orgs[OWNER], identity=marks.WHO)).id


async def _contact(stage: Stage) -> Any:
    wish = NewContact(relation=ContactRelation.PARENT, reach=Reach(name=marks.CONTACT))
    kept = await keep_contacts.add_contact(
        stage.site.house.office,
        stage.orgs[OWNER].actor,
        patient_id=stage.records["patient_id"],
        wish=wish,
    )
    return kept.id


async def _consent(stage: Stage) -> Any:
    return await keep_consents.record_consent(
        stage.site.house.office,
        stage.orgs[OWNER].actor,
        patient_id=stage.records["patient_id"],
        wish=NewConsent(
            basis=ConsentBasis.SIGNED_FORM,
            signed_on=date(2026, 1, 2),
            words=ConsentWords(witness=marks.WITNESS),
        ),
    )


async def _referral(stage: Stage) -> Any:
    return stage.taken.referral_id


async def _reference(stage: Stage) -> Any:
    found = "select reference from lk.referral where id = $1"
    return await stage.owner.fetchval(found, stage.taken.referral_id)


async def _draft(stage: Stage) -> Any:
    made = await stage.site.house.referral(stage.orgs[OWNER], [stage.orgs[RECIPIENT]])
    return made.referral_id


async def _order_id(stage: Stage) -> Any:
    """Give the referral the id that the clinic's own system has for it."""
    org_id, value = stage.orgs[OWNER].id, ids.new_id().hex
    (token,) = await stage.site.house.keys.indexes(org_id, "external_id", ("ehr", value))
    async with stage.site.house.office.db.transaction(Scope(org_id=org_id)) as connection:
        await connection.execute(
            "insert into external_id (org_id, kind, system, token, subject_id, sealed, created_at)"
            " values ($1, 'referral', 'ehr', $2, $3, '', lk.now())",
            org_id,
            token.digest,
            stage.taken.referral_id,
        )
    return value


async def _leg(stage: Stage) -> Any:
    return stage.legs[stage.orgs[RECIPIENT].id]


async def _document(stage: Stage) -> Any:
    """A document of the recipient's, whose words were never sealed: it says less to everybody."""
    document_id, now = ids.new_id(), await _now(stage)
    await stage.owner.execute(
        "insert into lk.document (id, referral_id, leg_id, content_id, type_code, class,"
        " written_on, received_at, entered_at, source, evidence, author_org_id)"
        " values ($1, $2, $3, $1, '11488-4', 'general', '2026-01-02', $4, $4, 'api', 'api', $5)",
        document_id,
        stage.taken.referral_id,
        await _leg(stage),
        now,
        stage.orgs[RECIPIENT].id,
    )
    return document_id


async def _task(stage: Stage) -> Any:
    return await _insert(
        stage, "human_task", kind="call", reason="call_back", opened_at=await _now(stage)
    )


async def _line(stage: Stage) -> Any:
    """A sealed line of an act of somebody of the clinic who does not call here."""
    house, member = stage.site.house, await stage.site.house.member(stage.orgs[OWNER].id)
    async with house.office.db.transaction(Scope(org_id=stage.orgs[OWNER].id)) as connection:
        row = AuditRow(org_id=stage.orgs[OWNER].id, action="thread.list", detail={})
        await audit.insert(connection, member, row)
    while await seal_record.seal_record(house.worker_office):
        pass
    found = "select id from lk.audit where actor_member_id = $1"
    return await stage.owner.fetchval(found, member.member_id)


async def _glass(stage: Stage) -> Any:
    """An emergency access of somebody of the clinic who does not call here."""
    member, now = await stage.site.house.member(stage.orgs[OWNER].id), await _now(stage)
    return await _insert(
        stage,
        "break_glass",
        subject_org_id=stage.orgs[OWNER].id,
        patient_id=stage.records["patient_id"],
        member_id=member.member_id,
        person_id=member.person_id,
        session_id=ids.new_id(),
        reason="other",
        medical_emergency=False,
        classes=["general"],
        sealed=b"",
        opened_at=now,
        until_at=now,
    )


async def _key(stage: Stage) -> Any:
    actor = stage.orgs[OWNER].actor
    return await _insert(
        stage,
        "api_key",
        member_id=actor.member_id,
        name="EHR",
        secret_hash=ids.new_id().bytes * 2,
        created_by_member_id=actor.member_id,
        created_at=await _now(stage),
    )


async def _parked(stage: Stage) -> Any:
    """What somebody who never calls here had typed."""
    parked_id, actor = ids.new_id(), stage.orgs[OWNER].actor
    await stage.owner.execute(
        "insert into lk.parked_form (id, person_id, org_id, kind, sealed, created_at, expires_at)"
        " values ($1, $2, $3, 'form', '', lk.now(), lk.now() + interval '1 hour')",
        parked_id,
        actor.person_id,
        actor.org_id,
    )
    return parked_id


async def _reset(stage: Stage) -> Any:
    """A reset that waits for its second person; neither of the two before calls here."""
    reset_id, org_id = ids.new_id(), stage.orgs[OWNER].id
    house = stage.site.house
    lost, starter = await house.member(org_id, name="Lost"), await house.member(org_id, name="Boss")
    await stage.owner.execute(
        "insert into lk.factor_reset (id, org_id, member_id, person_id, second,"
        " started_by_person_id, started_by_member_id, started_at, ripe_at, expires_at)"
        " values ($1, $2, $3, $4, 'colleague', $5, $6, lk.raw_now(), lk.raw_now(),"
        " lk.raw_now() + interval '1 day')",
        reset_id,
        org_id,
        lost.member_id,
        lost.person_id,
        starter.person_id,
        starter.member_id,
    )
    return reset_id


async def _worker(stage: Stage) -> Any:
    """A named person of the agency without a PIN of their own, so that a call confirms nobody."""
    return await stage.person(stage.orgs["harbor"])


async def _caught(stage: Stage) -> Any:
    folder = stage.site.app.state.desk.outbox
    return caught.keep(folder, b"Subject: one\r\nTo: a@example.org\r\n\r\nHello.\r\n")


async def _asset(stage: Stage) -> Any:
    return next(iter(assets.manifest().values())).rpartition("/")[2]


def _word(text: str) -> Maker:
    async def made(_stage: Stage) -> Any:
        return text

    return made


MAKERS: dict[str, Maker] = {
    "org_id": _organization,
    "agency_id": _agency,
    "site_id": _site,
    "service_id": _service,
    "member_id": _member,
    "patient_id": _patient,
    "contact_id": _contact,
    "consent_id": _consent,
    "referral_id": _referral,
    "reference": _reference,
    "draft_id": _draft,
    "order_id": _order_id,
    "leg_id": _leg,
    "document_id": _document,
    "attachment_id": file_record.attachment,
    "link_attachment": file_record.by_link,
    "task_id": _task,
    **conversations.MAKERS,
    "line_id": _line,
    "glass_id": _glass,
    "key_id": _key,
    "webhook_id": systems.webhook,
    **proofs.MAKERS,
    **settings.MAKERS,
    **stuck.MAKERS,
    "parked_id": _parked,
    "reset_id": _reset,
    "worker_id": _worker,
    "key": _caught,
    "name": _asset,
    "slug": _word("missing"),
    "secret": _word("a-secret-nobody-ever-minted"),
    "provider": _word("mailer"),
    "act": _word("accept"),
}
"""What makes each record, in an order in which later ones may use earlier ones."""


def missing_makers(every: tuple[Door, ...]) -> list[str]:
    """Say of each parameter that nobody makes a record for how to add one."""
    return [
        f"Nobody makes the record that `{name}` names in {door.method} {door.path}: write a maker"
        " in tests/web/matrix/records.py, add it to MAKERS, and say in ABOUT of doors.py what the"
        " record is to its callers."
        for door in every
        for name in door.parameters
        if name not in MAKERS
    ]


async def make_all(stage: Stage) -> None:
    """Make every record once."""
    for name, maker in MAKERS.items():
        stage.records[name] = await maker(stage)
