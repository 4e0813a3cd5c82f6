"""Organizations of a network that goes live, from a table: first looked at, then brought in.

The look reads everything and changes nothing, and it is what a real run goes by.
"""

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

import msgspec

from crypto.faults import NotIndexable
from service import faults
from service.actions import add_organization, edit_organization, phone
from service.actions.add_organization import NewOrganization
from service.actions.edit_organization import OrganizationChange
from service.actions.office import Office
from service.actions.permission import OPERATOR
from service.domain import ids
from service.domain.spreadsheet import Columns, Fault, Line
from service.store import directory_sources, organizations
from service.store.organizations import OrganizationRow
from service.store.pool import Scope

COLUMNS = Columns(
    needed=("id", "name", "kind", "enrolment", "zone"),
    others=(
        "public_name",
        "agreement_on",
        "language",
        "phone",
        "mailbox",
        "covered_entity",
        "part2_program",
    ),
)

EXAMPLE = (
    "harbor-food-bank,Harbor Food Bank,social_service,link,America/Los_Angeles,"
    ",2026-01-15,en,+15035550150,intake@harbor.example,no,no"
)

_KINDS = ("primary_care", "specialty", "behavioral_health", "social_service")
_ENROLMENTS = ("account", "link", "offline")
_SAID = {"yes": True, "no": False}
_FIXED = ("kind", "channel")
"""What an organization keeps; a file does not change it."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What would come of one line: new without `before`, the same without `change`."""

    line: int
    source: str
    org_id: UUID
    wish: NewOrganization
    before: OrganizationRow | None
    change: OrganizationChange | None = None

    @property
    def word(self) -> str:
        """What becomes of it, in a word."""
        if self.before is None:
            return "new"
        return "changed" if self.change is not None else "same"


class _Wrong(Exception):
    """A line that cannot be taken."""

    def __init__(self, found: list[Fault]) -> None:
        super().__init__()
        self.found = found


async def look(office: Office, lines: Iterable[Line]) -> tuple[list[Plan], list[Fault]]:
    """Say what would come of every line, and every fault there is; changes nothing."""
    plans: list[Plan] = []
    wrong: list[Fault] = []
    seen: dict[tuple[str, str], int] = {}
    for line in lines:
        if not all(name in line.cells for name in COLUMNS.needed):
            continue
        try:
            _once(line, seen)
            plans.append(await _plan(office, line))
        except _Wrong as found:
            wrong += found.found
    return plans, wrong


def _once(line: Line, seen: dict[tuple[str, str], int]) -> None:
    for column in ("id", "name"):
        key = (column, line.cells[column].lower())
        first = seen.setdefault(key, line.number)
        if first != line.number:
            detail = f"Line {first} has the same. Leave one of them out."
            raise _Wrong([Fault(line=line.number, column=column, detail=detail)])


async def _plan(office: Office, line: Line) -> Plan:
    wish = await _wish(office, line)
    source = line.cells["id"]
    async with office.db.transaction(Scope(network=True)) as connection:
        known = await directory_sources.known(connection, "organization", [source])
        named = await directory_sources.named(connection, wish.name)
        before = await organizations.fetch(connection, known[source]) if source in known else None
    if any(org_id != known.get(source) for org_id in named):
        detail = "There is another organization of this name. Rename one of them."
        raise _Wrong([Fault(line=line.number, column="name", detail=detail)])
    plan = Plan(
        line=line.number,
        source=source,
        org_id=known.get(source) or ids.new_id(),
        wish=wish,
        before=before,
    )
    return plan if before is None else await _against(office, plan, before, line)


async def _against(office: Office, plan: Plan, before: OrganizationRow, line: Line) -> Plan:
    wrong = [
        Fault(
            line=plan.line,
            column=_column(name),
            detail="It is another one here, and a file does not change it. Write the one it has.",
        )
        for name in _FIXED
        if getattr(plan.wish, name) != getattr(before, name)
    ]
    if plan.wish.mailbox is not None:
        own = await edit_organization.read_mailbox(office, OPERATOR, org_id=plan.org_id)
        if own is None or own.address != plan.wish.mailbox.address:
            detail = "Another mailbox is attested. Attest this one on the organization's page."
            wrong.append(Fault(line=plan.line, column="mailbox", detail=detail))
    if wrong:
        raise _Wrong(wrong)
    given = {
        name: getattr(plan.wish, name)
        for name in OrganizationChange.__struct_fields__
        if name in line.cells and getattr(plan.wish, name) != _held(before, name)
    }
    return msgspec.structs.replace(plan, change=OrganizationChange(**given) if given else None)


