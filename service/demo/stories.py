"""Forty referrals, each a line of what happened: who asks whom for what, and step after step.

An act is ``step@ago[:word...]``; ago is ``6d`` or ``3h`` before today, or ``+5m`` after the act
before it. ``2/`` before a step names the second leg; the newest is meant otherwise. ``fax.`` marks
an answer that came by fax and was entered by the sender's staff.
"""

import msgspec

from service.domain.people import Mode, Priority, Request, SensitivityClass


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """One referral of the demo; `begins` is when it was written, `patient` a number (0: María)."""

    sender: str
    offers: tuple[str, ...]
    patient: int
    begins: str
    question: str
    acts: str = ""
    codes: tuple[str, ...] = ()
    priority: Priority = Priority.ROUTINE
    mode: Mode = Mode.FIRST_ACCEPTS
    request: Request = Request.SERVICE
    sensitivity: SensitivityClass = SensitivityClass.GENERAL
    consent: str = ""


_FOOD = "Can you help this family with groceries for the next weeks?"
_HEART = "Palpitations on exertion for two months. Is this the heart?"
_TALK = "Low mood since a loss in spring. Can you take this patient on?"
_RIDE = "No car, dialysis three times a week. Can you bring them?"
_RENT = "Two months behind with the rent, notice received. Can you help?"
_ECHO = "New murmur. Is the valve the reason?"
_N, _R, _B, _C = "northside", "riverbend", "bridgeway", "cascade"
_CARDIAC = {"codes": ("R00.2",), "request": Request.CONSULT}
_VALVE = {"codes": ("R01.1",), "request": Request.CONSULT}
_MIND = {"sensitivity": SensitivityClass.BEHAVIORAL, "request": Request.CONSULT_AND_TREAT}


def _story(
    sender: str,
    offers: str,
    patient: int,
    begins: str,
    question: str,
    acts: str = "",
    **more: object,
) -> Story:
    return Story(
        sender=sender,
        offers=tuple(offers.split()),
        patient=patient,
        begins=begins,
        question=question,
        acts=acts,
        **more,  # type: ignore[arg-type]
    )


_BEGUN = (
    _story(_N, "cardio", 1, "2h", _HEART, **_CARDIAC),
    _story(_R, "rides", 2, "3d", _RIDE, "discard@2d"),
    # These three are fresh: their mails are in the development outbox a moment after the start.
    _story(_N, "food", 3, "3h", _FOOD, "send@2h"),
    _story(_N, "housing", 0, "2h", _RENT, "send@1h", priority=Priority.URGENT),
    _story(_R, "despensa", 4, "90m", _FOOD, "send@1h"),
    _story(_N, "cardio", 5, "6h", _HEART, "send@5h", **_CARDIAC),
    # Nobody at the food bank has answered this one: it is overdue.
    _story(_N, "food", 6, "12d", _FOOD, "send@12d"),
    _story(_N, "cardio", 7, "1d", _HEART, "send@1d receive@3h", **_CARDIAC),
    _story(_N, "echo", 8, "1d", _ECHO, "send@1d ask@4h:Report_of_the_last_echo", **_VALVE),
    _story(_R, "cardio", 9, "2d", _HEART, "send@2d ask@1d supply@4h", **_CARDIAC),
)

_WORKING = (
    _story(_N, "food", 10, "1d", _FOOD, "send@1d accept@3h"),
    _story(_R, "cardio", 11, "3d", _HEART, "send@3d accept@2d ask@1d:Medication_list", **_CARDIAC),
    _story(_N, "counseling", 12, "6d", _TALK, "send@6d accept@5d waitlist@3d:7", **_MIND),
    _story(_R, "housing", 13, "4d", _RENT, "send@4d accept@3d waitlist@2d:2"),
    _story(_N, "cardio", 14, "5d", _HEART, "send@5d accept@4d schedule@3d:9", **_CARDIAC),
    _story(_N, "rides", 15, "2d", _RIDE, "send@2d accept@1d schedule@5h:1:phone"),
    _story(_N, "echo", 16, "9d", _ECHO, "send@9d accept@8d schedule@7d:6 no_show@2h", **_VALVE),
    _story(
        _R, "cardio", 17, "12d", _HEART,
        "send@12d accept@11d schedule@10d:6 no_show@3d schedule@2d:8", **_CARDIAC,
    ),
    _story(
        _N, "cardio", 18, "7d", _HEART,
        "send@7d accept@6d schedule@5d:9 cancel_appointment@1d:patient", **_CARDIAC,
    ),
    _story(
        _N, "counseling", 19, "20d", _TALK, "send@20d accept@18d schedule@15d:6 start@8d", **_MIND
    ),
    _story(_R, "housing", 9, "9d", _RENT, "send@9d accept@7d start@3d"),
    _story(
        _N, "cardio", 3, "4d", _HEART, "send@4d receive@3d request_cancel@5h:no_longer_needed",
        **_CARDIAC,
    ),
)  # fmt: skip

