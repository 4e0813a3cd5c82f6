"""The leg: one recipient's attempt at a referral. Its states and its whole rule table.

Source: the design's leg table, after IHE 360X, BSeR and the Gravity referral Task.
"""

from enum import StrEnum

from service.domain.rules import REF, RX, Machine, Need, Party, Rule, Step, When, rows


class LegState(StrEnum):
    """Where one recipient's attempt stands."""

    NONE = "none"
    DRAFT = "draft"
    SENT = "sent"
    RECEIVED = "received"
    NEEDS_INFO = "needs_info"
    ACCEPTED = "accepted"
    WAITLISTED = "waitlisted"
    SCHEDULED = "scheduled"
    NO_SHOW = "no_show"
    APPT_CANCELLED = "appt_cancelled"
    IN_SERVICE = "in_service"
    CANCEL_REQUESTED = "cancel_requested"
    COMPLETED = "completed"
    ADDENDUM_REQUESTED = "addendum_requested"
    DECLINED = "declined"
    UNABLE = "unable"
    REDIRECTED = "redirected"
    CANCELLED = "cancelled"
    ENTERED_IN_ERROR = "entered_in_error"


S = LegState

LIVE = (
    S.SENT,
    S.RECEIVED,
    S.NEEDS_INFO,
    S.ACCEPTED,
    S.WAITLISTED,
    S.SCHEDULED,
    S.NO_SHOW,
    S.APPT_CANCELLED,
    S.IN_SERVICE,
    S.CANCEL_REQUESTED,
    S.ADDENDUM_REQUESTED,
)
"""States in which somebody still owes something."""

UNANSWERED = (S.SENT, S.RECEIVED, S.NEEDS_INFO)
"""Before the recipient's answer."""

ENGAGED = (S.ACCEPTED, S.WAITLISTED, S.SCHEDULED, S.NO_SHOW, S.APPT_CANCELLED, S.IN_SERVICE)
"""After acceptance, before the outcome."""

EVERY = tuple(state for state in LegState if state is not S.NONE)

_RECEIVABLE = (S.RECEIVED, S.NEEDS_INFO, *ENGAGED)
COMPLETABLE = (S.ACCEPTED, S.WAITLISTED, S.SCHEDULED, S.IN_SERVICE)
_ERASABLE = tuple(state for state in EVERY if state is not S.ENTERED_IN_ERROR)
_CLOCK = (Party.CLOCK,)


def _leg(
    rule_id: str,
    from_states: tuple[LegState, ...],
    step: Step,
    parties: tuple[Party, ...],
    becomes: LegState | None,
    *,
    when: tuple[When, ...] = (),
    needs: tuple[Need, ...] = (),
) -> tuple[Rule, ...]:
    return rows(rule_id, Machine.LEG, from_states, step, parties, becomes, when=when, needs=needs)


_SENDING = (
    *_leg("L00", (S.NONE,), Step.CREATE, REF, S.DRAFT),
    *_leg("L01", (S.DRAFT,), Step.SEND, REF, S.SENT, needs=(Need.CONSENT,)),
    # A recipient makes and sends a leg only where its own redirect (L07) put it there.
    *_leg("L00", (S.NONE,), Step.CREATE, RX, S.DRAFT, when=(When.REPLACES,)),
    *_leg("L01", (S.DRAFT,), Step.SEND, RX, S.SENT, when=(When.REPLACES,), needs=(Need.CONSENT,)),
    *_leg("L01", (S.SENT,), Step.RECALL, REF, S.DRAFT, when=(When.HELD,)),
)

_ANSWERING = (
    *_leg("L02", (S.SENT,), Step.RECEIVE, RX, S.RECEIVED),
    *_leg("L03", (S.SENT, S.RECEIVED), Step.ASK, RX, S.NEEDS_INFO, needs=(Need.ITEMS, Need.DUE)),
    *_leg("L03", ENGAGED, Step.ASK, RX, None, needs=(Need.ITEMS, Need.DUE)),
    *_leg("L04", (S.NEEDS_INFO,), Step.SUPPLY, REF, S.RECEIVED, needs=(Need.ITEMS,)),
    *_leg("L04", ENGAGED, Step.SUPPLY, REF, None, when=(When.INFO_ASKED,), needs=(Need.ITEMS,)),
    *_leg(
        "L05", UNANSWERED, Step.ACCEPT, RX, S.ACCEPTED, needs=(Need.OWNER_NAME, Need.EXPECTED_BY)
    ),
    *_leg("L06", UNANSWERED, Step.DECLINE, RX, S.DECLINED, needs=(Need.DECLINE_REASON,)),
    *_leg(
        "L07",
        (*UNANSWERED, S.ACCEPTED, S.WAITLISTED),
        Step.REDIRECT,
        REF,
        S.REDIRECTED,
        needs=(Need.RECIPIENT,),
    ),
    *_leg(
        "L07",
        (*UNANSWERED, S.ACCEPTED, S.WAITLISTED),
        Step.REDIRECT,
        RX,
        S.REDIRECTED,
        when=(When.CENTRAL_INTAKE,),
        needs=(Need.RECIPIENT,),
    ),
)

