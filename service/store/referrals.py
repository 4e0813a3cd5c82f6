"""Referrals, legs and their history: one read of the whole picture, one statement a step."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from service import faults
from service.domain.calendars import OFFICE_HOURS, Calendar
from service.domain.clocks import Clock, Term
from service.domain.facts import ReferralFacts
from service.domain.plan import Plan
from service.store import queries, rows, steps
from service.store.pool import Connection
from service.store.rows import StepRows

Q = queries.load("referrals")


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """What a step decides on, and the one moment it happens at.

    `ended`: the classes of the consent it stands on, where that was taken back or has run out.
    """

    facts: ReferralFacts
    now: datetime
    patient_id: UUID
    consent_id: UUID | None = None
    handed_off: bool = False
    capacity: str | None = None
    classes: tuple[str, ...] = ()
    ended: frozenset[str] = frozenset()
    cco_named: bool = False
    overrides: dict[UUID, UUID] = {}
    lapsed: frozenset[UUID] = frozenset()


async def picture(
    connection: Connection, *, referral_id: UUID | None = None, leg_id: UUID | None = None
) -> Picture:
    """Read a referral with its legs, and open it to the step of this transaction.

    Raises Missing where there is none or the asking organization is no party of it.
    """
    row = await connection.fetchrow(Q.facts, referral_id, leg_id)
    if row is None:
        raise faults.Missing
    return Picture(
        facts=_facts(row),
        now=row["now"],
        patient_id=row["patient_id"],
        consent_id=row["consent_id"],
        handed_off=row["handed_off"],
        capacity=row["capacity"],
        classes=tuple(row["classes"] or ()),
        ended=frozenset(row["ended"] or ()),
        cco_named=row["cco_named"],
        **_overrides(row["overrides"] or {}),
    )


def _overrides(found: dict[str, str | None]) -> dict[str, Any]:
    """Part the emergencies that let somebody in from those that were taken back since."""
    return {
        "overrides": {UUID(org): UUID(by) for org, by in found.items() if by},
        "lapsed": frozenset(UUID(org) for org, by in found.items() if not by),
    }


async def write_step(connection: Connection, plan: Plan, step: StepRows) -> bool:
    """Write everything a step causes in one statement; False means somebody was first.

    The only writer of `leg.state` and `referral.state`.
    """
    document = rows.document(plan, step)
    statement = steps.statement(document)
    try:
        version = await connection.fetchval(
            statement, plan.referral.id, plan.before.version, document
        )
    except asyncpg.UniqueViolationError as conflict:
        raise _named(conflict) from conflict
    except asyncpg.ForeignKeyViolationError as conflict:
        raise _unknown(conflict) from conflict
    except asyncpg.LockNotAvailableError as waited:
        raise faults.Busy(retry_after=1, waited=True) from waited
    return version is not None


class KeyUsed(Exception):
    """The idempotency key of this act is in the table already."""


def _constraint(conflict: asyncpg.PostgresError) -> str:
    """Return which constraint was hurt; the driver sets the name when the error arrives."""
    return str(getattr(conflict, "constraint_name", None) or "")


def _named(conflict: asyncpg.UniqueViolationError) -> Exception:
    match _constraint(conflict):
        case "idempotency_pkey":
            return KeyUsed()
        case "leg_one_acceptance":
            return faults.StepRefused(open_steps=[])
        case "external_id_pkey":
            return faults.Invalid(
                errors=[{"field": "external_ids", "detail": "One of these is in use already."}]
            )
        case _:
            return conflict


_UNKNOWN = {
    "referral_sender_org_id_consent_id_fkey": ("consent_id", "Name a consent on record."),
    "leg_org_id_owner_member_id_fkey": ("owner_member_id", "Name a member of your organization."),
    "appointment_site_id_fkey": ("site_id", "Name a site of the directory."),
}


def _unknown(conflict: asyncpg.ForeignKeyViolationError) -> Exception:
    field, advice = _UNKNOWN.get(_constraint(conflict), ("", ""))
    return faults.Invalid(errors=[{"field": field, "detail": advice}]) if field else conflict


class RecipientRow(msgspec.Struct, frozen=True, kw_only=True):
    """A service of the directory as a recipient, with what its organization needs."""

    service_id: UUID
    org_id: UUID
    category: str
    pattern: str
    reviewer: str
    evidence: str
    required: list[str]
    active: bool
    channel: str
    central_intake: bool
    covered_entity: bool
    kind: str
    public_name: str
    capacity: str
    time_zone: str
    hours: list[Any]
    closures: list[str]
    terms: dict[str, Any] = {}

    @property
    def calendar(self) -> Calendar:
        """The organization's business calendar."""
        return calendar_of({"zone": self.time_zone, "hours": self.hours, "closures": self.closures})

    def terms_of(self, priority: str) -> dict[Clock, Term]:
        """Return what is set for its kind of service and this priority."""
        return msgspec.convert(self.terms.get(priority, {}), dict[Clock, Term])


