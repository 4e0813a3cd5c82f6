"""Make a member's one-time link anew: the first was lost, or the password was."""

from uuid import UUID

from service import faults
from service.actions import invitations, permission
from service.actions.invitations import Invitation
from service.actions.office import Office
from service.domain import policy
from service.domain.people import Actor
from service.store import audit, members, people
from service.store.pool import Scope
from service.store.rows import AuditRow


class BelongsElsewhere(faults.Fault):
    """This person belongs to another organization too."""

    kind, slug = faults.Kind.CONFLICT, "belongs-elsewhere"
    advice = "Ask an administrator of the coordinating organization for the link."


async def invite_again(
    office: Office, actor: Actor, *, org_id: UUID, member_id: UUID
) -> Invitation:
    """Make a link that sets a new password; earlier ones end. Raises BelongsElsewhere, Missing.

    Whoever holds the link becomes that person everywhere, so an organization may make one for its
    own people only; the network's administration for all.
    """
    permission.of(actor, policy.Action.MEMBER_MANAGE, org_id=org_id)
    await permission.fresh(office, actor)
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        member = await members.fetch(connection, org_id, member_id=member_id)
        shared = await members.elsewhere(connection, member.person_id, org_id=org_id)
    if member.state != "active":
        raise faults.Missing
    if shared and not (actor.cco or actor.org_id is None):
        raise BelongsElsewhere
    scope = Scope(org_id=org_id, person_id=member.person_id)
    async with office.db.transaction(scope) as connection:
        person = await people.fetch(connection, member.person_id)
        purpose = "member" if person.password_hash is None else "password"
        made = await invitations.write(connection, person_id=person.id, purpose=purpose)
        note = AuditRow(
            org_id=org_id,
            action="member.invite",
            resource_kind="member",
            resource_id=member_id,
            detail={"purpose": purpose},
        )
        await audit.insert(connection, actor, note)
    return made
