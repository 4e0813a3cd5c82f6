"""What somebody means who texts us: a few words in two languages, and one digit.

Who wants no more texts is understood before anything else, in any reasonable wording. Source: the
FCC's list of keywords and its rule on any reasonable means; the design of referrals.
"""

import re
import unicodedata
from enum import StrEnum

import msgspec

from service.domain.patient_texts import Question


class Meaning(StrEnum):
    """What a text to us means."""

    STOP = "stop"
    DECEASED = "deceased"
    WRONG_NUMBER = "wrong_number"
    START = "start"
    HELP = "help"
    CALL = "call"
    ANSWER = "answer"
    UNCLEAR = "unclear"


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """A meaning, and the digit of an answer; yes is 1, and no is 0 until the question is known."""

    meaning: Meaning
    digit: int | None = None


_STOP = frozenset(
    {"stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"}
    | {"opt out", "alto", "parar", "pare", "paren", "basta", "cancelar", "detener", "terminar"}
    | {"baja", "salir", "no mas", "no more"}
)
_STOP_WORDING = re.compile(
    r"^(please |por favor |pls )?stop\b"
    r"|\bstop (texting|messaging|sending|contacting|writing|these|this|it|the (texts|messages))\b"
    r"|\b(do not|dont|don t|never) (text|message|contact|write|send)\b"
    r"|\b(remove|delete|take) (me|my number)\b|\bno more (texts|messages)\b|\bleave me alone\b"
    r"|\bunsubscribe\b|\bopt (me )?out\b"
    r"|\bno (me |nos )?(escrib|mand|envi|text|contact|molest)[a-z]*\b"
    r"|\b(deje|dejen|deja|paren|pare) de [a-z]+(r|rme|rnos)\b"
    r"|\bno (quiero|deseo) (mas |recibir )+(mensajes|textos)?\b|\bno mas (mensajes|textos)\b"
    r"|\b(quiten|quite|borren|borre|saquen|saque)(me| mi numero)\b"
)
_DECEASED = re.compile(
    r"\b(died|deceased|passed away|is dead|fallecio|fallecid[oa]|murio|muert[oa]|ha muerto)\b"
)
_WRONG = re.compile(
    r"\bwrong (number|person)\b|\bnumero equivocado\b|\bpersona equivocada\b|^equivocad[oa]$"
    r"|\bnot my (number|name)\b|\byou have the wrong\b|\bno conozco a\b"
)
_START = frozenset({"start", "unstop", "empezar", "comenzar", "iniciar", "reanudar"})
_HELP = frozenset(
    {"help", "info", "ayuda", "informacion", "who is this", "who are you", "quien es", "quien eres"}
)
_CALL = re.compile(r"^(call|llamar|llame|llamen)$|\bcall me\b|\b(llamame|llameme|llamenme)\b")
_DIGIT = re.compile(r"([1-9])( .*)?")
_YES = frozenset({"yes", "y", "yeah", "yep", "si", "claro"})
_NO = frozenset({"no", "nope"})


def understand(text: str) -> Heard:
    """Say what a text means; whatever it holds, it means something."""
    words = _plain(text)
    if words in _STOP or _STOP_WORDING.search(words):
        return Heard(meaning=Meaning.STOP)
    for meaning, wording in (
        (Meaning.DECEASED, _DECEASED),
        (Meaning.WRONG_NUMBER, _WRONG),
        (Meaning.CALL, _CALL),
    ):
        if wording.search(words):
            return Heard(meaning=meaning)
    return _short(words)


def _short(words: str) -> Heard:
    if words in _START:
        return Heard(meaning=Meaning.START)
    if words in _HELP:
        return Heard(meaning=Meaning.HELP)
    if words in _YES or words in _NO:
        return Heard(meaning=Meaning.ANSWER, digit=1 if words in _YES else 0)
    found = _DIGIT.fullmatch(words)
    if found is not None:
        return Heard(meaning=Meaning.ANSWER, digit=int(found[1]))
    return Heard(meaning=Meaning.UNCLEAR)


def _plain(text: str) -> str:
    """Write a text in small letters without marks and signs, one space between words."""
    marks = unicodedata.normalize("NFKD", text).casefold()
    letters = "".join(each for each in marks if not unicodedata.combining(each))
    return " ".join(re.sub(r"[^a-z0-9\s]", " ", letters.replace("'", "")).split())


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What one digit says to one question: the claim it makes, and the work it opens.

    `against` are the outcomes and states of the agency that it contradicts; `then_asks` is the
    question that follows at once.
    """

    claim: str
    value: str
    opens: str | None = None
    against: frozenset[str] = frozenset()
    then_asks: Question | None = None


_SAYS_SEEN = frozenset({"in_service", "completed"})
_SAYS_MISSED = frozenset({"no_show"})
ANSWERS: dict[tuple[Question, int], Answer] = {
    (Question.CONFIRM, 1): Answer(claim="confirm", value="yes"),
    (Question.CONFIRM, 2): Answer(
        claim="confirm", value="another_time", opens="patient_wants_another_time"
    ),
    (Question.SEEN, 1): Answer(claim="seen", value="yes", against=_SAYS_MISSED),
    (Question.SEEN, 2): Answer(
        claim="seen", value="no", against=_SAYS_SEEN, then_asks=Question.BARRIER
    ),
    (Question.HELPED, 1): Answer(claim="helped", value="yes"),
    (Question.HELPED, 2): Answer(claim="helped", value="partly"),
    (Question.HELPED, 3): Answer(
        claim="helped", value="no", opens="patient_was_not_helped", against=_SAYS_SEEN
    ),
    (Question.BARRIER, 1): Answer(claim="barrier", value="ride", opens="patient_needs_ride"),
    (Question.BARRIER, 2): Answer(claim="barrier", value="cost", opens="patient_has_cost"),
    (Question.BARRIER, 3): Answer(
        claim="barrier", value="not_reached", opens="patient_could_not_reach"
    ),
    (Question.BARRIER, 4): Answer(
        claim="barrier", value="not_needed", opens="patient_no_longer_needs"
    ),
}
"""Every answer by one digit. None of them moves a leg."""

_LAST = {Question.CONFIRM: 2, Question.SEEN: 2, Question.HELPED: 3}


def answer(question: Question, digit: int) -> Answer | None:
    """Find what a digit says to a question; a plain no is its last answer, where it has one."""
    return ANSWERS.get((question, digit or _LAST.get(question, 0)))


def contradicts(said: Answer, leg_state: str | None) -> bool:
    """Say whether a claim says the opposite of what the agency has said."""
    return leg_state in said.against


CONTRADICTS = "patient_contradicts"
"""The work that a claim opens which says the opposite of what the agency has said."""


AGAINST = [
    (said.claim, said.value, state) for said in ANSWERS.values() for state in sorted(said.against)
]
"""Each claim with each state of a leg that says its opposite."""


def opened(said: Answer, *, against: bool) -> tuple[str, ...]:
    """List the work that a claim opens."""
    own = (said.opens,) if said.opens is not None else ()
    return (*own, CONTRADICTS) if against else own


def spelled(kind: str, value: str) -> Answer | None:
    """Find the answer that a kept claim was."""
    for said in ANSWERS.values():
        if (said.claim, said.value) == (kind, value):
            return said
    return None
