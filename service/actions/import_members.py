"""People of the organizations of a network that goes live: added, and invited by mail."""

from uuid import UUID

from crypto.faults import NotIndexable
from service import faults
from service.actions import add_member, permission
from service.actions.add_member import NewMember
from service.actions.import_tables import Plan, Wrong, fault, told
from service.actions.office import Office
from service.domain.people import Actor, Role
from service.domain.spreadsheet import Columns, Line
from service.store import directory_sources, members
from service.store import people as person_store
from service.store.members import AlreadyMember
from service.store.pool import Scope

_ROLES = tuple(str(role) for role in Role if role is not Role.INTEGRATION)


class Members:
    """The table of people; `own`: only of this organization, and the column may be left out."""

    columns = Columns(
        needed=("address", "name", "roles"), others=("organization", "npi", "language")
    )
    example = "ana@northside.example,Ana Ruiz,clinician org_admin,northside-clinic,,en"

    def __init__(self, actor: Actor = permission.OPERATOR, *, own: UUID | None = None) -> None:
        """Act as the operator, or as an administrator of one organization."""
        self._actor = actor
        self._own = own

    def key(self, line: Line) -> str:
        """Name a person in an organization."""
        return f"{line.cells['address']} {line.cells.get('organization', '')}"

    async def plan(self, office: Office, line: Line) -> Plan:
        """Check somebody, and whether they work there already."""
        wish = await self._wish(office, line)
        try:
            add_member.check(wish)
            logins = await office.keys.indexes(None, "email", wish.address)
        except NotIndexable:
            raise Wrong([fault(line, "address", "Write it as name@domain.")]) from None
        except faults.Invalid as found:
            raise told(line, found.extra["errors"], {}) from None
        known = await person_store.by_login(office.db, [each.digest for each in logins])
        there = False
        if known is not None:
            scope = Scope(org_id=wish.org_id, person_id=known.id, network=True)
            async with office.db.transaction(scope) as connection:
                choices = await members.choices(connection, known.id)
                there = any(each.org_id == wish.org_id for each in choices)
        return Plan(line=line.number, name=wish.name, word="same" if there else "new", wish=wish)

    async def _wish(self, office: Office, line: Line) -> NewMember:
        roles = line.cells["roles"].replace(",", " ").split()
        if any(role not in _ROLES for role in roles):
            detail = f"Write one or more of {', '.join(_ROLES)}, with a space between them."
            raise Wrong([fault(line, "roles", detail)])
        if line.cells.get("language", "en") not in ("en", "es"):
            raise Wrong([fault(line, "language", "Write en or es.")])
        return NewMember(
            org_id=await self._organization(office, line),
            address=line.cells["address"],
            name=line.cells["name"],
            roles=frozenset(map(Role, roles)),
            npi=line.cells.get("npi"),
            language=line.cells.get("language", "en"),
            mailed=True,
        )

    async def _organization(self, office: Office, line: Line) -> UUID:
        named = line.cells.get("organization")
        if named is None:
            if self._own is None:
                raise Wrong([fault(line, "organization", "Fill this in.")])
            return self._own
        async with office.db.transaction(Scope(network=True)) as connection:
            known = await directory_sources.known(connection, "organization", [named])
        found = known.get(named)
        if found is None:
            detail = "There is no organization of this id; bring in organizations first."
            raise Wrong([fault(line, "organization", detail)])
        if self._own is not None and found != self._own:
            detail = "This is another organization's; leave the line out."
            raise Wrong([fault(line, "organization", detail)])
        return found

    async def bring(self, office: Office, plan: Plan) -> None:
        """Add them, with a mail that invites; whoever was added meanwhile stays as they are."""
        if plan.word == "same":
            return
        try:
            await add_member.add_member(office, self._actor, plan.wish)
        except AlreadyMember:
            return