def _held(before: OrganizationRow, name: str) -> Any:
    return before.time_zone if name == "zone" else getattr(before, name)


def _column(field: str) -> str:
    return {"channel": "enrolment", "mailbox.address": "mailbox"}.get(field, field)


async def _wish(office: Office, line: Line) -> NewOrganization:
    wrong: list[Fault] = []
    said: dict[str, Any] = {
        name: cell
        for name, cell in line.cells.items()
        if name in ("name", "public_name", "zone", "language", "agreement_on")
    }

    def word(column: str, field: str, read: Callable[[str], Any], detail: str) -> None:
        if column in line.cells:
            said[field] = read(line.cells[column])
            if said[field] is None:
                wrong.append(Fault(line=line.number, column=column, detail=detail))

    word("kind", "kind", _among(_KINDS), f"Write one of {', '.join(_KINDS)}.")
    word("enrolment", "channel", _among(_ENROLMENTS), f"Write one of {', '.join(_ENROLMENTS)}.")
    word("phone", "phone", phone.e164, "Write it as +15035550100.")
    for column in ("covered_entity", "part2_program"):
        word(column, column, _SAID.get, "Write yes or no.")
    if "mailbox" in line.cells:
        said["mailbox"] = {"address": line.cells["mailbox"]}
        if not await _is_address(office, line.cells["mailbox"]):
            wrong.append(Fault(line=line.number, column="mailbox", detail="Write name@domain."))
    if len(line.cells["id"]) > 200:
        wrong.append(Fault(line=line.number, column="id", detail="Use at most 200 letters."))
    return _checked(said, line, wrong)


def _among(words: tuple[str, ...]) -> Callable[[str], str | None]:
    return lambda cell: cell if cell in words else None


async def _is_address(office: Office, text: str) -> bool:
    try:
        await office.keys.indexes(None, "email", text)
    except NotIndexable:
        return False
    return True


_FORMS = {
    "agreement_on": "Write the day as 2026-01-15.",
    "language": "Write a language's code, such as en or es.",
}


def _checked(said: dict[str, Any], line: Line, wrong: list[Fault]) -> NewOrganization:
    for field in ("name", "public_name", "zone", "language", "agreement_on", "mailbox"):
        try:
            msgspec.convert(
                {"name": "x", "kind": _KINDS[0], "zone": "x"}
                | ({field: said[field]} if field in said else {}),
                NewOrganization,
            )
        except msgspec.ValidationError:
            detail = _FORMS.get(field, "Write one line of at most 200 letters.")
            wrong.append(Fault(line=line.number, column=field, detail=detail))
    if wrong:
        raise _Wrong(wrong)
    wish = msgspec.convert(said, NewOrganization)
    try:
        add_organization.check(wish)
    except faults.Invalid as fault:
        raise _Wrong(
            [
                Fault(line=line.number, column=_column(each["field"]), detail=each["detail"])
                for each in fault.extra["errors"]
            ]
        ) from None
    return wish


async def bring(office: Office, plan: Plan) -> None:
    """Do what the look said; raises Stale where somebody changed the organization since."""
    if plan.before is None:
        scope = Scope(org_id=plan.org_id, network=True)
        async with office.db.transaction(scope) as connection:
            await add_organization.write(
                office, connection, OPERATOR, plan.wish, org_id=plan.org_id
            )
            await directory_sources.add(
                connection, "organization", plan.source, org_id=plan.org_id, own=plan.org_id
            )
    elif plan.change is not None:
        await edit_organization.edit_organization(
            office,
            OPERATOR,
            org_id=plan.org_id,
            change=plan.change,
            seen=plan.before.version,
        )
