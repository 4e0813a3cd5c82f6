"""Fill an empty network with the demo: everything goes through the actions that people use.

The clock of referrals is moved back for each act and forth again at the end, so that history has
the times it tells; nothing of the past is mailed.
"""

from datetime import timedelta

from service import clock
from service.actions import found_network
from service.actions.office import Office
from service.demo import emergency, lines, settling, talking, telling
from service.demo.stories import STORIES
from service.domain.people import SensitivityClass
from service.store import demo
from service.store.pool import Pool

FRESH = timedelta(hours=4)
"""What happened in the last hours is mailed when the workers start."""


async def seed(office: Office, worker: Pool) -> bool:
    """Make the demo network and tell whether there was anything to do.

    Raises ClockFixed outside a demo. A seeding that was cut short leaves what it made; the clock
    is put right by the next start.
    """
    if await found_network.is_founded(office):
        if await demo.offset(worker) < timedelta():
            await demo.move_clock(worker, timedelta())
        return False
    await demo.move_clock(worker, timedelta())
    try:
        town = await settling.settle(office, worker)
        for number, story in enumerate(STORIES):
            referral_id = await telling.tell(office, worker, town, story=story, number=number)
            if story.sensitivity is SensitivityClass.PART2:
                await emergency.happen(office, worker, referral_id=referral_id)
        await talking.talk(office, worker, town)
        await demo.settle(worker, before=clock.real_now() - FRESH)
        await demo.move_clock(worker, timedelta())
        await lines.allow(office, town)
    finally:
        await demo.move_clock(worker, timedelta())
    return True
