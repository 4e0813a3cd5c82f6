"""Whom a request is about, after step-up: opened with the agency's own seal, recorded first."""

from typing import Any
from uuid import UUID

import msgspec

from crypto import faults as crypto_faults
from crypto.keys import SealRow
from service import faults
from service.actions import agency_people, permission
from service.actions.link_visit import Visit
from service.actions.office import Office
from service.domain import policy
from service.domain.patient import Identity
from service.domain.people import SensitivityClass
from service.store import agency_workers, link_views, links, referrals
from service.store import keys as key_store
from service.store.link_views import AskedRow, BookedRow, ContentRow
from service.store.links import Line
from service.store.pool import Connection, Scope

_WITHDRAWN = "What the patient allowed has ended; call the sender and quote the reference."


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A question of the agency, and what the sender answered."""

    asked: str
    given: str


class Details(msgspec.Struct, frozen=True, kw_only=True):
    """Who it is about and what is told; for the screen of one person, never kept."""

    viewer: str
    identity: Identity
    question: str
    narrative: str
    answers: tuple[Answer, ...]
    booked: BookedRow | None

    def __repr__(self) -> str:
        return "<details>"


class _Found(msgspec.Struct, frozen=True):
    contents: list[ContentRow]
    seals: dict[tuple[str, int], SealRow]
    asked: list[AskedRow]
    booked: BookedRow | None
    worker: agency_workers.WorkerRow


async def read_details(office: Office, visit: Visit, *, request_id: str | None = None) -> Details:
    """Open identity and story for a visit that stepped up.

    The line of the record is committed before anything is opened. Raises Refused before step-up,
    Missing where nothing is sealed to this organization; never opens a protected class.
    """
    _allow(visit, SensitivityClass.GENERAL)
    found = await _find(office, visit, request_id=request_id)
    words = await _opened(office, visit, found)
    package: dict[str, Any] = _newest(found, words, "package")
    identity = msgspec.convert(_newest(found, words, "identity"), Identity, strict=False)
    person = await agency_people.known(office.keys, visit.org_id, row=found.worker)
    return Details(
        viewer=person.name,
        identity=identity,
        question=package.get("question", ""),
        narrative=package.get("narrative", ""),
        answers=_answers(found.asked, words),
        booked=found.booked,
    )


def _allow(visit: Visit, sensitivity: SensitivityClass) -> None:
    known = policy.Resource(
        org_id=visit.org_id,
        link_id=visit.link_id,
        sensitivity=sensitivity,
        classes=frozenset({sensitivity}),
    )
    permission.require(visit.actor, policy.Action.LINK_READ_IDENTITY, resource=known)


async def _find(office: Office, visit: Visit, *, request_id: str | None) -> _Found:
    if visit.worker_id is None:
        raise faults.Refused
    org_id = visit.org_id
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        worker = await agency_workers.one(connection, org_id, worker_id=visit.worker_id)
        contents = await link_views.contents(
            connection, visit.referral_id, leg_id=visit.leg_id, org_id=org_id
        )
        if worker is None or not contents:
            raise faults.Missing
        await still_allowed(connection, visit)
        for sensitivity in {row.sensitivity for row in contents}:
            _allow(visit, SensitivityClass(sensitivity))
            line = Line(
                action="link.read_identity",
                resource_kind="leg",
                resource_id=visit.leg_id,
                referral_id=visit.referral_id,
                sensitivity=sensitivity,
                worker_id=visit.worker_id,
                request_id=request_id,
            )
            await links.record(connection, visit.actor, line)
        held = await key_store.held_seals(connection, visit.referral_id, org_id=org_id)
        asked = await link_views.asked(connection, visit.leg_id)
        booked = await link_views.booked(connection, visit.leg_id)
    seals = {(each.row.sensitivity, each.row.epoch): each.row for each in held}
    return _Found(contents, seals, asked, booked, worker)


async def still_allowed(connection: Connection, visit: Visit) -> None:
    """Read again what the patient allowed; raises Refused where it was taken back or has ended."""
    picture = await referrals.picture(connection, referral_id=visit.referral_id)
    if picture.consent_id is None:
        return
    sender = picture.facts.sender_org_id
    row = await referrals.consent(connection, sender, consent_id=picture.consent_id)
    if row is None or row.revoked_at is not None:
        raise faults.Refused(_WITHDRAWN)
    if row.expires_at is not None and row.expires_at <= picture.now:
        raise faults.Refused(_WITHDRAWN)


async def _opened(office: Office, visit: Visit, found: _Found) -> dict[UUID, Any]:
    words: dict[UUID, Any] = {}
    for row in found.contents:
        if row.envelope is None:
            if row.kind in _OF_THE_ORDER and row.id == _last(found, row.kind):
                raise faults.NoLongerReadable
            continue
        own = found.seals[(row.sensitivity, row.epoch)]
        opened = await office.keys.open_content(own, row.envelope, message_id=row.id)
        if opened.header.sender_org != row.author_org_id:
            raise crypto_faults.CannotOpen
        words[row.id] = msgspec.json.decode(opened.plaintext)
    return words


_OF_THE_ORDER = ("package", "identity")


def _last(found: _Found, kind: str) -> UUID:
    return [row.id for row in found.contents if row.kind == kind][-1]


def _newest(found: _Found, words: dict[UUID, Any], kind: str) -> dict[str, Any]:
    rows = [row for row in found.contents if row.kind == kind]
    if not rows:
        raise faults.Missing
    newest: dict[str, Any] = words[rows[-1].id]
    return newest


def _answers(asked: list[AskedRow], words: dict[UUID, Any]) -> tuple[Answer, ...]:
    """Put each answer beside the question before it."""
    found: list[Answer] = []
    question = ""
    for row in asked:
        said = words.get(row.content_id, {})
        text = "\n".join([*said.get("items", []), *filter(None, [said.get("comment")])])
        if row.step == "ask":
            question = text
        else:
            found.append(Answer(asked=question, given=text))
    return tuple(found)
