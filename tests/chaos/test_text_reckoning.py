"""The count of texts after a crash test sees every way in which a promise to a phone breaks."""

from typing import Any
from uuid import UUID

import msgspec
import pytest

from tests.chaos import callbacks, text_reckoning
from tests.chaos.exchange import Texted, Written
from tests.chaos.reckoning import Verdict
from tests.chaos.text_reckoning import Outside, TextLedger

ONE, NUMBER, PHONE = UUID(int=1), UUID(int=2), "+15032000001"
REFERENCE, REPLY = "a" * 32, "b" * 32
IN = "twilio IN1"
DELIVERED = "twilio SM1aaaaaaaa:delivered"


def text(reference: str, **changed: Any) -> dict[str, Any]:
    row = {
        "reference": reference,
        "delivery": "delivered" if reference == REFERENCE else "sent",
        "attempted": 50.0,
        "reply": reference == REPLY,
        "state": "done",
        "code": "sent",
    }
    return row | changed


def taking(**changed: Any) -> Texted:
    one = Texted(at=51.0, moment=1.0, number=PHONE, digest="x", provider="twilio")
    return msgspec.structs.replace(one, **changed)


def said(**changed: Any) -> Written:
    one = Written(number=PHONE, words="STOP", stops=True, at=60.0, kept_at=61.0)
    return msgspec.structs.replace(one, **changed)


LEDGER = TextLedger(
    events=[
        {"referral_id": ONE, "seq": 2, "machine": "referral", "step": "send", "texts": 1},
        {"referral_id": ONE, "seq": 3, "machine": "leg", "step": "schedule", "texts": 4},
        {"referral_id": ONE, "seq": 4, "machine": "leg", "step": "ask", "texts": 0},
    ],
    sent={REFERENCE: text(REFERENCE), REPLY: text(REPLY)},
    silent=[],
    inbound={IN: {"event": IN, "outcome": "heard", "meaning": "stop", "number_id": NUMBER}},
    replies=[{"number_id": NUMBER, "code": "stop_done", "times": 1}],
    receipts={DELIVERED: {"event": DELIVERED, "reference": REFERENCE, "applied": True}},
    asleep=0,
)
CALL = callbacks.receipt(
    "twilio",
    "SM1",
    REFERENCE,
    "delivered",
    code="",
    text={"StatusCallback": f"https://chaos.example/hooks/sms/twilio/receipts?ref={REFERENCE}"},
)
OUTSIDE = Outside(
    taken={REFERENCE: [taking()], REPLY: [taking(at=70.0)]},
    reported={DELIVERED: CALL},
    written={IN: said()},
    at_night=frozenset(),
)


def reckon(outside: Outside = OUTSIDE, **changed: Any) -> Verdict:
    verdict = Verdict()
    text_reckoning.reckon(verdict, msgspec.structs.replace(LEDGER, **changed), outside)
    return verdict


def seen(**changed: Any) -> Outside:
    return msgspec.structs.replace(OUTSIDE, **changed)


def test_a_good_run_has_nothing_wrong_with_texts():
    assert reckon().wrongs() == []


@pytest.mark.parametrize(("texts", "what"), [(3, "lost"), (5, "doubled")])
def test_a_step_promises_its_texts_once(texts, what):
    events = [*LEDGER.events[:1], LEDGER.events[1] | {"texts": texts}]
    assert getattr(reckon(events=events), what)


def test_a_text_that_ended_unsaid_without_a_reason_is_lost():
    assert reckon(silent=[{"id": ONE, "code": "sent", "why": "no_consent"}]).lost


def test_a_text_that_is_done_and_never_came_is_lost_unless_nobody_answered_for_it():
    without = seen(taken={REPLY: OUTSIDE.taken[REPLY]}, reported={})
    nothing = {"receipts": {}}
    sent = {REFERENCE: text(REFERENCE, delivery="sent"), REPLY: text(REPLY)}
    assert reckon(without, sent=sent, **nothing).lost
    sent[REFERENCE] = text(REFERENCE, delivery="unknown")
    assert reckon(without, sent=sent, **nothing).wrongs() == []


def test_a_text_nobody_recorded_is_half_and_other_words_or_the_night_are_broken():
    assert reckon(seen(taken={**OUTSIDE.taken, "c" * 32: [taking()]})).half
    twice = {**OUTSIDE.taken, REFERENCE: [taking(), taking(digest="y")]}
    assert reckon(seen(taken=twice)).broken
    assert reckon(seen(at_night=frozenset({PHONE}))).broken


def test_what_a_phone_said_is_kept_heard_and_answered_once():
    assert reckon(inbound={}).lost
    given_up = LEDGER.inbound[IN] | {"outcome": "given_up", "meaning": None}
    assert reckon(inbound={IN: given_up}).lost
    assert reckon(replies=[]).lost
    assert reckon(replies=[LEDGER.replies[0] | {"times": 2}]).doubled
    assert reckon(seen(written={})).half
    assert reckon(inbound={IN: LEDGER.inbound[IN] | {"meaning": "call"}}).broken


def test_what_became_of_a_text_is_kept_and_applied_and_moves_it():
    assert reckon(receipts={}).lost
    unread = LEDGER.receipts[DELIVERED] | {"applied": False}
    assert reckon(receipts={DELIVERED: unread}).lost
    assert reckon(sent={**LEDGER.sent, REFERENCE: text(REFERENCE, delivery="sent")}).broken
    assert reckon(seen(reported={})).half


def test_a_text_begun_after_a_stop_was_kept_is_broken_until_start():
    def late(at: float) -> dict[str, Any]:
        return {**LEDGER.sent, REFERENCE: text(REFERENCE, attempted=at)}

    assert reckon(sent=late(62.0)).wrongs() == []
    assert reckon(sent=late(66.0)).broken
    started = said(words="START", stops=False, starts=True, at=65.0, kept_at=65.1)
    heard = LEDGER.inbound[IN] | {"meaning": "start"}
    both = {"inbound": {**LEDGER.inbound, "twilio IN2": heard}, "sent": late(66.0)}
    assert reckon(seen(written={IN: said(), "twilio IN2": started}), **both).wrongs() == []


def test_the_answer_to_a_stop_may_follow_it():
    assert reckon(sent={**LEDGER.sent, REPLY: text(REPLY, attempted=90.0)}).wrongs() == []
