"""Say who answers for a loop from now on: always one named, active member."""

from uuid import UUID

from service import faults
from service.actions import open_now, permission
from service.actions.office import Office
from service.domain.people import Actor
from service.domain.policy import Action
from service.store import audit, reading, referrals
from service.store.pool import Connection, Scope
from service.store.rows import AuditRow


async def assign_owner(
    office: Office,
    actor: Actor,
    referral_id: UUID,
    *,
    member_id: UUID,
    seen: int,
    request_id: str | None = None,
) -> int:
    """Hand a loop to a member of one's own organization and return the new version.

    Only the sender's people and the network's coordinators own loops. Raises Missing, Refused,
    Stale with `version`, Invalid.
    """
    async with office.db.transaction(Scope(org_id=actor.org_id)) as connection:
        picture = await referrals.picture(connection, referral_id=referral_id)
        resource = open_now.resource_of(actor, picture)
        permission.require(actor, Action.REFERRAL_STEP, resource=resource)
        if picture.facts.version != seen:
            raise faults.Stale(version=picture.facts.version)
        org_id = await _works_there(connection, actor, member_id=member_id)
        version = await reading.set_owner(
            connection, referral_id, org_id=org_id, member_id=member_id, seen=seen
        )
        row = AuditRow(
            org_id=actor.org_id,
            action="referral.owner",
            resource_kind="referral",
            resource_id=referral_id,
            sensitivity=picture.facts.sensitivity,
            detail={"from": str(picture.facts.owner_member_id), "to": str(member_id)},
        )
        await audit.insert(connection, actor, row, request_id=request_id)
    if version is None:
        raise faults.Stale
    return version


async def _works_there(connection: Connection, actor: Actor, *, member_id: UUID) -> UUID:
    org_id = actor.org_id
    if org_id is None or not await reading.is_active_member(
        connection, org_id, member_id=member_id
    ):
        advice = "Name an active member of your organization."
        raise faults.Invalid(errors=[{"field": "member_id", "detail": advice}])
    return org_id
