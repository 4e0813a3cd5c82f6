"""What somebody is typing, kept as they type: theirs alone, sealed, for a week.

A form has a place: the path it is sent to, and the step where several are sent to one path. There
is one draft for each place, and it goes with the form once that is sent.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from service import clock, faults
from service.actions import parking, prove
from service.actions.office import Office
from service.actions.parking import Owner, Parked
from service.domain.people import Actor
from service.store import audit, lists, parked_forms
from service.store.pool import Scope

LIFETIME = timedelta(days=7)
MOST = 20
"""Of one person."""


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    """That something was begun, where and when it was typed last; never what."""

    id: UUID
    at: datetime


def place_of(path: str, fields: Mapping[str, str]) -> str:
    """Name the place of a form."""
    behalf = "/on_behalf" if fields.get("on_behalf") == "yes" else ""
    step = fields.get("act", "")
    return f"{path}:{step}{behalf}" if step else path


async def keep(
    office: Office,
    actor: Actor,
    *,
    path: str,
    fields: Mapping[str, str],
    about: UUID | None = None,
) -> bool:
    """Keep a form as it stands now; False for one that is too large to keep.

    The record says once that somebody began to type, not how often they went on. `about`: the
    referral it is written on, where colleagues are told for two minutes that somebody does.
    """
    owner = _owner(actor)
    row = await parking.sealed(
        office, owner, path=path, fields=fields, kind="draft", lasts=LIFETIME
    )
    if row is None:
        return False
    async with office.db.transaction(Scope(person_id=owner.person_id)) as connection:
        begun = await parked_forms.keep_draft(
            connection, row, place=place_of(path, fields), most=MOST
        )
        if begun:
            await audit.insert(connection, actor, parking.note(row, "form.keep"))
    if about is not None:
        async with office.db.transaction(Scope(org_id=owner.org_id)) as connection:
            await lists.write_here(
                connection, owner.org_id, referral_id=about, member_id=owner.member_id
            )
    return True


async def writing(office: Office, actor: Actor, referral_id: UUID) -> list[str]:
    """Name the colleagues who are writing on a referral now."""
    owner = _owner(actor)
    async with office.db.transaction(Scope(org_id=owner.org_id)) as connection:
        return await lists.writing(
            connection, owner.org_id, referral_id=referral_id, member_id=owner.member_id
        )


async def begun(office: Office, actor: Actor, places: Sequence[str]) -> list[Begun]:
    """List what one began at these places, the newest first."""
    owner = _owner(actor)
    async with office.db.transaction(Scope(person_id=owner.person_id)) as connection:
        rows = await parked_forms.drafts(
            connection, owner.person_id, org_id=owner.org_id, places=places, now=clock.real_now()
        )
    return [Begun(id=row.id, at=row.created_at) for row in rows]


async def read(office: Office, actor: Actor, place: str) -> Parked | None:
    """Return what one is typing at a place, or None; that it was read is on record first."""
    owner = _owner(actor)
    async with office.db.transaction(Scope(person_id=owner.person_id)) as connection:
        rows = await parked_forms.drafts(
            connection, owner.person_id, org_id=owner.org_id, places=[place], now=clock.real_now()
        )
        for row in rows:
            await audit.insert(connection, actor, parking.note(row, "form.read"))
    return await parking.opened(office, rows[0]) if rows else None


async def drop(office: Office, actor: Actor, place: str) -> None:
    """Throw away what was typed at a place; nothing where nothing was."""
    owner = _owner(actor)
    async with office.db.transaction(Scope(person_id=owner.person_id)) as connection:
        await parked_forms.drop_draft(connection, owner.person_id, org_id=owner.org_id, place=place)


def _owner(actor: Actor) -> Owner:
    person_id = prove.person_of(actor)
    if actor.org_id is None or actor.member_id is None:
        raise faults.Refused
    return Owner(person_id=person_id, org_id=actor.org_id, member_id=actor.member_id)
