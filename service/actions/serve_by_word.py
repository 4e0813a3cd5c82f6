"""A volunteer at an agency's counter says that somebody was served, knowing three words alone.

The words are in the patient's text (`domain.pickup`); whoever says them is there. They take the
place of the step-up: the outcome is told, and whom it was about is not. Source: links.md 8, 10.
"""

from uuid import UUID

from crypto import primitives
from service import faults
from service.actions import link_visit, mint_link, permission, take_step
from service.actions.link_visit import Visit
from service.actions.office import Office
from service.actions.take_step import Order, Wish
from service.domain import leg, outcome, pickup, policy
from service.domain.details import Details
from service.domain.people import Source
from service.domain.rules import Step
from service.store import link_views
from service.store.link_views import TakenOnRow
from service.store.pool import Scope
from service.store.rows import OnceRow

MOST = 500
"""How many open requests of one mailbox are compared: the latest ones."""


async def serve_by_word(
    office: Office,
    visit: Visit,
    words: str,
    *,
    once: OnceRow | None = None,
    request_id: str | None = None,
) -> None:
    """Tell that the one whose words these are was served; whether it met the need stays unknown.

    Raises Missing for words that nobody was given here, or two were; and what `take_step` raises.
    """
    resource = policy.Resource(org_id=visit.org_id, link_id=visit.link_id)
    permission.require(visit.actor, policy.Action.LINK_ACT, resource=resource)
    async with office.db.transaction(Scope(org_id=visit.org_id)) as connection:
        rows = await link_views.taken_on(
            connection,
            visit.org_id,
            link_id=visit.link_id,
            states=[str(state) for state in leg.COMPLETABLE],
            limit=MOST,
        )
    row = await _found(office, rows, pickup.heard(words))
    actor = link_visit.actor_of(visit.org_id, row.link_id, session_id=visit.id)
    permission.require(
        actor,
        policy.Action.LINK_ACT,
        resource=policy.Resource(org_id=visit.org_id, link_id=row.link_id),
    )
    await take_step.take_step(office, actor, _order(row.leg_id, once, request_id))


async def _found(office: Office, rows: list[TakenOnRow], words: str) -> TakenOnRow:
    """Find whose words these are; every row is compared, and two of the same are nobody's."""
    found = [
        row
        for row in rows
        if primitives.same(
            (await mint_link.pickup_words(office.keys, row.leg_id)).encode(), words.encode()
        )
    ]
    if len(found) != 1:
        raise faults.Missing
    return found[0]


def _order(leg_id: UUID, once: OnceRow | None, request_id: str | None) -> Order:
    details = Details(outcome=outcome.Outcome.SERVED, need_met=outcome.NeedMet.UNKNOWN)
    return Order(
        leg_id=leg_id,
        wishes=(Wish(step=Step.COMPLETE, details=details),),
        source=Source.LINK,
        once=once,
        request_id=request_id,
    )
