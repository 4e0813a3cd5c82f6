"""What a step does: the rule it uses, and every row that follows from it.

Pure. The store writes a Plan in one statement; the database holds each event to its rule.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from service import faults
from service.domain import details as detail_checks
from service.domain import moves, rules, telling, waiting
from service.domain import facts as fact_checks
from service.domain import leg as legs
from service.domain import referral as orders
from service.domain.details import Details
from service.domain.facts import LegFacts, ReferralFacts
from service.domain.leg import LegState
from service.domain.outcome import Disposition, NeedMet, Outcome, combined, disposition_of
from service.domain.plan import Act, EventRow, Plan
from service.domain.referral import ReferralState
from service.domain.rules import Machine, Party, Rule, Step

_CLOCK = (Party.CLOCK,)


def decide(referral: ReferralFacts, *acts: Act) -> Plan:
    """Answer what these steps write together, or refuse them with what is open instead.

    Several acts are one form (accept and book); they happen at one moment, in this order, or not
    at all. Raises StepRefused with `open_steps` (nothing here allows it now), Invalid with
    `errors` (the step is open but carries too little), Missing (no such leg).
    """
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
) -> tuple[Rule, ...]:
    """List the rules these parties may use now on one leg, or on the referral where leg is None.

    The pages and the API draw their buttons from this list and from nothing else.
    """
    found = fact_checks.conditions(referral, leg, now=now)
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
            self._fill_siblings(leg)
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
        found = open_steps(self.now_facts, leg, parties=act.parties, now=act.now)
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
        after = moves.moved(leg, rule, details=details, now=self.act.now)
        self._put(after)
        self.events.append(
            EventRow(
                seq=self._seq() + 1,
                rule=rule,
                leg_id=leg.id,
                reason=details.reason,
                undoes_seq=undoes_seq,
                acted=acted,
            )
        )

    def _put(self, leg: LegFacts) -> None:
        others = tuple(other for other in self.now_facts.legs if other.id != leg.id)
        ordered = tuple(sorted((*others, leg), key=lambda each: each.number))
        self.now_facts = msgspec.structs.replace(self.now_facts, legs=ordered)

    def _rule_for(self, leg: LegFacts, step: Step, party: Party) -> Rule | None:
        found = open_steps(self.now_facts, leg, parties=(party,), now=self.act.now)
        return next((rule for rule in found if rule.step is step), None)

    def _each_leg(self, step: Step, states: tuple[LegState, ...], party: Party) -> None:
        concerned = [leg for leg in self.now_facts.legs if leg.state in states]
        if step is Step.SEND and not concerned:
            raise faults.Invalid(
                errors=[{"field": "recipients", "detail": "Choose at least one recipient."}]
            )
        for leg in concerned:
            rule = self._rule_for(leg, step, party)
            if rule is not None:
                self._move(leg, rule)

    def _fill_siblings(self, winner: LegFacts) -> None:
        for leg in self.now_facts.legs:
            rule = self._rule_for(leg, Step.FILLED, Party.CLOCK)
            if leg.id != winner.id and rule is not None:
                self._move(leg, rule)

    def _add_legs(self, party: Party) -> None:
        for fresh in self.act.recipients:
            self.new_ids.add(fresh.id)
            number = 1 + max((leg.number for leg in self.now_facts.legs), default=0)
            replaces = self.act.leg_id
            self._put(msgspec.structs.replace(fresh, number=number, replaces_leg_id=replaces))
            steps = (Step.CREATE,) if self.act.step is Step.CREATE else (Step.CREATE, Step.SEND)
            for step in steps:
                leg = self.now_facts.leg(fresh.id)
                rule = self._rule_for(leg, step, party) if leg is not None else None
                if leg is not None and rule is not None:
                    self._move(leg, rule)

    def _undo_consequences(self, undone: int) -> None:
        self.undone.append(undone)
        for leg in self.now_facts.legs:
            last = self.now_facts.last_event(leg.id)
            if last is None or last.seq <= undone or last.step != Step.FILLED:
                continue
            rule = self._rule_for(leg, Step.UNDO, Party.CLOCK)
            if rule is not None:
                self.undone.append(last.seq)
                self._move(leg, rule, undoes_seq=last.seq)

    def _settle(self, cause: Rule) -> None:
        """Let the referral follow its legs, in the same statement as the leg's step."""
        if cause.step is Step.UNDO and any(leg.live for leg in self.now_facts.legs):
            wanted: tuple[Step, ...] = (Step.UNDO,)
        elif cause.step is Step.ADDENDUM:
            wanted = (Step.LATE_DOCUMENT, Step.OUTCOME_BACK)
        else:
            wanted = (Step.LEG_ENDED, Step.OUTCOME_BACK)
        found = open_steps(self.now_facts, None, parties=_CLOCK, now=self.act.now)
        rule = next((rule for rule in found if rule.step in wanted), None)
        if rule is not None:
            self._move_order(rule)

    def _move_order(self, rule: Rule, *, acted: bool = False) -> None:
        details = self.act.details if acted else Details()
        self.now_facts = _moved_order(self.now_facts, rule, details=details, now=self.act.now)
        self.events.append(
            EventRow(seq=self._seq() + 1, rule=rule, reason=details.reason, acted=acted)
        )


def _moved_order(
    referral: ReferralFacts, rule: Rule, *, details: Details, now: datetime
) -> ReferralFacts:
    becomes = ReferralState(rule.becomes)
    after = msgspec.structs.replace(referral, state=becomes)
    match rule.step:
        case Step.SEND:
            held = waiting.after(now, seconds=fact_checks.HOLD_SECONDS)
            return msgspec.structs.replace(after, sent_at=now, hold_until=held)
        case Step.RECALL:
            return msgspec.structs.replace(after, sent_at=None, hold_until=None)
        case Step.CLOSE_WITHOUT_SERVICE:
            return msgspec.structs.replace(
                after,
                closed_at=now,
                close_reason=details.reason,
                disposition=Disposition.NOT_SERVED,
                need_met=NeedMet.NO,
            )
        case Step.REVIEW:
            return _reviewed(after, now=now)
        case Step.REOPEN | Step.LATE_DOCUMENT:
            return msgspec.structs.replace(
                after, closed_at=None, disposition=None, need_met=None, close_reason=None
            )
        case _:
            return after


def _reviewed(referral: ReferralFacts, *, now: datetime) -> ReferralFacts:
    done = [leg for leg in referral.legs if leg.state is LegState.COMPLETED]
    ends = [disposition_of(Outcome(leg.outcome)) for leg in done if leg.outcome is not None]
    signed = tuple(
        msgspec.structs.replace(leg, reviewed_at=now, version=leg.version + 1)
        if leg.unreviewed
        else leg
        for leg in referral.legs
    )
    return msgspec.structs.replace(
        referral,
        legs=signed,
        closed_at=now,
        disposition=combined(ends),
        need_met=_need_met([leg.need_met for leg in done]),
    )


def _need_met(answers: list[str | None]) -> str:
    """Add several recipients' answers up: the least certain of unlike answers wins."""
    known = {answer for answer in answers if answer is not None}
    if len(known) == 1:
        return known.pop()
    if NeedMet.YES in known or NeedMet.PARTLY in known:
        return NeedMet.PARTLY
    return NeedMet.UNKNOWN
