"""Number events: give each a place in the feed of every organization that had part in it.

It works behind the steps: they commit theirs and wait for nobody, so a number is given only to what
everybody can see, and nothing ever appears below a number that was read.
"""

from service.actions import bear_witness
from service.actions.office import Office
from service.domain import feed
from service.store import feeds, webhooks
from service.store.pool import Scope

BATCH = 1000
"""Events numbered in one transaction; a crash costs at most their work, done again."""


async def number_events(office: Office, *, limit: int = BATCH) -> int:
    """Give one batch its numbers; return how many events it had, none where another is at work."""
    async with office.db.transaction(Scope(numbering=True)) as connection:
        if not await feeds.alone(connection):
            return 0
        # Before looking: what commits in between is seen now, and looked at once more.
        horizon = await feeds.horizon(connection)
        found = await feeds.fresh(connection, limit=limit)
        if found:
            events = feed.told_in_order(found)
            await feeds.add(connection, events)
            # In the same transaction: what has a number is owed to whoever asked, exactly once.
            await webhooks.queue(connection, events)
            await bear_witness.weigh(office, connection, [each.id for each in found if each.due])
        due = [each for each in found if each.due]
        await feeds.move(connection, last=due[-1] if len(due) == limit else None, horizon=horizon)
    return len(due)
