"""Make a member's one-time link anew: the first was lost, or the password was."""

from uuid import UUID

from service import faults
from service.actions import invitations, permission
from service.actions.invitations import Invitation
from service.actions.office import Office
from service.domain import policy
from service.domain.effects import EffectKind
from service.domain.people import Actor, ActorKind
from service.store import audit, members, people, personal_mails
from service.store.rows import AuditRow


async def invite_again(
    office: Office, actor: Actor, *, org_id: UUID, member_id: UUID
) -> Invitation:
    """Make a link that sets a new password, and mail it to the person; earlier ones end.

    Whoever holds the link becomes that person everywhere, so it goes to the person's own address
    and is shown to nobody but the operator of the command line, who has it printed instead.
    Raises Missing, Refused, FreshSignInNeeded.
    """
    permission.of(actor, policy.Action.MEMBER_MANAGE, org_id=org_id)
    await permission.fresh(office, actor)
    async with office.db.transaction(permission.eyes(actor, org_id)) as connection:
        member = await members.fetch(connection, org_id, member_id=member_id)
    if member.state != "active":
        raise faults.Missing
    scope = permission.eyes(actor, org_id, person_id=member.person_id)
    async with office.db.transaction(scope) as connection:
        person = await people.fetch(connection, member.person_id)
        purpose = "member" if person.password_hash is None else "password"
        made = await invitations.write(
            office.keys, connection, person_id=person.id, purpose=purpose
        )
        if actor.kind is ActorKind.MEMBER:
            kind = EffectKind.PERSON_INVITE if purpose == "member" else EffectKind.PASSWORD_LINK
            await personal_mails.queue(
                connection, kind, org_id=org_id, member_id=member_id, invitation_id=made.id
            )
        note = AuditRow(
            org_id=org_id,
            action="member.invite",
            resource_kind="member",
            resource_id=member_id,
            detail={"purpose": purpose},
        )
        await audit.insert(connection, actor, note)
    return made
