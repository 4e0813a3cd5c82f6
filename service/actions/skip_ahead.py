"""Let a demonstration's days pass."""

from datetime import datetime, timedelta

from service import faults
from service.actions import permission
from service.actions.office import Office
from service.domain.people import Actor
from service.domain.policy import Action
from service.store import demo_clock


async def skip_ahead(office: Office, actor: Actor, *, by: timedelta) -> datetime:
    """Move the clock of referrals on; raises Missing outside a demonstration."""
    if not office.demo:
        raise faults.Missing
    permission.require(actor, Action.DEMO_SKIP)
    moved = await demo_clock.skip(office.db, by)
    if moved is None:
        raise faults.Refused("This database keeps real time; only a demonstration's clock moves.")
    return moved


async def clock_says(office: Office) -> datetime:
    """Return what the clock of referrals says, which a demonstration may have moved."""
    return await demo_clock.now(office.db)
