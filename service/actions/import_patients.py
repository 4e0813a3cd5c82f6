"""An organization's patients of before: registered, each under the number its own list has."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

import msgspec

from service import faults
from service.actions import create_patient, permission, phone
from service.actions.create_patient import ExternalId, Extras, PerhapsKnown
from service.actions.import_tables import Plan, Wrong, converted, fault, told
from service.actions.office import Office
from service.domain.patient import Identity
from service.domain.people import Actor
from service.domain.policy import Action
from service.domain.spreadsheet import Columns, Fault, Line
from service.store import patients
from service.store.pool import Scope

SYSTEM = "import"
"""The system whose ids a list's numbers are, where the command names none."""

_Word = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
_LANGUAGE = Annotated[str, msgspec.Meta(pattern="^[a-z]{2,3}$")]
_FIELDS: dict[str, tuple[str, Any, str]] = {
    "birth_date": ("birth_date", date, "Write the day as 1984-02-03."),
    "sex": ("sex", _Word, "Use one word."),
    "email": ("email", _Word, "Write name@domain."),
    "language": ("language", _LANGUAGE, "Write a language's code, such as en or es."),
}
_HOME = ("street", "city", "region", "postal_code")
_COLUMNS = {"family": "family_name", "given": "given_name", "phones": "phone"}


class Patients:
    """The table of patients of one organization; `actor` registers them."""

    columns = Columns(
        needed=("id", "family_name", "given_name", "birth_date"),
        others=("phone", "email", "language", "sex", *_HOME, "interpreter"),
    )
    example = "4711,Ortega Ruiz,María,1984-02-03,+15035550100,,es,,12 Oak Street,Eugene,OR,97401,no"

    def __init__(self, actor: Actor, *, system: str = SYSTEM) -> None:
        """Register as this member, under ids of this system."""
        self._actor = actor
        self._system = system

    def key(self, line: Line) -> str:
        """Name a patient by their number."""
        return line.cells["id"]

    async def plan(self, office: Office, line: Line) -> Plan:
        """Check somebody, and whether their number is known or somebody alike is."""
        identity = _identity(line)
        word = "same" if await known(office, self._actor, self._system, line.cells["id"]) else "new"
        if word == "new":
            try:
                await create_patient.check_new(office, self._actor, identity=identity)
            except PerhapsKnown:
                detail = "Somebody very like this is registered here. Look, and leave one out."
                raise Wrong([fault(line, "family_name", detail)]) from None
            except faults.Invalid as found:
                raise told(line, found.extra["errors"], _COLUMNS) from None
        external = ExternalId(system=self._system, value=line.cells["id"])
        return Plan(line=line.number, name=line.cells["id"], word=word, wish=(identity, external))

    async def bring(self, office: Office, plan: Plan) -> None:
        """Register them; the number is kept sealed, and makes nobody twice."""
        if plan.word == "same":
            return
        identity, external = plan.wish
        extras = Extras(external_ids=(external,))
        await create_patient.create_patient(office, self._actor, identity=identity, extras=extras)


async def known(office: Office, actor: Actor, system: str, value: str) -> UUID | None:
    """Return whose number of the list this is, or None; nobody is opened for it."""
    org_id, _ = permission.own(actor, Action.PATIENT_SEARCH)
    tokens = await office.keys.indexes(org_id, "external_id", (system, value))
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        found = await patients.by_external_id(
            connection, org_id, system=system, tokens=[each.digest for each in tokens]
        )
    return found[0] if found else None


def _identity(line: Line) -> Identity:
    wrong: list[Fault] = []
    said = converted(line, _FIELDS, wrong)
    cells = line.cells
    if "phone" in cells:
        number = phone.e164(cells["phone"])
        if number is None:
            wrong.append(fault(line, "phone", "Write it as +15035550100."))
        else:
            said["phones"] = (number,)
    if cells.get("interpreter", "no") not in ("yes", "no"):
        wrong.append(fault(line, "interpreter", "Write yes or no."))
    if wrong:
        raise Wrong(wrong)
    said |= {
        "name": {"family": cells["family_name"], "given": tuple(cells["given_name"].split())},
        "address": {name: cells[name] for name in _HOME if name in cells},
        "interpreter": cells.get("interpreter") == "yes",
    }
    try:
        return msgspec.convert(said, Identity)
    except msgspec.ValidationError:
        detail = "Write each of name and address as one line of at most 200 letters."
        raise Wrong([fault(line, "family_name", detail)]) from None
