"""The shape of a rule, and how to ask which rules are open.

A rule is a row: (machine, from_state, step, party, becomes, when, needs). The same rows live in
PostgreSQL, where every event has a foreign key to the rule it used.
"""

from collections.abc import Iterable
from enum import StrEnum

import msgspec


class Machine(StrEnum):
    """Which life a rule belongs to: the order, or one recipient's attempt at it."""

    REFERRAL = "referral"
    LEG = "leg"


class Party(StrEnum):
    """In which capacity somebody takes a step; the clock is a party too."""

    REFERRER = "REFERRER"
    RECIPIENT = "RECIPIENT"
    LINK = "LINK"
    PARTNER = "PARTNER"
    PATIENT = "PATIENT"
    COORDINATOR = "COORDINATOR"
    CLOCK = "CLOCK"


RX = (Party.RECIPIENT, Party.LINK, Party.PARTNER)
"""The receiving side, whichever way it comes in."""

REF = (Party.REFERRER, Party.COORDINATOR)
"""The referring side: the sender's people, or the network's coordinators for them."""


class Step(StrEnum):
    """Something somebody does to a leg or a referral."""

    CREATE = "create"
    SEND = "send"
    DISCARD = "discard"
    RECALL = "recall"
    LEG_ENDED = "leg_ended"
    OUTCOME_BACK = "outcome_back"
    ADD_LEG = "add_leg"
    CLOSE_WITHOUT_SERVICE = "close_without_service"
    REVIEW = "review"
    REOPEN = "reopen"
    LATE_DOCUMENT = "late_document"
    VOID = "void"
    RECEIVE = "receive"
    ASK = "ask"
    SUPPLY = "supply"
    ACCEPT = "accept"
    DECLINE = "decline"
    REDIRECT = "redirect"
    WAITLIST = "waitlist"
    SCHEDULE = "schedule"
    NO_SHOW = "no_show"
    CANCEL_APPOINTMENT = "cancel_appointment"
    START = "start"
    COMPLETE = "complete"
    GIVE_UP = "give_up"
    REQUEST_CANCEL = "request_cancel"
    CONFIRM_CANCEL = "confirm_cancel"
    WITHDRAW = "withdraw"
    END_UNRESPONSIVE = "end_unresponsive"
    FILLED = "filled"
    REQUEST_ADDENDUM = "request_addendum"
    ADDENDUM = "addendum"
    DROP_ADDENDUM = "drop_addendum"
    LOG_ATTEMPT = "log_attempt"
    ESCALATE = "escalate"
    HAND_BACK = "hand_back"
    UNDO = "undo"


class When(StrEnum):
    """The closed list of conditions a rule may ask of the facts."""

    EVER_RECEIVED = "ever_received"
    NEVER_RECEIVED = "never_received"
    EVER_ACCEPTED = "ever_accepted"
    PARTNER_LEG = "partner_leg"
    NOT_PARTNER_LEG = "not_partner_leg"
    CENTRAL_INTAKE = "central_intake"
    FIRST_ACCEPTS = "first_accepts"
    REPLACES = "replaces"
    INFO_ASKED = "info_asked"
    WITHIN_UNDO = "within_undo"
    BACK = "back"
    HELD = "held"
    NOTHING_RECEIVED = "nothing_received"
    NO_LIVE_LEG = "no_live_leg"
    UNREVIEWED = "unreviewed"
    LEG_UNREVIEWED = "leg_unreviewed"
    ALL_REVIEWED = "all_reviewed"
    WITH_SENDER = "with_sender"
    WITH_COORDINATOR = "with_coordinator"


class Need(StrEnum):
    """What a step must carry; each is one named field of the step's details."""

    CONSENT = "consent"
    ITEMS = "items"
    DUE = "due"
    OWNER_NAME = "owner_name"
    EXPECTED_BY = "expected_by"
    DECLINE_REASON = "decline_reason"
    UNABLE_REASON = "unable_reason"
    END_REASON = "end_reason"
    CLOSE_REASON = "close_reason"
    REASON = "reason"
    RECIPIENT = "recipient"
    POSITION_OR_DATE = "position_or_date"
    STARTS_AT = "starts_at"
    PLACE_OR_MODALITY = "place_or_modality"
    BY_WHOM = "by_whom"
    DATE = "date"
    OUTCOME = "outcome"
    EVIDENCE = "evidence"
    MISSING_PART = "missing_part"
    DOCUMENT = "document"
    PATIENT_INFORMED = "patient_informed"
    REVIEWER = "reviewer"
    ATTEMPT = "attempt"


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One legal move: from a state, by a step of a party, to a state, under conditions."""

    id: str
    machine: Machine
    from_state: str
    step: Step
    party: Party
    becomes: str
    when: frozenset[When] = frozenset()
    needs: tuple[Need, ...] = ()

    @property
    def key(self) -> tuple[str, str, str, str, str]:
        """The primary key of the row, here and in PostgreSQL."""
        return (self.machine, self.from_state, self.step, self.party, self.becomes)


def rows(
    rule_id: str,
    machine: Machine,
    from_states: Iterable[str],
    step: Step,
    parties: Iterable[Party],
    becomes: str | None,
    *,
    when: Iterable[When] = (),
    needs: tuple[Need, ...] = (),
) -> tuple[Rule, ...]:
    """Spell one line of the design's table out, a row a combination; `becomes` None means stays."""
    conditions = frozenset(when)
    states = tuple(from_states)
    everyone = tuple(parties)
    return tuple(
        Rule(
            id=rule_id,
            machine=machine,
            from_state=str(state),
            step=step,
            party=party,
            becomes=str(becomes) if becomes is not None else str(state),
            when=conditions,
            needs=needs,
        )
        for state in states
        for party in everyone
    )


def open_rules(
    rules: Iterable[Rule],
    state: str,
    *,
    parties: Iterable[Party],
    facts: frozenset[When],
    back: str | None = None,
) -> tuple[Rule, ...]:
    """List the rules these parties may use now, in the table's order.

    `back` is the state before the last step: a rule with BACK is open only towards it.
    """
    allowed = frozenset(parties)
    return tuple(
        rule
        for rule in rules
        if rule.from_state == state
        and rule.party in allowed
        and _holds(rule, facts=facts, back=back)
    )


def _holds(rule: Rule, *, facts: frozenset[When], back: str | None) -> bool:
    if When.BACK in rule.when and rule.becomes != back:
        return False
    return rule.when - {When.BACK} <= facts
