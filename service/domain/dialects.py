"""How partners speak: our states in the Gravity and BSeR dialects, and their moves as our steps.

Sources: HL7 SDOH Clinical Care (Gravity) referral Task, HL7 BSeR harmonized states (after 360X).
Both know fewer states than we do, so a partner's state stands for a group of ours, the plain one
first; and what a partner asks for becomes a step that the rules then allow or refuse.
"""

from collections.abc import Mapping

import msgspec

from service.domain.leg import LegState
from service.domain.outcome import Disposition
from service.domain.referral import ReferralState
from service.domain.rules import Party, Step

S = LegState


class Status(msgspec.Struct, frozen=True):
    """A Task's status, BSeR's business status beside it, and words where ours says more."""

    status: str
    business: str = ""
    text: str = ""


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """What a partner's transition is to us: a step by a party from any of these states.

    `becomes` lists the states that count as theirs; `then` is a second step that follows, because
    ours takes two where theirs takes one.
    """

    from_states: tuple[LegState, ...]
    step: Step
    party: Party
    becomes: tuple[LegState, ...]
    then: Step | None = None


GRAVITY: Mapping[LegState, Status] = {
    S.DRAFT: Status("draft"),
    S.SENT: Status("requested"),
    S.RECEIVED: Status("requested"),
    S.NEEDS_INFO: Status("requested", text="needs information"),
    S.ACCEPTED: Status("accepted"),
    S.WAITLISTED: Status("on-hold", text="on the waiting list"),
    S.SCHEDULED: Status("in-progress"),
    S.NO_SHOW: Status("in-progress", text="did not attend"),
    S.APPT_CANCELLED: Status("in-progress", text="appointment cancelled"),
    S.IN_SERVICE: Status("in-progress"),
    S.COMPLETED: Status("completed"),
    S.ADDENDUM_REQUESTED: Status("completed", text="more was asked for"),
    S.DECLINED: Status("rejected"),
    S.UNABLE: Status("failed"),
    S.CANCELLED: Status("cancelled"),
    S.ENTERED_IN_ERROR: Status("entered-in-error"),
}
"""Our states in Gravity's words; cancel_requested and redirected depend on what was before."""

BSER: Mapping[LegState, Status] = {
    S.DRAFT: Status("draft", "1"),
    S.SENT: Status("received", "2.0"),
    S.RECEIVED: Status("received", "2.0"),
    S.NEEDS_INFO: Status("received", "2.0", "needs information"),
    S.ACCEPTED: Status("accepted", "3.0"),
    S.WAITLISTED: Status("accepted", "3.0", "on the waiting list"),
    S.SCHEDULED: Status("in-progress", "5.1.1"),
    S.NO_SHOW: Status("in-progress", "5.1.2"),
    S.APPT_CANCELLED: Status("in-progress", "5.1.3"),
    S.IN_SERVICE: Status("in-progress", "5.1.4"),
    S.CANCEL_REQUESTED: Status("in-progress", "5.2"),
    S.COMPLETED: Status("completed", "7.0"),
    S.ADDENDUM_REQUESTED: Status("completed", "7.0", "more was asked for"),
    S.DECLINED: Status("rejected", "4.0"),
    S.UNABLE: Status("rejected", "4.0"),
    S.REDIRECTED: Status("rejected", "4.0"),
    S.CANCELLED: Status("cancelled", "6.0"),
}
"""Our states in BSeR's words; it has none for entered_in_error."""


def to_gravity(state: LegState, *, before: LegState, ever_accepted: bool) -> Status:
    """Say a state in Gravity's words.

    `before` is the state a requested cancellation found; Gravity shows that one until it is over.
    """
    if state is S.REDIRECTED:
        word = "cancelled" if ever_accepted else "rejected"
        return Status(word, text="sent on to another recipient")
    if state is S.CANCEL_REQUESTED:
        return Status(GRAVITY[before].status, text="cancellation requested")
    return GRAVITY[state]


def to_bser(state: LegState) -> Status | None:
    """Say a state in BSeR's words, or None where it has no word."""
    return BSER.get(state)


def from_gravity(status: str) -> tuple[LegState, ...]:
    """List our states that Gravity calls so; an unknown word lists nothing."""
    return tuple(state for state, said in GRAVITY.items() if said.status == status)


def from_bser(code: str) -> tuple[LegState, ...]:
    """List our states behind a BSeR state code ("2", "2.0", "5.1.1").

    The parent code 5.1 stands for its two hopeful children: scheduled, or in service where a note
    has come.
    """
    if code == "5.1":
        return (S.SCHEDULED, S.IN_SERVICE)
    wanted = code if "." in code else f"{code}.0"
    return tuple(state for state, said in BSER.items() if said.business in {code, wanted})


def request_status(state: ReferralState, disposition: Disposition | None) -> str:
    """Say a referral's state as a FHIR ServiceRequest.status."""
    match state:
        case ReferralState.NONE | ReferralState.DRAFT:
            return "draft"
        case ReferralState.CLOSED:
            return "completed" if disposition in _SERVED else "revoked"
        case ReferralState.VOID:
            return "entered-in-error"
        case _:
            return "active"


