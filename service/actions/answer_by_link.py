"""Answer a referral through a link: the same door as every other party, for one leg only."""

from service import faults
from service.actions import permission, read_card, take_step
from service.actions.link_visit import Visit
from service.actions.office import Office
from service.actions.take_step import Order, Taken, Wish
from service.domain import policy
from service.domain.people import Source
from service.store import rows


async def answer_by_link(
    office: Office,
    visit: Visit,
    wish: Wish,
    *,
    once: rows.OnceRow | None = None,
    request_id: str | None = None,
) -> Taken:
    """Take one step on the visit's leg.

    Raises Refused where the step needs to know who acts (step up first), and what `take_step`
    raises. `once` is the form's nonce: a form that is sent twice is one answer.
    """
    permission.require(visit.actor, policy.Action.LINK_ACT, resource=read_card.resource(visit))
    allowed = read_card.BY_LINK if visit.stepped_up else read_card.NEUTRAL
    if wish.step not in allowed:
        raise faults.Refused("Say who you are first; then this step is open.")
    order = Order(
        leg_id=visit.leg_id,
        wishes=(wish,),
        source=Source.LINK,
        once=once,
        request_id=request_id,
        worker_id=visit.worker_id,
    )
    return await take_step.take_step(office, visit.actor, order)
