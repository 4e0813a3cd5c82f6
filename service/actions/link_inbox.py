"""An agency's open requests on one page, answered together by the link of one of them.

The code of a link goes to a mailbox; whoever entered it holds that mailbox, and with it the links
of the other requests. Each answer goes by its own link, as its own step. Source: links.md 12.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

import msgspec

from crypto import primitives
from service import faults
from service.actions import link_visit, permission, replay, take_step
from service.actions.link_visit import Visit
from service.actions.office import Office
from service.actions.take_step import Order, Wish, Words
from service.domain import policy
from service.domain.details import Details
from service.domain.people import Source
from service.domain.rules import Step
from service.store import link_views, links, referrals
from service.store.link_views import InboxRow
from service.store.links import Line
from service.store.pool import Scope
from service.store.rows import OnceRow

AT_ONCE = 20
"""How many one page has; the next page has the others."""

ANSWERS: Mapping[str, Details] = {
    "accept": Details(),
    "no_capacity": Details(reason="no_capacity"),
    "out_of_area": Details(reason="out_of_area"),
    "wrong_service": Details(reason="wrong_service"),
}
"""What can be said of each in one word; more is said on its own card."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What an agency says of one request, on the version it was shown."""

    leg_id: UUID
    seen: int
    code: str
    once: OnceRow
    """Spent with the answer: a page that is sent twice gives each of its answers once."""


class Helper(msgspec.Struct, frozen=True, kw_only=True):
    """Who takes on what is accepted, and until when they are in touch."""

    name: str
    phone: str | None
    expected_by: date


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """What became of several answers."""

    taken: int
    refused: Mapping[UUID, faults.Fault]
    """By leg: why its answer was not taken."""
    gone: Sequence[str]
    """The references of those that wait for no answer any more."""


async def inbox(
    office: Office, visit: Visit, *, request_id: str | None = None
) -> Sequence[InboxRow]:
    """List what waits for the visit's agency; that each was read is committed before it is told."""
    resource = policy.Resource(org_id=visit.org_id, link_id=visit.link_id)
    permission.require(visit.actor, policy.Action.LINK_READ_CARD, resource=resource)
    async with office.db.transaction(Scope(org_id=visit.org_id)) as connection:
        rows = await link_views.inbox(
            connection, visit.org_id, link_id=visit.link_id, limit=AT_ONCE
        )
        for row in rows:
            line = Line(
                action="link.read_card",
                resource_kind="leg",
                resource_id=row.leg_id,
                referral_id=row.referral_id,
                request_id=request_id,
            )
            await links.record(connection, visit.actor, line)
    return rows


async def answer(
    office: Office,
    visit: Visit,
    answers: Sequence[Answer],
    *,
    helper: Helper | None,
    request_id: str | None = None,
) -> Heard:
    """Take each answer's step by its own link; an answer given before by the same page counts."""
    waiting = await _waiting(office, visit)
    refused: dict[UUID, faults.Fault] = {}
    for each in answers:
        try:
            row = waiting.get(each.leg_id)
            if row is None:
                raise faults.Stale
            await _one(office, visit, row, each, helper=helper, request_id=request_id)
        except (faults.Stale, faults.StepRefused, faults.Invalid, faults.Missing) as fault:
            refused[each.leg_id] = fault
        except referrals.KeyUsed:
            refused[each.leg_id] = faults.Stale()
        if each.leg_id in refused and await _given_before(office, each):
            del refused[each.leg_id]
    gone = await _gone(office, visit, list(refused)) if refused else []
    return Heard(taken=len(answers) - len(refused), refused=refused, gone=gone)


async def _gone(office: Office, visit: Visit, leg_ids: list[UUID]) -> list[str]:
    async with office.db.transaction(Scope(org_id=visit.org_id)) as connection:
        return await link_views.gone(
            connection, visit.org_id, link_id=visit.link_id, leg_ids=leg_ids
        )


async def _waiting(office: Office, visit: Visit) -> dict[UUID, InboxRow]:
    async with office.db.transaction(Scope(org_id=visit.org_id)) as connection:
        found = await link_views.inbox(
            connection, visit.org_id, link_id=visit.link_id, limit=AT_ONCE
        )
    return {row.leg_id: row for row in found}


async def _given_before(office: Office, said: Answer) -> bool:
    spent = await replay.spent(office, said.once)
    return spent is not None and primitives.same(spent.body_mac, said.once.body_mac)


async def _one(
    office: Office,
    visit: Visit,
    row: InboxRow,
    said: Answer,
    *,
    helper: Helper | None,
    request_id: str | None,
) -> None:
    actor = link_visit.actor_of(visit.org_id, row.link_id, session_id=visit.id)
    resource = policy.Resource(org_id=visit.org_id, link_id=row.link_id)
    permission.require(actor, policy.Action.LINK_ACT, resource=resource)
    wish = Wish(step=Step.DECLINE, details=ANSWERS[said.code])
    if said.code == "accept":
        assert helper is not None
        wish = Wish(
            step=Step.ACCEPT,
            details=Details(expected_by=helper.expected_by),
            words=Words(owner_name=helper.name, owner_phone=helper.phone),
        )
    order = Order(
        leg_id=row.leg_id,
        wishes=(wish,),
        seen=said.seen,
        source=Source.LINK,
        once=said.once,
        request_id=request_id,
        worker_id=visit.worker_id,
    )
    await take_step.take_step(office, actor, order)
