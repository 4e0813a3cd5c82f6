"""What a step does: the rule it uses, and every row that follows from it.

Pure. The store writes a Plan in one statement; the database holds each event to its rule.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from service import faults
from service.domain import details as detail_checks
from service.domain import facts as fact_checks
from service.domain import leg as legs
from service.domain import moves, order_moves, rules, telling, waiting
from service.domain import referral as orders
from service.domain.details import Details
from service.domain.facts import Hand, LastEvent, LegFacts, ReferralFacts
from service.domain.leg import LegState
from service.domain.plan import Act, EventRow, Plan
from service.domain.rules import REF, Machine, Party, Rule, Step, When

_CLOCK = (Party.CLOCK,)

_FOLLOWING = frozenset({Step.CREATE, Step.SEND, Step.RECALL})
"""Steps of a leg that only follow from something else: nobody sends a leg without its order."""


def decide(referral: ReferralFacts, *acts: Act) -> Plan:
    """Answer what these steps write together, or refuse them with what is open instead.

    Several acts are one form (accept and book); they happen at one moment, in this order, or not
    at all. Raises StepRefused with `open_steps` (nothing here allows it now), Invalid with
    `errors` (the step is open but carries too little), Missing (no such leg).
    """
    if not acts:
        raise faults.Invalid(errors=[{"field": "step", "detail": "Name at least one step."}])
    unfolding = _Unfolding(referral, acts[0])
    for act in acts:
        unfolding.take(act)
    return unfolding.plan(acts)


def open_steps(
    referral: ReferralFacts,
    leg: LegFacts | None,
    *,
    parties: tuple[Party, ...],
    now: datetime,
    by: Hand = fact_checks.NOBODY,
) -> tuple[Rule, ...]:
    """List the rules these parties may use now on one leg, or on the referral where leg is None.

    The pages and the API draw their buttons from this list and from nothing else. `by` is whose
    hand it is; without it nothing can be taken back.
    """
    found = _every_open(referral, leg, parties=parties, now=now, by=by)
    return tuple(rule for rule in found if not _follows(rule))


def _follows(rule: Rule) -> bool:
    """Whether a rule only follows from another; of the clock's two are steps of their own."""
    if rule.party is Party.CLOCK:
        return rule.step not in (Step.CONFIRM_CANCEL, Step.ESCALATE)
    return rule.machine is Machine.LEG and rule.step in _FOLLOWING


def _every_open(
    referral: ReferralFacts,
    leg: LegFacts | None,
    *,
    parties: tuple[Party, ...],
    now: datetime,
    by: Hand = fact_checks.NOBODY,
) -> tuple[Rule, ...]:
    found = fact_checks.conditions(referral, leg, now=now, by=by)
    if leg is None:
        return rules.open_rules(orders.REFERRAL_RULES, referral.state, parties=parties, facts=found)
    last = referral.last_event(leg.id)
    return rules.open_rules(
        legs.LEG_RULES,
        leg.state,
        parties=parties,
        facts=found,
        back=last.from_state if last is not None else None,
    )