_SERVING = (
    *_leg(
        "L08",
        (S.ACCEPTED, S.APPT_CANCELLED),
        Step.WAITLIST,
        RX,
        S.WAITLISTED,
        needs=(Need.POSITION_OR_DATE,),
    ),
    *_leg(
        "L09",
        ENGAGED,
        Step.SCHEDULE,
        RX,
        S.SCHEDULED,
        needs=(Need.STARTS_AT, Need.PLACE_OR_MODALITY),
    ),
    *_leg("L10", (S.SCHEDULED,), Step.NO_SHOW, RX, S.NO_SHOW),
    *_leg(
        "L11",
        (S.SCHEDULED, S.NO_SHOW, S.IN_SERVICE),
        Step.CANCEL_APPOINTMENT,
        RX,
        S.APPT_CANCELLED,
        needs=(Need.BY_WHOM,),
    ),
    *_leg("L12", COMPLETABLE, Step.START, RX, S.IN_SERVICE, needs=(Need.DATE,)),
    *_leg(
        "L13",
        COMPLETABLE,
        Step.COMPLETE,
        RX,
        S.COMPLETED,
        needs=(Need.OUTCOME, Need.EVIDENCE),
    ),
    *_leg(
        "L13",
        (S.CANCEL_REQUESTED,),
        Step.COMPLETE,
        RX,
        S.COMPLETED,
        when=(When.EVER_ACCEPTED,),
        needs=(Need.OUTCOME, Need.EVIDENCE),
    ),
    *_leg("L14", ENGAGED, Step.GIVE_UP, RX, S.UNABLE, needs=(Need.UNABLE_REASON,)),
)

_ENDING = (
    *_leg(
        "L15",
        _RECEIVABLE,
        Step.REQUEST_CANCEL,
        REF,
        S.CANCEL_REQUESTED,
        needs=(Need.REASON,),
    ),
    *_leg(
        "L15",
        (S.SENT,),
        Step.REQUEST_CANCEL,
        REF,
        S.CANCEL_REQUESTED,
        when=(When.PARTNER_LEG,),
        needs=(Need.REASON,),
    ),
    *_leg("L16", (S.CANCEL_REQUESTED,), Step.CONFIRM_CANCEL, RX, S.CANCELLED),
    *_leg(
        "L16",
        (S.CANCEL_REQUESTED,),
        Step.CONFIRM_CANCEL,
        _CLOCK,
        S.CANCELLED,
        when=(When.NEVER_RECEIVED,),
    ),
    *_leg("L17", (S.DRAFT,), Step.WITHDRAW, REF, S.CANCELLED, needs=(Need.REASON,)),
    *_leg(
        "L17",
        (S.SENT,),
        Step.WITHDRAW,
        REF,
        S.CANCELLED,
        when=(When.NEVER_RECEIVED, When.NOT_PARTNER_LEG),
        needs=(Need.REASON,),
    ),
    *_leg(
        "L18",
        _ERASABLE,
        Step.VOID,
        (Party.REFERRER,),
        S.ENTERED_IN_ERROR,
        when=(When.NEVER_RECEIVED,),
        needs=(Need.REASON,),
    ),
    *_leg(
        "L18",
        _ERASABLE,
        Step.VOID,
        (Party.COORDINATOR,),
        S.ENTERED_IN_ERROR,
        needs=(Need.REASON,),
    ),
    *_leg(
        "L19",
        LIVE,
        Step.END_UNRESPONSIVE,
        (Party.COORDINATOR,),
        S.UNABLE,
        needs=(Need.END_REASON,),
    ),
    *_leg("L20", UNANSWERED, Step.FILLED, _CLOCK, S.CANCELLED, when=(When.FIRST_ACCEPTS,)),
)

_ADDENDA = (
    *_leg(
        "L21",
        (S.COMPLETED,),
        Step.REQUEST_ADDENDUM,
        REF,
        S.ADDENDUM_REQUESTED,
        when=(When.LEG_UNREVIEWED,),
        needs=(Need.MISSING_PART,),
    ),
    *_leg(
        "L22",
        (S.ADDENDUM_REQUESTED, S.COMPLETED),
        Step.ADDENDUM,
        RX,
        S.COMPLETED,
        needs=(Need.DOCUMENT,),
    ),
    *_leg("L23", (S.ADDENDUM_REQUESTED,), Step.DROP_ADDENDUM, REF, S.COMPLETED),
)

_UNDOING = (
    *(
        row
        for before in UNANSWERED
        for row in _leg(
            "U",
            (S.ACCEPTED, S.DECLINED),
            Step.UNDO,
            RX,
            before,
            when=(When.WITHIN_UNDO, When.BACK),
        )
    ),
    *_leg("U", (S.NO_SHOW,), Step.UNDO, RX, S.SCHEDULED, when=(When.WITHIN_UNDO, When.BACK)),
    *(
        row
        for before in UNANSWERED
        for row in _leg("U", (S.CANCELLED,), Step.UNDO, _CLOCK, before, when=(When.BACK,))
    ),
)

_CALLING = _leg("L24", LIVE, Step.LOG_ATTEMPT, REF, None, needs=(Need.ATTEMPT,))

LEG_RULES: tuple[Rule, ...] = (
    *_SENDING,
    *_ANSWERING,
    *_SERVING,
    *_ENDING,
    *_ADDENDA,
    *_UNDOING,
    *_CALLING,
)
"""Every legal move of a leg; anything else is refused with the list of what is allowed."""

TERMINAL = frozenset({S.DECLINED, S.UNABLE, S.REDIRECTED, S.CANCELLED, S.ENTERED_IN_ERROR})
"""States nobody owes anything in; only L18 and undo leave them."""

UNDOABLE = frozenset({Step.ACCEPT, Step.DECLINE, Step.NO_SHOW})
"""Steps a recipient may take back for a while."""


def undoable_step(step: str) -> bool:
    """Whether a step of that name can be taken back at all."""
    return step in UNDOABLE
