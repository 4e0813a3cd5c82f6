"""Say who of the coordinators takes over what: by area, language or partner."""

from uuid import UUID

import msgspec

from service import faults
from service.actions import permission
from service.actions.office import Office
from service.actions.permission import OPERATOR
from service.domain import texts
from service.domain.people import Actor
from service.domain.policy import Action, Resource
from service.store import assignment, audit, organizations
from service.store.assignment import NamedRow, RuleLine
from service.store.pool import Scope
from service.store.rows import AuditRow


class NewRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For what somebody is named: of each list one match is enough; an empty one means any."""

    member_id: UUID
    areas: texts.Names = ()
    languages: tuple[texts.Language, ...] = ()
    partners: tuple[UUID, ...] = ()


class Choices(msgspec.Struct, frozen=True, kw_only=True):
    """Who can be named, and for which partners."""

    members: list[NamedRow]
    partners: list[NamedRow]


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


async def listed(office: Office, *, actor: Actor = OPERATOR) -> list[RuleLine]:
    """List who was named for what; raises Refused, Missing where nobody coordinates."""
    _require(actor)
    org_id = await _coordinators(office)
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        return await assignment.listed(connection, org_id)


async def choices(office: Office, *, actor: Actor) -> Choices:
    """List who can be named, and for which partners."""
    _require(actor)
    org_id = await _coordinators(office)
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        return Choices(
            members=await assignment.members(connection, org_id),
            partners=await assignment.partners(connection, org_id),
        )


async def add(office: Office, wish: NewRule, *, actor: Actor = OPERATOR) -> UUID:
    """Name a member of the coordinating organization; raises Invalid for anybody else, Refused."""
    _require(actor)
    org_id = await _coordinators(office)
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        known = {each.id for each in await assignment.partners(connection, org_id)}
        if not set(wish.partners) <= known:
            raise _wrong("partner", "Name organizations of the network.")
        rule_id = await assignment.add(
            connection,
            org_id,
            member_id=wish.member_id,
            areas=wish.areas,
            languages=wish.languages,
            partners=wish.partners,
        )
        if rule_id is None:
            raise _wrong("member", "Name one of the coordinators' people.")
        await audit.insert(connection, actor, _row(org_id, rule_id, "add"))
    return rule_id


async def finish(office: Office, rule_id: UUID, *, actor: Actor = OPERATOR) -> None:
    """End a rule; what was promised to somebody before stays promised. Raises Missing, Refused."""
    _require(actor)
    org_id = await _coordinators(office)
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        if not await assignment.finish(connection, org_id, rule_id=rule_id):
            raise faults.Missing
        await audit.insert(connection, actor, _row(org_id, rule_id, "end"))


def _require(actor: Actor) -> None:
    permission.require(actor, Action.ASSIGNMENT_KEEP, resource=Resource(org_id=actor.org_id))


def _wrong(field: str, detail: str) -> faults.Invalid:
    return faults.Invalid(errors=[{"field": field, "detail": detail}])


def _row(org_id: UUID, rule_id: UUID, what: str) -> AuditRow:
    return AuditRow(
        org_id=org_id,
        action=f"assignment.{what}",
        resource_kind="assignment_rule",
        resource_id=rule_id,
    )
