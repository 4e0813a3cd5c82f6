"""How far a broken glass reaches: a referral, its documents and files, the talk about it.

Only to read, only for whoever broke it, and only what their organization is party of: what two
others say to each other is no part of it, nor is anything a class keeps shut.
"""

from typing import Any
from uuid import UUID

import msgspec

from service import faults
from service.actions import break_glass
from service.domain.people import Actor
from service.store import break_glass as glasses
from service.store.break_glass import OpenGlass
from service.store.pool import Connection
from service.store.reading import Card


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """A referral as somebody sees it now, and the glass they see it through, if they do."""

    card: Card
    glass: OpenGlass | None = None

    @property
    def classes(self) -> frozenset[str]:
        """The classes that the glass opens."""
        return frozenset(self.glass.classes if self.glass is not None else ())


async def at(connection: Connection, actor: Actor, card: Card) -> Look:
    """Find the glass through which this caller may look at a referral."""
    glass = await break_glass.open_to(
        connection, actor, subject_org_id=card.sender_org_id, patient_id=card.patient_id
    )
    if glass is None:
        return Look(card=card)
    widened = msgspec.structs.replace(card, classes=(*card.classes, *glass.classes))
    return Look(card=widened, glass=glass)


async def at_talk(
    connection: Connection, actor: Actor, referral_id: UUID | None
) -> OpenGlass | None:
    """Find the glass through which this caller may read what is said about a referral."""
    if referral_id is None or actor.org_id is None:
        return None
    try:
        about = await glasses.about(connection, actor.org_id, referral_id=referral_id)
    except faults.Missing:
        return None
    return await break_glass.open_to(
        connection, actor, subject_org_id=about.sender_org_id, patient_id=about.patient_id
    )


def mark(glass: OpenGlass | None) -> dict[str, Any]:
    """Spell for the record that somebody looked through a broken glass."""
    return {} if glass is None else {"break_glass": str(glass.id)}
