"""Why is this open: one plain sentence, for every state, in both languages."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest

from service.domain import sentences, why
from service.domain.leg import LIVE, LegState
from service.domain.referral import OPEN, ReferralState
from service.domain.why import WhyLeg, WhyTimer, WhyView

EAST = ZoneInfo("America/New_York")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=EAST).astimezone(UTC)


MONDAY = at("2026-10-26 10:00")
TUESDAY_NIGHT = at("2026-10-27 20:00")
TIMER = WhyTimer(
    next_at=at("2026-10-29 09:00"), moves_at=at("2026-10-30 17:00"), moves_to="Ana Ruiz"
)
LEG = WhyLeg(recipient="Harbor Food Bank", state=LegState.SENT, since=MONDAY, timer=TIMER)
VIEW = WhyView(
    state=ReferralState.WITH_RECIPIENT,
    since=MONDAY,
    sender="Eastside Clinic",
    owner="Dana Lee",
    now=TUESDAY_NIGHT,
    zone="America/New_York",
    legs=(LEG,),
)


def told(*, language: str = "en", leg: dict[str, object] | None = None, **changes: object) -> str:
    view = VIEW
    if leg is not None:
        view = msgspec.structs.replace(view, legs=(msgspec.structs.replace(LEG, **leg),))
    return why.why_open(msgspec.structs.replace(view, **changes), language=language)


def test_the_sentence_says_whose_turn_it_is_since_when_and_what_happens_next():
    assert told(now=at("2026-10-28 20:00")) == (
        "Harbor Food Bank has not answered since Monday; we ask again tomorrow 9:00;"
        " Friday it moves to Ana Ruiz."
    )


def test_and_says_it_in_spanish():
    assert told(language="es") == (
        "Harbor Food Bank no ha respondido desde ayer; volvemos a preguntar el jueves a las 9:00;"
        " el viernes pasa a Ana Ruiz."
    )


def test_an_unknown_language_is_answered_in_english():
    assert told(language="fr") == told(language="en")


@pytest.mark.parametrize("language", sentences.LANGUAGES)
@pytest.mark.parametrize("state", LIVE)
def test_every_live_state_has_a_sentence_of_its_own_turn(state: LegState, language: str):
    text = told(language=language, leg={"state": state})
    assert "Harbor Food Bank" in text
    assert "{" not in text
    assert text.endswith(".")
    assert text.count(".") == 1


@pytest.mark.parametrize("language", sentences.LANGUAGES)
def test_the_states_read_differently(language: str):
    seen = {told(language=language, leg={"state": state}) for state in LIVE}
    # Sent and received wait for the same answer.
    assert len(seen) == len(LIVE) - 1


def test_where_the_referrer_owes_something_the_owner_is_reminded():
    text = told(leg={"state": LegState.NEEDS_INFO})
    assert text.startswith("Harbor Food Bank has waited for information from Eastside Clinic")
    assert "we remind Dana Lee Thursday 9:00" in text


def test_a_coming_visit_is_named_and_a_past_one_asked_after():
    coming = {"state": LegState.SCHEDULED, "appointment_at": at("2026-11-20 14:30")}
    assert told(leg=coming).startswith("Harbor Food Bank sees the patient November 20 14:30;")
    past = coming | {"appointment_at": at("2026-10-26 14:30")}
    assert told(leg=past).startswith(
        "Harbor Food Bank has not said whether the patient was seen yesterday;"
    )


@pytest.mark.parametrize(
    ("state", "start"),
    [
        (ReferralState.AWAITING_REVIEW, "An outcome is back and Dana Lee has not reviewed it"),
        (ReferralState.NEEDS_ROUTING, "Nobody has been working on it since yesterday and Dana"),
        (ReferralState.WITH_RECIPIENT, "Nobody has been working on it since yesterday and Dana"),
    ],
)
def test_without_a_live_leg_the_referral_speaks_for_itself(state: ReferralState, start: str):
    ended = msgspec.structs.replace(LEG, state=LegState.DECLINED)
    text = told(state=state, legs=(ended,), timer=TIMER)
    assert text.startswith(start)
    assert "we remind Dana Lee Thursday 9:00; Friday it moves to Ana Ruiz." in text


@pytest.mark.parametrize("state", sorted(set(ReferralState) - set(OPEN)))
def test_what_is_not_open_needs_no_reason(state: ReferralState):
    assert told(state=state) == ""


def test_of_several_recipients_the_one_whose_timer_rings_first_is_named():
    later = WhyTimer(next_at=at("2026-11-03 09:00"))
    legs = (
        msgspec.structs.replace(LEG, recipient="Slow", timer=later),
        msgspec.structs.replace(LEG, recipient="Without", timer=None),
        LEG,
    )
    assert told(legs=legs).startswith("Harbor Food Bank has not answered")
    assert told(legs=legs).endswith("; 2 more recipients are working on it.")
    assert told(legs=legs[1:]).endswith("; 1 more recipient is working on it.")
    assert told(legs=legs[1:], language="es").endswith("; lo atiende 1 destinatario más.")


def test_without_a_timer_a_task_stands_in_and_it_need_not_be_the_owners():
    assert told(leg={"timer": None}).endswith("; it is on the task list.")


def test_a_timer_that_is_due_rings_now_and_may_move_to_nobody_by_name():
    due = WhyTimer(next_at=TUESDAY_NIGHT, moves_at=TUESDAY_NIGHT - timedelta(hours=1))
    assert told(leg={"timer": due}).endswith("; we ask again now; today it moves to a coordinator.")


@pytest.mark.parametrize(
    ("since", "words"),
    [
        ("2026-10-27 08:00", "since today"),
        ("2026-10-22 08:00", "since Thursday"),
        ("2026-10-20 08:00", "since October 20"),
        ("2025-10-20 08:00", "since October 20, 2025"),
    ],
)
def test_days_are_named_as_people_name_them(since: str, words: str):
    assert f"{words};" in told(leg={"since": at(since)})


def test_a_day_is_the_readers_day():
    assert "since Tuesday" in told(
        leg={"since": at("2026-10-26 23:30")},
        zone="Pacific/Auckland",
        now=at("2026-10-28 23:30"),
    )


def test_a_timer_that_moves_nothing_ends_the_sentence_with_itself():
    timer = WhyTimer(next_at=at("2026-10-29 09:00"))
    assert told(leg={"timer": timer}).endswith("; we ask again Thursday 9:00.")
