"""The lists one person keeps at hand, and what lists are narrowed by and handed on to."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

import msgspec

from service import faults
from service.actions import permission
from service.actions.office import Office
from service.domain.people import Actor
from service.domain.policy import Action
from service.store import lists
from service.store.lists import ColleagueRow, Narrow, SavedRow
from service.store.pool import Scope

MOST = 20
"""How many one person keeps; more would be a list to search in."""


class Around(msgspec.Struct, frozen=True, kw_only=True):
    """What stands around a list: one's own saved ones, colleagues, and kinds of help."""

    saved: Sequence[SavedRow]
    colleagues: Sequence[ColleagueRow]
    categories: Sequence[str]


async def around(office: Office, actor: Actor) -> Around:
    """Read what stands around one's lists."""
    org_id, member_id = permission.own(actor, Action.REFERRAL_LIST)
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        return Around(
            saved=await lists.saved(connection, org_id, member_id=member_id),
            colleagues=await lists.colleagues(connection, org_id),
            categories=await lists.categories(connection),
        )


async def by_name(office: Office, actor: Actor) -> dict[str, UUID]:
    """Return colleagues by their names; of two with one name neither, for nobody knows which."""
    org_id, _ = permission.own(actor, Action.SESSION_OWN)
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        found = await lists.colleagues(connection, org_id)
    names = Counter(each.name for each in found)
    return {each.name: each.id for each in found if names[each.name] == 1}


async def save(office: Office, actor: Actor, *, view: str, mine: bool, narrow: Narrow) -> None:
    """Keep a list at hand; raises Invalid beyond MOST."""
    org_id, member_id = permission.own(actor, Action.REFERRAL_LIST)
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        if len(await lists.saved(connection, org_id, member_id=member_id)) >= MOST:
            advice = f"You keep {MOST} lists; remove one first."
            raise faults.Invalid(errors=[{"field": "view", "detail": advice}])
        await lists.save(
            connection, org_id, member_id=member_id, view=view, mine=mine, narrow=narrow
        )


async def forget(office: Office, actor: Actor, *, view_id: UUID) -> None:
    """Keep one no longer; raises Missing."""
    org_id, member_id = permission.own(actor, Action.REFERRAL_LIST)
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        if not await lists.forget(connection, org_id, member_id=member_id, view_id=view_id):
            raise faults.Missing