class _Unfolding:
    """A step while it unfolds: the picture as it changes, and the rows it has caused so far."""

    def __init__(self, referral: ReferralFacts, act: Act) -> None:
        self.before = referral
        self.now_facts = referral
        self.act = act
        self.events: list[EventRow] = []
        self.new_ids: set[UUID] = set()
        self.undone: list[int] = []

    def take(self, act: Act) -> None:
        self.act = act
        if act.machine is Machine.LEG:
            self._step_on_leg()
        else:
            self._step_on_order()

    def _step_on_leg(self) -> None:
        leg = self.now_facts.leg(self.act.leg_id)
        if leg is None:
            raise faults.Missing
        rule = self._pick(leg)
        last = self.now_facts.last_event(leg.id)
        undoes = last.seq if rule.step is Step.UNDO and last is not None else None
        self._move(leg, rule, acted=True, undoes_seq=undoes)
        if rule.step is Step.ACCEPT:
            self._fill_siblings()
        if rule.step is Step.REDIRECT:
            self._add_legs(rule.party)
        if undoes is not None:
            self._undo_consequences(undoes)
        self._settle(rule)

    def _step_on_order(self) -> None:
        rule = self._pick(None)
        self._move_order(rule, acted=True)
        match rule.step:
            case Step.SEND:
                self._each_leg(Step.SEND, (LegState.DRAFT,), rule.party)
            case Step.RECALL:
                self._each_leg(Step.RECALL, (LegState.SENT,), rule.party)
                self.undone.extend(range(1, self.before.last_seq + 1))
            case Step.VOID | Step.DISCARD:
                erasable = tuple(s for s in legs.EVERY if s is not LegState.ENTERED_IN_ERROR)
                self._each_leg(Step.VOID, erasable, rule.party)
            case Step.CREATE | Step.ADD_LEG:
                self._add_legs(rule.party)
            case _:
                pass

    def plan(self, acts: tuple[Act, ...]) -> Plan:
        after = msgspec.structs.replace(
            self.now_facts, version=self.before.version + 1, last_seq=self._seq()
        )
        news = waiting.waiting(self.before, after, acts)
        rows = [news.timed.get(leg.id, leg) for leg in after.legs]
        plan = Plan(
            before=self.before,
            referral=msgspec.structs.replace(after, legs=tuple(rows)),
            events=tuple(self.events),
            changed_legs=tuple(leg for leg in rows if self._changed(leg)),
            new_legs=tuple(leg for leg in rows if leg.id in self.new_ids),
            arm=news.arm,
            disarm=news.disarm,
            moot=news.moot,
            cancel_effects_of=tuple(self.undone),
        )
        return telling.told(plan, acts)

    def _changed(self, leg: LegFacts) -> bool:
        return leg.id not in self.new_ids and leg != self.before.leg(leg.id)

    def _seq(self) -> int:
        return self.before.last_seq + len(self.events)

    def _pick(self, leg: LegFacts | None) -> Rule:
        act = self.act
        hand = Hand(member_id=act.actor_member_id, link_id=act.link_id)
        found = open_steps(self.now_facts, leg, parties=act.parties, now=act.now, by=hand)
        rule = next((rule for rule in found if rule.step is act.step), None)
        if rule is None:
            names = sorted({str(rule.step) for rule in found})
            raise faults.StepRefused(open_steps=names)
        lacking = detail_checks.gaps(rule, act.details, referral=self.now_facts, leg=leg)
        if lacking:
            raise faults.Invalid(
                errors=[{"field": gap.field, "detail": gap.detail} for gap in lacking]
            )
        return rule

    def _move(
        self,
        leg: LegFacts,
        rule: Rule,
        *,
        acted: bool = False,
        undoes_seq: int | None = None,
    ) -> None:
        details = self.act.details if acted else Details()
        self._call_back(leg, rule)
        self._put(moves.moved(leg, rule, details=details, now=self.act.now))
        self._note(
            EventRow(
                seq=self._seq() + 1,
                rule=rule,
                leg_id=leg.id,
                reason=details.reason,
                undoes_seq=undoes_seq,
                acted=acted,
            )
        )

    def _note(self, event: EventRow) -> None:
        self.events.append(event)
        rule, by_clock = event.rule, event.rule.party is Party.CLOCK
        newest = LastEvent(
            leg_id=event.leg_id,
            seq=event.seq,
            from_state=rule.from_state,
            step=rule.step,
            party=rule.party,
            entered_at=self.act.now,
            actor_member_id=None if by_clock else self.act.actor_member_id,
            link_id=None if by_clock else self.act.link_id,
        )
        self.now_facts = msgspec.structs.replace(
            self.now_facts, last_events=(*self.now_facts.last_events, newest)
        )

    def _call_back(self, leg: LegFacts, rule: Rule) -> None:
        """Keep an invitation from leaving that the referring side took back while it was held."""
        last = self.now_facts.last_event(leg.id)
        ends = rule.becomes in legs.TERMINAL and rule.party in REF
        held = When.HELD in fact_checks.conditions(
            self.now_facts, None, now=self.act.now, by=fact_checks.NOBODY
        )
        if ends and held and last is not None and last.step == Step.SEND:
            self.undone.append(last.seq)

    def _put(self, leg: LegFacts) -> None:
        others = tuple(other for other in self.now_facts.legs if other.id != leg.id)
        ordered = tuple(sorted((*others, leg), key=lambda each: each.number))
        self.now_facts = msgspec.structs.replace(self.now_facts, legs=ordered)

    def _rule_for(self, leg: LegFacts, step: Step, party: Party) -> Rule | None:
        found = _every_open(self.now_facts, leg, parties=(party,), now=self.act.now)
        return next((rule for rule in found if rule.step is step), None)

    def _follow(
        self, leg_id: UUID, step: Step, party: Party, *, undoes_seq: int | None = None
    ) -> None:
        """Take a leg along; where no rule lets it go, the whole step is refused."""
        leg = self.now_facts.leg(leg_id)
        rule = self._rule_for(leg, step, party) if leg is not None else None
        if leg is None or rule is None:
            raise faults.StepRefused(
                "A recipient's part cannot follow that step now.", open_steps=[]
            )
        self._move(leg, rule, undoes_seq=undoes_seq)

    def _each_leg(self, step: Step, states: tuple[LegState, ...], party: Party) -> None:
        concerned = [leg for leg in self.now_facts.legs if leg.state in states]
        if step is Step.SEND and not concerned:
            raise faults.Invalid(
                errors=[{"field": "recipients", "detail": "Choose at least one recipient."}]
            )
        for leg in concerned:
            self._follow(leg.id, step, party)

    def _fill_siblings(self) -> None:
        """End what waits beside an acceptance; where all are needed, no rule ends any."""
        for leg in self.now_facts.legs:
            rule = self._rule_for(leg, Step.FILLED, Party.CLOCK)
            if rule is not None:
                self._move(leg, rule)

    def _add_legs(self, party: Party) -> None:
        for fresh in self.act.recipients:
            self.new_ids.add(fresh.id)
            number = 1 + max((leg.number for leg in self.now_facts.legs), default=0)
            replaces = self.act.leg_id
            self._put(msgspec.structs.replace(fresh, number=number, replaces_leg_id=replaces))
            steps = (Step.CREATE,) if self.act.step is Step.CREATE else (Step.CREATE, Step.SEND)
            for step in steps:
                self._follow(fresh.id, step, party)

    def _undo_consequences(self, undone: int) -> None:
        self.undone.append(undone)
        for leg in self.now_facts.legs:
            last = self.now_facts.last_event(leg.id)
            if last is not None and last.seq > undone and last.step == Step.FILLED:
                self.undone.append(last.seq)
                self._follow(leg.id, Step.UNDO, Party.CLOCK, undoes_seq=last.seq)

    def _settle(self, cause: Rule) -> None:
        """Let the referral follow its legs, in the same statement as the leg's step."""
        if cause.step is Step.UNDO:
            wanted: tuple[Step, ...] = (Step.UNDO,)
        elif cause.step is Step.ADDENDUM:
            wanted = (Step.LATE_DOCUMENT, Step.OUTCOME_BACK)
        else:
            wanted = (Step.LEG_ENDED, Step.OUTCOME_BACK)
        found = _every_open(self.now_facts, None, parties=_CLOCK, now=self.act.now)
        rule = next((rule for rule in found if rule.step in wanted), None)
        if rule is not None:
            self._move_order(rule)

    def _move_order(self, rule: Rule, *, acted: bool = False) -> None:
        details = self.act.details if acted else Details()
        self.now_facts = order_moves.moved(self.now_facts, rule, details=details, now=self.act.now)
        self._note(EventRow(seq=self._seq() + 1, rule=rule, reason=details.reason, acted=acted))
