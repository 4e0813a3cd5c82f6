"""The referral: the order, where the loop lives. Its states and its whole rule table."""

from enum import StrEnum

from service.domain.rules import REF, Machine, Need, Party, Rule, Step, When, rows


class ReferralState(StrEnum):
    """Where the loop stands."""

    NONE = "none"
    DRAFT = "draft"
    WITH_RECIPIENT = "with_recipient"
    NEEDS_ROUTING = "needs_routing"
    AWAITING_REVIEW = "awaiting_review"
    CLOSED = "closed"
    VOID = "void"


R = ReferralState

OPEN = (R.WITH_RECIPIENT, R.NEEDS_ROUTING, R.AWAITING_REVIEW)
"""States in which the loop is open: one named owner and an armed timer, always."""

_SENT = (*OPEN, R.CLOSED)
_CLOCK = (Party.CLOCK,)


def _order(
    rule_id: str,
    from_states: tuple[ReferralState, ...],
    step: Step,
    parties: tuple[Party, ...],
    becomes: ReferralState,
    *,
    when: tuple[When, ...] = (),
    needs: tuple[Need, ...] = (),
) -> tuple[Rule, ...]:
    return rows(
        rule_id, Machine.REFERRAL, from_states, step, parties, becomes, when=when, needs=needs
    )


REFERRAL_RULES: tuple[Rule, ...] = (
    *_order("R00", (R.NONE,), Step.CREATE, REF, R.DRAFT),
    *_order("R01", (R.DRAFT,), Step.SEND, REF, R.WITH_RECIPIENT, needs=(Need.CONSENT,)),
    *_order("R02", (R.DRAFT,), Step.DISCARD, REF, R.VOID),
    *_order(
        "R03",
        (R.WITH_RECIPIENT, R.AWAITING_REVIEW),
        Step.LEG_ENDED,
        _CLOCK,
        R.NEEDS_ROUTING,
        when=(When.NO_LIVE_LEG, When.ALL_REVIEWED),
    ),
    *_order(
        "R04",
        (R.WITH_RECIPIENT, R.NEEDS_ROUTING),
        Step.OUTCOME_BACK,
        _CLOCK,
        R.AWAITING_REVIEW,
        when=(When.NO_LIVE_LEG, When.UNREVIEWED),
    ),
    *_order(
        "R05",
        (R.NEEDS_ROUTING, R.AWAITING_REVIEW),
        Step.ADD_LEG,
        REF,
        R.WITH_RECIPIENT,
        needs=(Need.RECIPIENT,),
    ),
    *_order(
        "R06",
        (R.NEEDS_ROUTING,),
        Step.CLOSE_WITHOUT_SERVICE,
        REF,
        R.CLOSED,
        needs=(Need.CLOSE_REASON, Need.PATIENT_INFORMED),
    ),
    *_order(
        "R07",
        (R.AWAITING_REVIEW,),
        Step.REVIEW,
        REF,
        R.CLOSED,
        when=(When.NO_LIVE_LEG,),
        needs=(Need.REVIEWER,),
    ),
    *_order("R08", (R.CLOSED,), Step.REOPEN, REF, R.NEEDS_ROUTING, needs=(Need.REASON,)),
    *_order("R09", (R.CLOSED,), Step.LATE_DOCUMENT, _CLOCK, R.AWAITING_REVIEW),
    *_order(
        "R10",
        _SENT,
        Step.VOID,
        (Party.REFERRER,),
        R.VOID,
        when=(When.NOTHING_RECEIVED,),
        needs=(Need.REASON,),
    ),
    *_order("R10", _SENT, Step.VOID, (Party.COORDINATOR,), R.VOID, needs=(Need.REASON,)),
    # A recipient with an account may have taken it in although no mail has left.
    *_order(
        "R11",
        (R.WITH_RECIPIENT,),
        Step.RECALL,
        REF,
        R.DRAFT,
        when=(When.HELD, When.NOTHING_RECEIVED),
    ),
    # Who answers for the loop changes; where it stands does not.
    *(
        row
        for state in OPEN
        for row in (
            *_order("R12", (state,), Step.ESCALATE, _CLOCK, state, when=(When.WITH_SENDER,)),
            *_order(
                "R13",
                (state,),
                Step.HAND_BACK,
                (Party.COORDINATOR,),
                state,
                when=(When.WITH_COORDINATOR,),
            ),
        )
    ),
    *_order("U", (R.NEEDS_ROUTING, R.AWAITING_REVIEW), Step.UNDO, _CLOCK, R.WITH_RECIPIENT),
)
"""Every legal move of a referral; no clock ever closes one."""
