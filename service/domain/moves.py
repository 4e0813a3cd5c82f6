"""How a step changes the columns of a leg: who took it, what is expected, what came of it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from service.domain import leg as legs
from service.domain.details import Details
from service.domain.facts import LegFacts
from service.domain.leg import LegState
from service.domain.rules import RX, Rule, Step

Fields = dict[str, Any]
_Mover = Callable[[LegFacts, Details, datetime], Fields]


def moved(leg: LegFacts, rule: Rule, *, details: Details, now: datetime) -> LegFacts:
    """Return the leg as it stands after a rule was used on it; its version grows by one."""
    becomes = LegState(rule.becomes)
    fields: Fields = {"state": becomes, "version": leg.version + 1}
    if rule.party in RX and rule.step is not Step.CREATE and leg.received_at is None:
        # Any answer of the recipient implies that a person took it in (L02).
        fields["received_at"] = now
    if becomes in legs.TERMINAL:
        fields |= {"ended_at": now, "reason": details.reason, "ask_open": False}
    fields |= _MOVES.get(rule.step, _nothing)(leg, details, now)
    if rule.step is Step.UNDO:
        fields |= _back(leg, becomes)
    return msgspec.structs.replace(leg, **fields)


def _nothing(leg: LegFacts, details: Details, now: datetime) -> Fields:
    return {}


def _send(leg: LegFacts, details: Details, now: datetime) -> Fields:
    return {"sent_at": now}


def _recall(leg: LegFacts, details: Details, now: datetime) -> Fields:
    return {"sent_at": None, "answer_due_at": None}


def _ask(leg: LegFacts, details: Details, now: datetime) -> Fields:
    return {"asked_at": now, "ask_open": True}


def _supply(leg: LegFacts, details: Details, now: datetime) -> Fields:
    return {"ask_open": False, "ask_due_at": None}


def _accept(leg: LegFacts, details: Details, now: datetime) -> Fields:
    return {
        "accepted_at": now,
        "expected_by": details.expected_by,
        "owner_member_id": details.owner_member_id,
        "ask_open": False,
        "ask_due_at": None,
    }


def _waitlist(leg: LegFacts, details: Details, now: datetime) -> Fields:
    return {
        "waitlist_position": details.waitlist_position,
        "expected_by": details.expected_on or leg.expected_by,
        "next_check_on": details.next_check_on or details.expected_on,
    }


def _schedule(leg: LegFacts, details: Details, now: datetime) -> Fields:
    return {
        "appointment_at": details.starts_at,
        "appointment_ends_at": details.ends_at or details.starts_at,
    }


def _start(leg: LegFacts, details: Details, now: datetime) -> Fields:
    return {"service_on": details.service_on, "next_report_on": details.next_report_on}


def _complete(leg: LegFacts, details: Details, now: datetime) -> Fields:
    return {
        "outcome": details.outcome,
        "need_met": details.need_met,
        "service_on": details.service_on or leg.service_on,
        "completed_at": now,
        "reviewed_at": None,
        "ask_open": False,
    }


def _addendum(leg: LegFacts, details: Details, now: datetime) -> Fields:
    return {"completed_at": now, "reviewed_at": None}


def _attempt(leg: LegFacts, details: Details, now: datetime) -> Fields:
    return {"attempts": leg.attempts + 1}


def _request_cancel(leg: LegFacts, details: Details, now: datetime) -> Fields:
    # What was asked for is not wanted any more; its clock must not ring on.
    return {"ask_open": False, "ask_due_at": None}


def _back(leg: LegFacts, becomes: LegState) -> Fields:
    """Take back what an answer wrote, to the letter; an undone no-show wrote nothing."""
    if becomes not in legs.UNANSWERED:
        return {}
    return {
        "ended_at": None,
        "reason": None,
        "accepted_at": None,
        "owner_member_id": None,
        "expected_by": None,
        "received_at": None if becomes is LegState.SENT else leg.received_at,
        "ask_open": becomes is LegState.NEEDS_INFO,
    }


_MOVES: dict[Step, _Mover] = {
    Step.SEND: _send,
    Step.RECALL: _recall,
    Step.ASK: _ask,
    Step.SUPPLY: _supply,
    Step.ACCEPT: _accept,
    Step.WAITLIST: _waitlist,
    Step.SCHEDULE: _schedule,
    Step.START: _start,
    Step.COMPLETE: _complete,
    Step.ADDENDUM: _addendum,
    Step.REQUEST_CANCEL: _request_cancel,
    Step.LOG_ATTEMPT: _attempt,
}