_RETURNED = (
    _story(
        _N, "cardio", 5, "25d", _HEART, "send@25d accept@24d schedule@23d:14 complete@1d",
        **_CARDIAC,
    ),
    _story(_N, "food", 7, "6d", _FOOD, "send@6d accept@5d complete@1d:served:partly"),
    _story(
        _R, "cardio", 4, "22d", _HEART,
        "send@22d accept@21d schedule@20d:12 complete@6d request_addendum@1d", **_CARDIAC,
    ),
    _story(
        _N, "cardio", 8, "30d", _HEART,
        "send@30d accept@29d schedule@28d:15 complete@9d request_addendum@7d addendum@1d",
        **_CARDIAC,
    ),
    _story(_N, "food", 10, "35d", _FOOD, "send@35d accept@34d complete@30d review@28d"),
    _story(
        _R, "cardio", 2, "60d", _HEART,
        "send@60d accept@58d schedule@57d:14 complete@42d review@40d", **_CARDIAC,
    ),
    _story(
        _N, "rides", 15, "45d", _RIDE,
        "send@45d accept@44d complete@30d:partly_served:partly review@27d",
    ),
    # A specialist who works on paper: the office faxed, the clinic's staff filed it.
    _story(
        _N, "cardio", 1, "40d", _HEART,
        "send@40d fax.accept@37d fax.schedule@37d:10 fax.complete@20d review@18d", **_CARDIAC,
    ),
)  # fmt: skip

_TURNED = (
    _story(_R, "housing", 6, "3d", _RENT, "send@3d decline@1d:no_capacity"),
    _story(
        _N, "food", 0, "5d", _FOOD,
        "send@5d decline@3d:out_of_area add_leg@2d:despensa accept@1d",
    ),
    _story(_N, "counseling", 13, "8d", _TALK, "send@8d redirect@4d:talk accept@2d", **_MIND),
    _story(
        _R, "housing", 12, "50d", _RENT,
        "send@50d accept@48d give_up@40d:could_not_contact"
        " close_without_service@36d:could_not_be_reached",
    ),
    _story(
        _N, "food", 14, "16d", _FOOD,
        "send@16d log_attempt@9d log_attempt@7d log_attempt@5d:left_message"
        " end_unresponsive@1d:unresponsive",
    ),
    # Two were asked and the first to accept has it: the other has nothing to do any more.
    _story(
        _N, "food despensa", 16, "4d", _FOOD, "send@4d 2/receive@3d 2/accept@2d"
    ),
    _story(
        _N, "cardio", 11, "2d", _HEART,
        "send@2d accept@+20m schedule@+15m:2", priority=Priority.EMERGENT, consent="emergency",
        **_CARDIAC,
    ),
    _story(
        _B, "primary", 17, "10d", "On buprenorphine since March. Can you look after the rest?",
        "send@10d receive@9d accept@8d schedule@7d:12", request=Request.CONSULT_AND_TREAT,
        sensitivity=SensitivityClass.PART2, consent="part2_consent",
    ),
    _story(_N, "cardio", 18, "3d", _HEART, "send@3d receive@2d void@1d:wrong_patient", **_CARDIAC),
    _story(
        _R, "food despensa", 19, "30d", _FOOD,
        "send@30d 1/accept@28d 1/undo@+6m 1/decline@27d:no_capacity 2/withdraw@26d:duplicate"
        " close_without_service@24d:no_service_available"
        " reopen@1d:still_hungry",
    ),
)  # fmt: skip

STORIES = (*_BEGUN, *_WORKING, *_RETURNED, *_TURNED)
"""All forty."""
