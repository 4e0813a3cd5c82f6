"""Say when routine mail comes to oneself: at once, once a day, or not at all.

Nobody can silence what is urgent, or what escalates.
"""

from uuid import UUID

from service import faults
from service.actions import permission
from service.actions.office import Office
from service.domain.mail_pace import RoutineMail
from service.domain.people import Actor
from service.domain.policy import Action
from service.store import audit, mail_wishes
from service.store.mail_wishes import MailWish
from service.store.pool import Scope
from service.store.rows import AuditRow


async def own(office: Office, actor: Actor) -> MailWish:
    """Return when routine mail comes to oneself."""
    org_id, member_id = _self(actor)
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        return await mail_wishes.fetch(connection, org_id, member_id)


async def wish(office: Office, actor: Actor, *, routine: RoutineMail | None) -> MailWish:
    """Let routine mail come otherwise from now on; None as the organization says."""
    org_id, member_id = _self(actor)
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        if await mail_wishes.wish(connection, org_id, member_id, routine):
            note = AuditRow(
                org_id=org_id,
                action="mail.wish",
                resource_kind="member",
                resource_id=member_id,
                detail={"routine": routine or "organization"},
            )
            await audit.insert(connection, actor, note)
        return await mail_wishes.fetch(connection, org_id, member_id)


def _self(actor: Actor) -> tuple[UUID, UUID]:
    permission.require(actor, Action.SESSION_OWN)
    if actor.org_id is None or actor.member_id is None:
        raise faults.Refused
    return actor.org_id, actor.member_id
