"""Open referrals of before: kept with the day they had been sent, and followed from now on.

The day of sending counts in every measure; the clocks begin anew with the import. Otherwise the
first night would remind of everything that was ever late. Their recipients are told as of any
other referral.
"""

from datetime import date, datetime, time
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from service import faults
from service.actions import create_referral, import_patients, permission, skip_ahead, take_step
from service.actions.create_referral import ExternalId, NewReferral
from service.actions.import_patients import SYSTEM
from service.actions.import_tables import Plan, Wrong, converted, fault, told
from service.actions.office import Office
from service.actions.take_step import OnBehalf, Order, Wish, Words
from service.domain import people
from service.domain.details import Details
from service.domain.outcome import ConsentBasis
from service.domain.people import Actor, Source
from service.domain.policy import Action
from service.domain.rules import Step
from service.domain.spreadsheet import Columns, Fault, Line
from service.store import directory_sources, reading, referrals
from service.store.pool import Scope

_OLDEST_DAYS = 3660
_Text = Annotated[str, msgspec.Meta(min_length=1, max_length=20_000)]
_FIELDS: dict[str, tuple[str, Any, str]] = {
    "sent_on": ("sent_on", date, "Write the day as 2026-01-15."),
    "accepted_on": ("accepted_on", date, "Write the day as 2026-01-15."),
    "expected_by": ("expected_by", date, "Write the day as 2026-01-15."),
    "priority": ("priority", people.Priority, f"Write one of {', '.join(people.Priority)}."),
    "consent_basis": ("consent_basis", ConsentBasis, f"Write one of {', '.join(ConsentBasis)}."),
    "question": ("question", _Text, "Write the question in one line."),
    "narrative": ("narrative", _Text, "Use at most 20,000 letters."),
}


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What a line asks for: the order, and an acceptance that was heard before."""

    order: NewReferral
    accepted_at: datetime | None = None
    accepted_by: str = ""
    expected_by: date | None = None


class Referrals:
    """The table of one organization's open referrals; `actor` answers for them."""

    columns = Columns(
        needed=("id", "patient", "service", "question", "sent_on", "consent_basis"),
        others=(
            *("narrative", "priority", "reason_codes", "ordering_npi"),
            *("accepted_on", "accepted_by", "expected_by"),
        ),
    )
    example = (
        "R-0815,4711,harbor-food,Can you help with food?,2026-09-01,treatment,,routine,Z59.41,,"
        "2026-09-04,Jo Harbor,2026-12-01"
    )

    def __init__(self, actor: Actor, *, zone: str, system: str = SYSTEM) -> None:
        """Write as this member, in the zone of their organization."""
        self._actor = actor
        self._zone = zone
        self._system = system

    def key(self, line: Line) -> str:
        """Name a referral by its number."""
        return line.cells["id"]

    async def plan(self, office: Office, line: Line) -> Plan:
        """Check an order, its patient and service, and whether its number is known."""
        wrong: list[Fault] = []
        said = converted(line, _FIELDS, wrong)
        await self._days(office, line, said, wrong)
        patient_id = await import_patients.known(
            office, self._actor, self._system, line.cells["patient"]
        )
        if patient_id is None:
            detail = "There is no patient of this number here; bring in patients first."
            wrong.append(fault(line, "patient", detail))
        service_id = await self._service(office, line)
        if service_id is None:
            detail = "There is no service of this id in the directory."
            wrong.append(fault(line, "service", detail))
        if ("accepted_on" in said) != ("accepted_by" in line.cells):
            detail = "An acceptance has a day and somebody who gave it: fill in both, or neither."
            wrong.append(fault(line, "accepted_by", detail))
        if wrong or patient_id is None or service_id is None:
            raise Wrong(wrong)
        word = "same" if await self._known(office, line.cells["id"]) else "new"
        wish = self._wish(line, said, patient_id=patient_id, service_id=service_id)
        if word == "new":
            try:
                await create_referral.rehearse(office, self._actor, wish.order)
            except faults.Invalid as found:
                raise told(line, found.extra["errors"], {}) from None
        return Plan(line=line.number, name=line.cells["id"], word=word, wish=wish)

    async def _days(
        self, office: Office, line: Line, said: dict[str, Any], wrong: list[Fault]
    ) -> None:
        today = (await skip_ahead.clock_says(office)).astimezone(ZoneInfo(self._zone)).date()
        for name in ("sent_on", "accepted_on"):
            day = said.get(name)
            if day is not None and not 0 <= (today - day).days <= _OLDEST_DAYS:
                wrong.append(fault(line, name, "Give a day that has been, within ten years."))
        if "accepted_on" in said and said["accepted_on"] < said.get("sent_on", date.min):
            wrong.append(fault(line, "accepted_on", "It is before the day it was sent."))

    async def _service(self, office: Office, line: Line) -> UUID | None:
        named = line.cells["service"]
        async with office.db.transaction(Scope(network=True)) as connection:
            known = await directory_sources.known(connection, "service", [named])
            if named in known:
                return known[named]
            try:
                found = await referrals.recipients(connection, [UUID(named)])
            except ValueError:
                return None
        return found[0].service_id if found else None

    async def _known(self, office: Office, value: str) -> bool:
        org_id, _ = permission.own(self._actor, Action.REFERRAL_LIST)
        tokens = await office.keys.indexes(org_id, "external_id", (self._system, value))
        async with office.db.transaction(Scope(org_id=org_id)) as connection:
            found = await reading.by_external_id(
                connection,
                org_id,
                kind="referral",
                system=self._system,
                tokens=[each.digest for each in tokens],
            )
        return found is not None

    def _wish(
        self, line: Line, said: dict[str, Any], *, patient_id: UUID, service_id: UUID
    ) -> Taken:
        cells = line.cells
        order = NewReferral(
            patient_id=patient_id,
            service_ids=(service_id,),
            question=said["question"],
            narrative=said.get("narrative", ""),
            reason_codes=tuple(cells.get("reason_codes", "").replace(",", " ").split()),
            priority=said.get("priority", people.Priority.ROUTINE),
            consent_basis=said["consent_basis"],
            ordering_npi=cells.get("ordering_npi"),
            external_ids=(ExternalId(system=self._system, value=cells["id"]),),
            send=True,
            sent_at=self._noon(said["sent_on"]),
            source=Source.API,
        )
        if "accepted_on" not in said:
            return Taken(order=order)
        return Taken(
            order=order,
            accepted_at=self._noon(said["accepted_on"]),
            accepted_by=cells["accepted_by"],
            expected_by=said.get("expected_by"),
        )

    def _noon(self, day: date) -> datetime:
        return datetime.combine(day, time(12), ZoneInfo(self._zone))

    async def bring(self, office: Office, plan: Plan) -> None:
        """Write the order, and its acceptance as one that was heard on the recipient's behalf."""
        if plan.word == "same":
            return
        wish: Taken = plan.wish
        taken = await create_referral.create_referral(office, self._actor, wish.order)
        if wish.accepted_at is None:
            return
        (leg,) = taken.plan.referral.legs
        now = await skip_ahead.clock_says(office)
        heard = OnBehalf(
            source=Source.LETTER,
            spoke_to=wish.accepted_by,
            happened_at=min(wish.accepted_at, now),
        )
        accept = Wish(
            step=Step.ACCEPT,
            details=Details(expected_by=wish.expected_by or now.date()),
            words=Words(owner_name=wish.accepted_by),
        )
        order = Order(
            leg_id=leg.id, wishes=(accept,), seen=leg.version, on_behalf=heard, source=Source.API
        )
        await take_step.take_step(office, self._actor, order)
