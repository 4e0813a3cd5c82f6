"""What a patient's page says of a request and what it asks: pure tables.

Every answer is one of `heard.ANSWERS`, as a text's digit is: a claim, and no step. Source: the
design of links, "the patient's short link".
"""

from datetime import datetime
from enum import StrEnum

import msgspec

from service.domain import heard
from service.domain.heard import Answer
from service.domain.leg import LegState
from service.domain.patient_texts import Question
from service.domain.referral import ReferralState


class Stage(StrEnum):
    """Where a request stands, to the person it is for."""

    ON_ITS_WAY = "on_its_way"
    TAKEN_ON = "taken_on"
    WAITING_LIST = "waiting_list"
    BOOKED = "booked"
    DAY_OVER = "day_over"
    NEW_DAY = "new_day"
    BEING_HELPED = "being_helped"
    LOOKING = "looking"
    DONE = "done"
    CLOSED = "closed"


class PageFacts(msgspec.Struct, frozen=True, kw_only=True):
    """How a request stands, as the page reads it."""

    referral_state: str
    leg_state: str | None
    appointment_at: datetime | None
    now: datetime


_BY_ORDER = {
    ReferralState.CLOSED: Stage.CLOSED,
    ReferralState.NEEDS_ROUTING: Stage.LOOKING,
    ReferralState.AWAITING_REVIEW: Stage.DONE,
}
_BY_LEG = {
    LegState.ACCEPTED: Stage.TAKEN_ON,
    LegState.WAITLISTED: Stage.WAITING_LIST,
    LegState.SCHEDULED: Stage.BOOKED,
    LegState.NO_SHOW: Stage.NEW_DAY,
    LegState.APPT_CANCELLED: Stage.NEW_DAY,
    LegState.IN_SERVICE: Stage.BEING_HELPED,
    LegState.COMPLETED: Stage.DONE,
    LegState.ADDENDUM_REQUESTED: Stage.DONE,
}


def stage(facts: PageFacts) -> Stage:
    """Say where a request stands."""
    found = _BY_ORDER.get(ReferralState(facts.referral_state))
    if found is None and facts.leg_state is not None:
        found = _BY_LEG.get(LegState(facts.leg_state))
    if found is Stage.BOOKED and (facts.appointment_at is None or facts.appointment_at < facts.now):
        return Stage.DAY_OVER
    return found or Stage.ON_ITS_WAY


_HELPED = (Question.HELPED, Question.BARRIER)
_ASKS: dict[Stage, tuple[Question, ...]] = {
    Stage.ON_ITS_WAY: (Question.BARRIER,),
    Stage.LOOKING: (Question.BARRIER,),
    Stage.TAKEN_ON: _HELPED,
    Stage.WAITING_LIST: _HELPED,
    Stage.BOOKED: (Question.CONFIRM, Question.BARRIER),
    Stage.DAY_OVER: (Question.SEEN, *_HELPED),
    Stage.NEW_DAY: (Question.CONFIRM, Question.BARRIER),
    Stage.BEING_HELPED: _HELPED,
    Stage.DONE: _HELPED,
    Stage.CLOSED: _HELPED,
}
"""What the page asks at each stage; whatever was asked by text is asked here as well."""


def asked(at: Stage, *, open_question: str | None) -> tuple[Question, ...]:
    """List the questions of a page, the one that a text has asked first."""
    asks = _ASKS[at]
    if open_question is None:
        return asks
    first = Question(open_question)
    return (first, *(each for each in asks if each is not first))


_COMING = heard.ANSWERS[Question.CONFIRM, 1]


def answers(question: Question, at: Stage) -> tuple[int, ...]:
    """List the digits that answer a question; nobody confirms a day that is not booked."""
    return tuple(
        digit
        for (asks, digit), answer in heard.ANSWERS.items()
        if asks is question and (answer is not _COMING or at is Stage.BOOKED)
    )


def answer_of(given: str) -> tuple[Question, Answer] | None:
    """Read what a form of the page says, such as `helped-3`; None for what no form of ours says."""
    name, _, digit = given.partition("-")
    for (question, number), answer in heard.ANSWERS.items():
        if name == question and digit == str(number):
            return question, answer
    return None