_SERVED = frozenset({Disposition.SERVED, Disposition.PARTLY_SERVED})

_INITIATOR, _RECIPIENT = Party.REFERRER, Party.PARTNER

_TRIGGERS: Mapping[str, tuple[Step, Party]] = {
    "send referral package": (Step.SEND, _INITIATOR),
    "send acceptance": (Step.ACCEPT, _RECIPIENT),
    "send decline": (Step.DECLINE, _RECIPIENT),
    "send cancellation request": (Step.REQUEST_CANCEL, _INITIATOR),
    "send cancellation confirmation": (Step.CONFIRM_CANCEL, _RECIPIENT),
    "send schedule visit information": (Step.SCHEDULE, _RECIPIENT),
    "send rescheduled visit information": (Step.SCHEDULE, _RECIPIENT),
    "send no show information": (Step.NO_SHOW, _RECIPIENT),
    "send appointment cancel": (Step.CANCEL_APPOINTMENT, _RECIPIENT),
    "send interim consultation note": (Step.START, _RECIPIENT),
    "send referral outcome": (Step.COMPLETE, _RECIPIENT),
}

BSER_TRIGGERS = tuple(_TRIGGERS)
"""What a BSeR partner can send."""


def bser_step(trigger: str, from_state: str, to_state: str) -> Move | None:
    """Read a BSeR transition ("send decline", "3 accepted", "4 rejected") as a move of ours.

    None where the trigger or a state is not BSeR's; whether the move is legal the rules decide.
    """
    found = _TRIGGERS.get(trigger)
    before, after = from_bser(_code(from_state)), from_bser(_code(to_state))
    if found is None or not before or not after:
        return None
    step, party = found
    if step is Step.DECLINE and before[0] is not S.SENT:
        # BSeR declines after acceptance too; with us that is giving up what one took on.
        step = Step.GIVE_UP
    return Move(from_states=before, step=step, party=party, becomes=after)


def _code(state: str) -> str:
    return state.partition(" ")[0]


REQUESTER, TARGET = "requester", "referral target"

_GRAVITY_STEPS: Mapping[tuple[str, str], tuple[Step, ...]] = {
    ("accepted", TARGET): (Step.ACCEPT,),
    ("rejected", TARGET): (Step.DECLINE,),
    ("on-hold", TARGET): (Step.WAITLIST,),
    ("in-progress", TARGET): (Step.SCHEDULE, Step.START),
    ("completed", TARGET): (Step.COMPLETE,),
    ("failed", TARGET): (Step.GIVE_UP,),
    ("requested", REQUESTER): (Step.SEND,),
    ("entered-in-error", REQUESTER): (Step.VOID,),
}


def gravity_step(from_status: str, to_status: str, set_by: str) -> tuple[Move, ...]:
    """Read a Gravity transition as moves of ours, the first that the rules allow is meant.

    Gravity's requester cancels at once; ours withdraws what nobody took in, and otherwise asks,
    and the recipient confirms. Gravity's target may cancel; ours declines, or gives up.
    """
    if from_status == "(start)":
        return _started(to_status, set_by)
    before = _any_state() if from_status == "(any)" else from_gravity(from_status)
    if to_status == "cancelled":
        return _cancelled(before, set_by)
    party = _INITIATOR if set_by == REQUESTER else _RECIPIENT
    return tuple(
        Move(from_states=before, step=step, party=party, becomes=from_gravity(to_status))
        for step in _GRAVITY_STEPS.get((to_status, set_by), ())
    )


def _any_state() -> tuple[LegState, ...]:
    return tuple(state for state in S if state not in {S.NONE, S.ENTERED_IN_ERROR})


def _started(to_status: str, set_by: str) -> tuple[Move, ...]:
    if set_by != REQUESTER or to_status not in {"draft", "requested"}:
        return ()
    then = Step.SEND if to_status == "requested" else None
    return (
        Move(
            from_states=(S.NONE,),
            step=Step.CREATE,
            party=_INITIATOR,
            becomes=(S.DRAFT,),
            then=then,
        ),
    )


def _cancelled(before: tuple[LegState, ...], set_by: str) -> tuple[Move, ...]:
    if set_by == REQUESTER:
        withdraw = Move(
            from_states=before, step=Step.WITHDRAW, party=_INITIATOR, becomes=(S.CANCELLED,)
        )
        ask = Move(
            from_states=before,
            step=Step.REQUEST_CANCEL,
            party=_INITIATOR,
            becomes=(S.CANCEL_REQUESTED,),
            then=Step.CONFIRM_CANCEL,
        )
        return (withdraw, ask)
    return tuple(
        Move(from_states=before, step=step, party=_RECIPIENT, becomes=(state,))
        for step, state in ((Step.DECLINE, S.DECLINED), (Step.GIVE_UP, S.UNABLE))
    )
