"""Prove each night that no loop is forgotten, keep what was found, and cry out where one is."""

import logging

from service import logs
from service.domain import ids
from service.store import behaviour, nightly
from service.store.pool import Scope
from workers.desk import Desk


async def prove(desk: Desk) -> bool:
    """Make the proof of this night unless there is one; return whether one was made.

    The count sees where every referral stands, and no content. What services did lately is reckoned
    with it.
    """
    async with desk.db.transaction(Scope(numbering=True)) as connection:
        night = await nightly.due(connection)
        if night is None:
            return False
        counts = await nightly.count(connection)
        await behaviour.reckon(connection)
        incident_id = None if counts.holds else ids.new_id()
        made = await nightly.keep(connection, night, counts, incident_id=incident_id)
    if made and incident_id is not None:
        logs.say(
            "nightly proof failed: loops are not accounted for",
            level=logging.ERROR,
            worker="clockwork",
            name=str(incident_id),
            count=counts.unowned + counts.unwatched,
        )
    return made
