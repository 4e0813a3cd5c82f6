"""How long clocks wait: what is set, what another term would have meant, and setting it.

A timer that is armed keeps its promise; a term is in force for what is armed from then on.
"""

from typing import Annotated
from uuid import UUID

import msgspec

from service import faults
from service.actions import permission
from service.actions.office import Office
from service.domain import clocks, foresight, ids, terms, texts
from service.domain.clocks import Clock, Term, Unit
from service.domain.foresight import Outcome, Waited
from service.domain.people import Actor, ActorKind, Priority
from service.domain.policy import Action, Resource
from service.store import assignment, audit, clock_settings
from service.store.clock_settings import NewTerm, SettingRow
from service.store.pool import Connection, Scope
from service.store.rows import AuditRow

MOST_WAITS = 20_000
"""How many of last month's waits a preview reckons; of more, the newest."""

_MOMENT = Scope(network=True)


class TermChanged(faults.Fault):
    """Somebody set this term meanwhile."""

    kind, slug = faults.Kind.CONFLICT, "term-changed"
    advice = "Look at what is set now, and at a new preview."


class TermWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A term to be, for one kind of service or for everybody.

    Without `unit` it goes back to what holds otherwise. `grace`: business days after it.
    """

    clock: Clock
    priority: Priority
    category: texts.Name | None = None
    unit: Unit | None = None
    amount: Annotated[int, msgspec.Meta(ge=0, le=10_000)] = 0
    grace: Annotated[int, msgspec.Meta(ge=0, le=10_000)] = 0

    @property
    def term(self) -> Term | None:
        """The term wished for, or nothing to go back."""
        if self.unit is None:
            return None
        return Term(unit=self.unit, amount=self.amount, grace=self.grace)


class TermLine(msgspec.Struct, frozen=True, kw_only=True):
    """One term in force: its setting, or none where it is the default."""

    clock: Clock
    priority: Priority
    category: str | None
    unit: Unit
    amount: int
    grace: int
    setting: SettingRow | None = None


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """Last month's waits under the term each had, and under the one wished for.

    `seen`: the setting this looked at, to go with the change. `partial`: only the newest were
    reckoned.
    """

    seen: UUID | None
    before: Term
    after: Term
    now: Outcome
    then: Outcome
    partial: bool


async def listed(office: Office, actor: Actor) -> list[TermLine]:
    """List every default with what is set in its place, then what is set for kinds of service."""
    _require(actor, Action.CLOCKS_READ)
    async with office.db.transaction(_MOMENT) as connection:
        found = await clock_settings.in_force(connection)
    everybody = {(row.clock, row.priority): row for row in found if row.category is None}
    defaults = [
        _line(clock, priority, everybody.get((clock, priority)))
        for clock in Clock
        for priority in Priority
    ]
    own = [
        _line(Clock(row.clock), Priority(row.priority), row)
        for row in found
        if row.category is not None
    ]
    return [*defaults, *own]


async def kinds(office: Office, actor: Actor) -> list[str]:
    """List the kinds of service there are."""
    _require(actor, Action.CLOCKS_READ)
    async with office.db.transaction(_MOMENT) as connection:
        return await clock_settings.kinds(connection)


async def preview(office: Office, actor: Actor, wish: TermWish) -> Preview:
    """Reckon last month again under another term; nothing is changed. Raises Invalid, Refused."""
    _require(actor, Action.CLOCKS_READ)
    async with office.db.transaction(_MOMENT) as connection:
        cco = await _checked(connection, wish)
        found = await clock_settings.in_force(connection)
    mine = _of(found, wish)
    after = wish.term or _without(found, wish)
    async with office.db.transaction(Scope(org_id=cco)) as connection:
        waits = await _waits(connection, wish)
    place = {"clock": wish.clock, "priority": wish.priority}
    return Preview(
        seen=mine.id if mine is not None else None,
        before=_term(mine) if mine is not None else _without(found, wish),
        after=after,
        now=foresight.outcome(waits, **place),
        then=foresight.outcome(waits, term=after, **place),
        partial=len(waits) == MOST_WAITS,
    )


async def set_term(office: Office, actor: Actor, wish: TermWish, *, seen: UUID | None) -> None:
    """Put a term in force, or the one before it with no `unit`; raises Invalid, TermChanged."""
    _require(actor, Action.CLOCKS_SET)
    async with office.db.transaction(_MOMENT) as connection:
        cco = await _checked(connection, wish)
        mine = _of(await clock_settings.in_force(connection), wish)
        if (mine.id if mine is not None else None) != seen:
            raise TermChanged
        if mine is not None and not await clock_settings.end(
            connection, mine.id, by=actor.member_id
        ):
            raise TermChanged
        if wish.term is not None and not await clock_settings.add(connection, _new(actor, wish)):
            raise TermChanged
        await audit.insert(connection, actor, _note(cco, wish, mine))


def _require(actor: Actor, action: Action) -> None:
    permission.require(actor, action, resource=Resource(org_id=actor.org_id))


async def _checked(connection: Connection, wish: TermWish) -> UUID:
    """Refuse what is no term or no kind of service; return who coordinates."""
    wrong = terms.wrong(wish.priority, wish.term) if wish.term is not None else []
    if wish.category is not None and wish.category not in await clock_settings.kinds(connection):
        wrong.append({"field": "category", "detail": "Name a kind of service of the directory."})
    if wrong:
        raise faults.Invalid(errors=wrong)
    cco = await assignment.coordinators(connection)
    if cco is None:
        raise faults.Missing
    return cco


async def _waits(connection: Connection, wish: TermWish) -> list[Waited]:
    rows = await clock_settings.waits(
        connection, wish.clock, wish.priority, category=wish.category, most=MOST_WAITS
    )
    open_at = await clock_settings.calendars(connection, {row.turn_org_id for row in rows})
    return [
        Waited(
            referral_id=row.referral_id,
            start=row.start,
            until=row.until,
            calendar=open_at[row.turn_org_id],
            reckoning=row.reckoning,
        )
        for row in rows
    ]


def _of(found: list[SettingRow], place: TermWish) -> SettingRow | None:
    wanted = (place.clock, place.priority, place.category)
    return next((row for row in found if (row.clock, row.priority, row.category) == wanted), None)


def _without(found: list[SettingRow], place: TermWish) -> Term:
    """Return what holds where nothing is set at this place."""
    everybody = msgspec.structs.replace(place, category=None)
    other = _of(found, everybody) if place.category is not None else None
    return _term(other) if other is not None else clocks.DEFAULTS[place.clock, place.priority]


def _term(row: SettingRow) -> Term:
    return Term(unit=Unit(row.unit), amount=row.amount, grace=row.grace)


def _line(clock: Clock, priority: Priority, row: SettingRow | None) -> TermLine:
    term = clocks.DEFAULTS[clock, priority] if row is None else _term(row)
    return TermLine(
        clock=clock,
        priority=priority,
        category=row.category if row is not None else None,
        unit=term.unit,
        amount=term.amount,
        grace=term.grace,
        setting=row,
    )


def _new(actor: Actor, wish: TermWish) -> NewTerm:
    assert wish.term is not None
    return NewTerm(
        id=ids.new_id(),
        category=wish.category,
        priority=wish.priority,
        clock=wish.clock,
        term=wish.term,
        set_by_member_id=actor.member_id if actor.kind is ActorKind.MEMBER else None,
    )


def _note(org_id: UUID, wish: TermWish, before: SettingRow | None) -> AuditRow:
    after = wish.term
    return AuditRow(
        org_id=org_id,
        action="clock.set",
        resource_kind="clock_setting",
        resource_id=before.id if before is not None else None,
        detail={
            "clock": wish.clock,
            "priority": wish.priority,
            "category": wish.category or "",
            "before": _spelled(_term(before)) if before is not None else "",
            "after": _spelled(after) if after is not None else "",
        },
    )


def _spelled(term: Term) -> str:
    return f"{term.amount} {term.unit}" + (f" + {term.grace}" if term.grace else "")
