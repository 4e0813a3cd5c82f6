"""What people mean who text us: stop before all else, and always something."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain import heard
from service.domain.heard import Meaning
from service.domain.patient_texts import Question

STOPS = (
    *("STOP", "Stop.", "stop please", "STOPALL", "unsubscribe", "CANCEL", "end", "Quit", "REVOKE"),
    *("OPTOUT", "OPT OUT", "opt-out", "Alto", "PARAR", "¡Basta!", "no más", "cancelar"),
    *("please stop texting me", "Don't text me", "do not contact me again", "remove me"),
    *("no me escriban más", "No me manden mensajes", "dejen de escribirme", "quítenme"),
    *("No quiero más mensajes", "no more texts", "por favor no me envíen nada"),
)
NOT_STOPS = (
    *("I need to cancel my appointment", "quiero cancelar la cita del lunes", "weekend", "1"),
    *("can you send me the address", "I could not reach them", "no", "help me please"),
)


@pytest.mark.parametrize("text", STOPS)
def test_whoever_wants_no_more_texts_is_understood(text: str) -> None:
    assert heard.understand(text).meaning is Meaning.STOP


@pytest.mark.parametrize("text", NOT_STOPS)
def test_whoever_wants_something_else_is_not_silenced(text: str) -> None:
    assert heard.understand(text).meaning is not Meaning.STOP


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("HELP", Meaning.HELP),
        ("ayuda", Meaning.HELP),
        ("¿Quién es?", Meaning.HELP),
        ("wrong number", Meaning.WRONG_NUMBER),
        ("Número equivocado", Meaning.WRONG_NUMBER),
        ("CALL", Meaning.CALL),
        ("Llámenme por favor", Meaning.CALL),
        ("Mi mamá falleció", Meaning.DECEASED),
        ("she passed away last week", Meaning.DECEASED),
        ("START", Meaning.START),
        ("unstop", Meaning.START),
        ("hmm", Meaning.UNCLEAR),
        ("", Meaning.UNCLEAR),
    ],
)
def test_each_wish_is_understood_in_both_languages(text: str, meaning: Meaning) -> None:
    assert heard.understand(text).meaning is meaning


@pytest.mark.parametrize(
    ("text", "digit"), [("1", 1), ("2.", 2), ("3 no", 3), ("Sí", 1), ("no", 0)]
)
def test_one_digit_is_an_answer(text: str, digit: int) -> None:
    said = heard.understand(text)
    assert (said.meaning, said.digit) == (Meaning.ANSWER, digit)


@given(st.text(max_size=400))
def test_every_text_means_something(text: str) -> None:
    assert heard.understand(text).meaning in Meaning


@given(
    st.sampled_from([each for each in STOPS if " " not in each]),
    st.sampled_from(["", " ", "\n", "!", "...", "  \t"]),
    st.booleans(),
)
def test_a_stop_is_one_however_it_is_spelled(word: str, tail: str, shout: bool) -> None:
    spelled = (word.upper() if shout else word.lower()) + tail
    assert heard.understand(spelled).meaning is Meaning.STOP


@given(st.integers(min_value=0, max_value=9), st.sampled_from(Question))
def test_an_answer_says_something_to_its_question_or_nothing(
    digit: int, question: Question
) -> None:
    found = heard.answer(question, digit)
    assert found is None or (question, digit or heard._LAST[question]) in heard.ANSWERS
