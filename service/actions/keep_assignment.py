"""Say who of the coordinators takes over what: by area, language or partner."""

from collections.abc import Sequence
from uuid import UUID

from service import faults
from service.actions.office import Office
from service.actions.permission import OPERATOR
from service.store import assignment, audit, organizations
from service.store.assignment import RuleLine
from service.store.pool import Scope
from service.store.rows import AuditRow


async def _coordinators(office: Office) -> UUID:
    async with office.db.transaction(Scope()) as connection:
        found = await assignment.coordinators(connection)
    if found is None:
        raise faults.Missing
    return found


async def zone(office: Office) -> str:
    """Return the coordinators' time zone; raises Missing where nobody coordinates."""
    org_id = await _coordinators(office)
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        return (await organizations.fetch(connection, org_id)).time_zone


async def listed(office: Office) -> list[RuleLine]:
    """List who was named for what; raises Missing where nobody coordinates."""
    org_id = await _coordinators(office)
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        return await assignment.listed(connection, org_id)


async def add(
    office: Office,
    *,
    member_id: UUID,
    areas: Sequence[str],
    languages: Sequence[str],
    partners: Sequence[UUID],
) -> UUID:
    """Name a member of the coordinating organization; raises Missing for anybody else."""
    org_id = await _coordinators(office)
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        rule_id = await assignment.add(
            connection,
            org_id,
            member_id=member_id,
            areas=areas,
            languages=languages,
            partners=partners,
        )
        if rule_id is None:
            raise faults.Missing
        row = _row(org_id, rule_id, "add")
        await audit.insert(connection, OPERATOR, row)
    return rule_id


async def finish(office: Office, rule_id: UUID) -> None:
    """End a rule; what was promised to somebody before stays promised. Raises Missing."""
    org_id = await _coordinators(office)
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        if not await assignment.finish(connection, org_id, rule_id=rule_id):
            raise faults.Missing
        await audit.insert(connection, OPERATOR, _row(org_id, rule_id, "end"))


def _row(org_id: UUID, rule_id: UUID, what: str) -> AuditRow:
    return AuditRow(
        org_id=org_id,
        action=f"assignment.{what}",
        resource_kind="assignment_rule",
        resource_id=rule_id,
    )