class SenderRow(msgspec.Struct, frozen=True, kw_only=True):
    """The sending organization, the network's coordinating one, and the moment."""

    id: UUID
    public_name: str
    name: str
    part2_program: bool
    time_zone: str
    hours: list[Any]
    closures: list[str]
    cco_org_id: UUID | None
    cco_calendar: dict[str, Any] | None
    now: datetime

    @property
    def calendar(self) -> Calendar:
        """The organization's business calendar."""
        return calendar_of({"zone": self.time_zone, "hours": self.hours, "closures": self.closures})


class ConsentRow(msgspec.Struct, frozen=True, kw_only=True):
    """A consent as it stands; `told` says that its words are on record."""

    id: UUID
    patient_id: UUID
    basis: str
    classes: list[str]
    to_org_ids: list[UUID]
    expires_at: datetime | None
    revoked_at: datetime | None
    elements: list[str]
    told: bool


async def recipients(connection: Connection, service_ids: Sequence[UUID]) -> list[RecipientRow]:
    """Read the services asked for, in the order asked; unknown ones are left out."""
    found = await connection.fetch(Q.recipients, list(service_ids))
    by_id = {row["service_id"]: RecipientRow(**dict(row)) for row in found}
    return [by_id[service_id] for service_id in service_ids if service_id in by_id]


async def sender(connection: Connection, org_id: UUID) -> SenderRow:
    """Read who sends; raises Missing for an organization that is none."""
    row = await connection.fetchrow(Q.sender, org_id)
    if row is None:
        raise faults.Missing
    return SenderRow(**dict(row))


async def consent(connection: Connection, org_id: UUID, *, consent_id: UUID) -> ConsentRow | None:
    """Read one consent of an organization, or nothing."""
    row = await connection.fetchrow(Q.consent, org_id, consent_id)
    return ConsentRow(**dict(row)) if row is not None else None


async def link_opens(connection: Connection, link_id: UUID | None, *, leg_id: UUID | None) -> bool:
    """Whether a link is about this leg."""
    return bool(await connection.fetchval(Q.link_opens, link_id, leg_id))


async def has_left(connection: Connection, org_id: UUID) -> bool:
    """Whether an organization has left the network."""
    return bool(await connection.fetchval(Q.organization_left, org_id))


def _facts(row: Any) -> ReferralFacts:
    fields = {name: row[name] for name in _PLAIN} | {name: row[name] for name in _LISTS}
    calendars = {key: calendar_of(value) for key, value in row["calendars"].items()}
    terms = row["terms"].get(row["priority"], {})
    made = {**fields, "calendars": calendars, "terms": terms}
    return msgspec.convert(made, ReferralFacts, strict=False)


_LISTS = ("legs", "last_events", "timers", "tasks")
_PLAIN = tuple(
    name for name in ReferralFacts.__struct_fields__ if name not in {*_LISTS, "calendars", "terms"}
)


def calendar_of(value: dict[str, Any]) -> Calendar:
    """Make a calendar of an organization's columns; no hours means office hours."""
    hours = tuple(tuple(day) if day else None for day in value["hours"])
    return Calendar(
        zone=value["zone"],
        hours=hours or OFFICE_HOURS,
        closures=frozenset(date.fromisoformat(day) for day in value["closures"]),
    )


READS = {
    "recipients": RecipientRow,
    "sender": SenderRow,
    "consent": ConsentRow,
}
"""Which Struct the columns of a query feed; a test compares them."""
