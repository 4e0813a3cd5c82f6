"""An agency's own note on a request: for its own people, sealed, and seen by nobody else."""

from crypto.faults import CannotOpen
from crypto.sealed import Place
from service import faults
from service.actions import permission, read_card
from service.actions.link_visit import Visit
from service.actions.office import Office
from service.domain import ids, policy
from service.store import link_views, links
from service.store.links import Line
from service.store.pool import Scope

LONGEST = 2_000
"""Letters; a note is a reminder, and no record of care."""


async def read(office: Office, visit: Visit) -> str:
    """Return the note on a visit's leg; nothing where there is none, or nobody can open it."""
    _allow(visit)
    async with office.db.transaction(Scope(org_id=visit.org_id)) as connection:
        row = await link_views.note(connection, visit.org_id, leg_id=visit.leg_id)
    if row is None:
        return ""
    place = Place(table="agency_note", column="sealed", row_id=row.id, org_id=visit.org_id)
    try:
        plain = await office.keys.open_field(visit.org_id, row.sealed, place=place)
    except CannotOpen:
        return ""
    return plain.decode()


async def keep(office: Office, visit: Visit, text: str, *, request_id: str | None = None) -> None:
    """Keep a note, or throw it away where it is empty; raises Invalid for one that is too long."""
    _allow(visit)
    if len(text) > LONGEST:
        detail = f"Use at most {LONGEST} letters."
        raise faults.Invalid(errors=[{"field": "own_note", "detail": detail}])
    async with office.db.transaction(Scope(org_id=visit.org_id)) as connection:
        before = await link_views.note(connection, visit.org_id, leg_id=visit.leg_id)
        if text:
            note_id = before.id if before is not None else ids.new_id()
            place = Place(table="agency_note", column="sealed", row_id=note_id, org_id=visit.org_id)
            sealed = await office.keys.seal_field(visit.org_id, text.encode(), place=place)
            await link_views.keep_note(
                connection, visit.org_id, leg_id=visit.leg_id, note_id=note_id, sealed=sealed
            )
        else:
            await link_views.drop_note(connection, visit.org_id, leg_id=visit.leg_id)
        line = Line(
            action="link.note",
            resource_kind="leg",
            resource_id=visit.leg_id,
            referral_id=visit.referral_id,
            request_id=request_id,
        )
        await links.record(connection, visit.actor, line)


def _allow(visit: Visit) -> None:
    resource = read_card.resource(visit)
    permission.require(visit.actor, policy.Action.LINK_READ_CARD, resource=resource)
