"""What a word of a story means: the step with all that it must carry, and who takes it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from service.actions.orders import Document, Wish, Words
from service.demo.people import ZONE
from service.domain.details import Details
from service.domain.rules import Step

CONSULT_NOTE = "11488-4"
"""The LOINC code of a consult note."""


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """When an act happens, and the words after its colons."""

    now: datetime
    words: tuple[str, ...] = ()

    def word(self, place: int, otherwise: str) -> str:
        """Return the word at a place, or what is meant without one."""
        return self.words[place] if len(self.words) > place else otherwise

    def day(self, days: int) -> Any:
        """Return the local day so many days later."""
        return (self.now.astimezone(ZoneInfo(ZONE)) + timedelta(days=days)).date()

    def morning(self, days: int) -> datetime:
        """Return ten o'clock, local time, so many days later."""
        local = self.now.astimezone(ZoneInfo(ZONE)) + timedelta(days=days)
        return local.replace(hour=10, minute=0, second=0, microsecond=0)


_OWNER = "Marisol Vega"
_Maker = Callable[[Moment], tuple[Details, Words]]


def _plain(at: Moment) -> tuple[Details, Words]:
    return Details(), Words()


def _reason(at: Moment) -> tuple[Details, Words]:
    reason = at.word(0, "no_longer_needed")
    comment = at.word(1, "").replace("_", " ") or None
    return Details(reason=reason, attempts=2, patient_informed=True), Words(comment=comment)


def _ask(at: Moment) -> tuple[Details, Words]:
    items = (at.word(0, "Last_ECG").replace("_", " "),)
    return Details(due_on=at.day(3)), Words(items=items)


def _supply(at: Moment) -> tuple[Details, Words]:
    return Details(), Words(items=("Sent by fax this morning",))


def _accept(at: Moment) -> tuple[Details, Words]:
    return Details(expected_by=at.day(7)), Words(owner_name=_OWNER)


def _waitlist(at: Moment) -> tuple[Details, Words]:
    position = int(at.word(0, "4"))
    return Details(waitlist_position=position, expected_on=at.day(21)), Words()


def _schedule(at: Moment) -> tuple[Details, Words]:
    starts = at.morning(int(at.word(0, "5")))
    return (
        Details(
            starts_at=starts,
            ends_at=starts + timedelta(minutes=40),
            time_zone=ZONE,
            modality=at.word(1, "in_person"),
        ),
        Words(),
    )


def _cancel_appointment(at: Moment) -> tuple[Details, Words]:
    return Details(by_whom=at.word(0, "patient"), reason="ill"), Words()


def _start(at: Moment) -> tuple[Details, Words]:
    return Details(service_on=at.day(0), next_report_on=at.day(14)), Words()


def _complete(at: Moment) -> tuple[Details, Words]:
    outcome, met = at.word(0, "served"), at.word(1, "yes")
    plain = outcome in ("served", "referred_onward")
    comment = None if plain else "They came once; we gave what we had."
    return Details(outcome=outcome, need_met=met, service_on=at.day(0)), Words(comment=comment)


def _missing(at: Moment) -> tuple[Details, Words]:
    return Details(), Words(comment="Please add the dose that you recommend.")


def _attempt(at: Moment) -> tuple[Details, Words]:
    return Details(attempt_result=at.word(0, "no_answer")), Words()


_MAKERS: dict[Step, _Maker] = {
    Step.ASK: _ask,
    Step.SUPPLY: _supply,
    Step.ACCEPT: _accept,
    Step.DECLINE: _reason,
    Step.GIVE_UP: _reason,
    Step.REQUEST_CANCEL: _reason,
    Step.WITHDRAW: _reason,
    Step.VOID: _reason,
    Step.REOPEN: _reason,
    Step.CLOSE_WITHOUT_SERVICE: _reason,
    Step.END_UNRESPONSIVE: _reason,
    Step.WAITLIST: _waitlist,
    Step.SCHEDULE: _schedule,
    Step.CANCEL_APPOINTMENT: _cancel_appointment,
    Step.START: _start,
    Step.COMPLETE: _complete,
    Step.REQUEST_ADDENDUM: _missing,
    Step.LOG_ATTEMPT: _attempt,
}

SENDERS = frozenset(
    {
        Step.SEND,
        Step.SUPPLY,
        Step.REDIRECT,
        Step.REQUEST_CANCEL,
        Step.WITHDRAW,
        Step.REQUEST_ADDENDUM,
        Step.DROP_ADDENDUM,
        Step.DISCARD,
        Step.ADD_LEG,
        Step.CLOSE_WITHOUT_SERVICE,
        Step.REVIEW,
        Step.REOPEN,
    }
)
"""Steps of the referring side."""

COORDINATORS = frozenset({Step.LOG_ATTEMPT, Step.END_UNRESPONSIVE, Step.VOID})
"""Steps that the network's coordinator takes in these stories."""

OF_THE_ORDER = frozenset(
    {
        Step.SEND,
        Step.DISCARD,
        Step.ADD_LEG,
        Step.CLOSE_WITHOUT_SERVICE,
        Step.REVIEW,
        Step.REOPEN,
        Step.VOID,
    }
)
"""Steps on the referral; the others are on a leg."""

_WITH_NOTE = frozenset({Step.COMPLETE, Step.ADDENDUM})


def wish(step: Step, at: Moment, *, note: bool, author: str) -> Wish:
    """Fill in what a step must carry; `note` says that this service wants a consult note."""
    details, words = _MAKERS.get(step, _plain)(at)
    document = None
    if step in _WITH_NOTE and (note or step is Step.ADDENDUM):
        document = Document(
            type_code=CONSULT_NOTE,
            title="Consult note",
            text=_NOTE if step is Step.COMPLETE else _ADDENDUM,
            author=author,
            written_on=at.day(0),
        )
    return Wish(step=step, details=details, words=words, document=document)


_NOTE = (
    "Seen today. Blood pressure 138/84, regular rhythm, no murmur. ECG without acute change."
    " Plan: continue the present treatment, see the clinic in three months, come back at once"
    " with chest pain at rest."
)
_ADDENDUM = "Addendum: start with half a tablet in the morning, a whole one after two weeks."
