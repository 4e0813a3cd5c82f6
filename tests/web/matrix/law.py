"""What a cell should come to, worked out from the access table and from nothing else."""

from enum import StrEnum

import msgspec

from service.domain import policy
from service.domain.people import Capacity, SensitivityClass
from service.domain.policy import Action, Allow, Deny, DenyReason, Obligation, Purpose, Resource
from service.web.page_visits import ACTIONS as OF_PAGES
from service.web.routing import Operation
from service.web.visits import ACTIONS as OF_VISITS
from tests.web.matrix.callers import CAPACITIES, OWNER, RECIPIENT, Caller, Proof, id_of

SAFE = frozenset({"GET", "HEAD"})


class Outcome(StrEnum):
    """What a caller is told, as far as access goes; `admitted` may still be a 409 or a 422."""

    ADMITTED = "admitted"
    MISSING = "not there"
    REFUSED = "refused"
    SIGN_IN = "sign in first"
    VISIT_OVER = "open the link first"
    STEP_UP = "say who you are first"
    BROKEN = "broken"


class About(StrEnum):
    """What the record of a route is to its caller, by what the record is."""

    ONESELF = "one's own organization and acts"
    OWNED = "a record of the clinic"
    KEPT = "a record the clinic keeps for itself, looked for among one's own"
    ANOTHERS = "something of one person, and of nobody who calls here"
    REFERRAL = "the referral"
    PART = "one recipient's part of the referral"
    AGENCY = "an agency the clinic sends to"
    THREAD = "a conversation of the clinic and one recipient"
    MESSAGE = "what the clinic said in it"
    FILED = "what one recipient filed"
    LINE = "a line of the clinic's record, of an act of nobody who calls here"
    ORDER_ID = "the id another system of the clinic gave the referral"


def resource(about: About, caller: Caller) -> Resource:
    """Say what the record is to this caller, as the policy asks it."""
    general = frozenset({SensitivityClass.GENERAL})
    match about:
        case About.ONESELF | About.KEPT | About.ANOTHERS:
            return Resource(org_id=id_of(caller.org), member_id=id_of(caller.name))
        case About.OWNED | About.FILED | About.LINE:
            # Whose a line is, is told to those only who read a whole record.
            whose = {About.OWNED: OWNER, About.FILED: RECIPIENT}.get(about, caller.org)
            return Resource(org_id=id_of(whose))
        case About.REFERRAL:
            return _party(CAPACITIES.get(caller.org), general)
        case About.PART:
            mine = caller.org == RECIPIENT
            capacity = CAPACITIES.get(caller.org)
            others = capacity in (Capacity.RECIPIENT, Capacity.OBSERVER) and not mine
            return _party(None if others else capacity, general)
        case About.AGENCY:
            deals = caller.org in (OWNER, "network")
            return _party(CAPACITIES.get(caller.org) if deals else None, general)
        case About.THREAD | About.MESSAGE:
            return _of_thread(about, caller)
        case About.ORDER_ID:
            return _party(Capacity.SENDER if caller.org == OWNER else None, general)


def _of_thread(about: About, caller: Caller) -> Resource:
    mine = caller.org in (OWNER, RECIPIENT)
    whose = OWNER if about is About.MESSAGE else caller.org
    return Resource(org_id=id_of(whose), participant=mine, sensitivity=SensitivityClass.GENERAL)


def _party(capacity: Capacity | None, general: frozenset[SensitivityClass]) -> Resource:
    held = general if capacity not in (None, Capacity.OBSERVER) else frozenset[SensitivityClass]()
    return Resource(capacity=capacity, classes=held, sensitivity=SensitivityClass.GENERAL)


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """One way to call one route: what it asks for, and what its record is."""

    method: str
    operation: Operation
    about: About
    actions: tuple[Action, ...]
    ours: bool = False


def expected(question: Question, caller: Caller) -> Outcome:
    """Say what this caller should be told."""
    if Action.PUBLIC in question.operation.policy:
        strange = question.ours and caller.proof is Proof.ELSEWHERE
        return Outcome.REFUSED if strange else Outcome.ADMITTED
    if all(action in OF_VISITS for action in question.operation.policy):
        return _of_visit(question, caller)
    if all(action in OF_PAGES for action in question.operation.policy):
        return Outcome.VISIT_OVER
    actor = caller.actor
    if actor is None or caller.visiting:
        return Outcome.SIGN_IN
    untrusted = caller.proof in (Proof.UNTOKENED, Proof.ELSEWHERE)
    program = caller.proof is Proof.KEY and question.operation.for_people
    if (untrusted and question.method not in SAFE) or program:
        return Outcome.REFUSED
    if not any(policy.ever(actor, action) for action in question.operation.policy):
        return Outcome.REFUSED
    return _of_record(question, caller)


def _of_visit(question: Question, caller: Caller) -> Outcome:
    actor = caller.actor
    if actor is None or not caller.visiting:
        return Outcome.VISIT_OVER
    own = Resource(link_id=id_of(f"link of {caller.org}"), sensitivity=SensitivityClass.GENERAL)
    found = [policy.decide(actor, action, resource=own) for action in question.actions]
    if any(isinstance(answer, Allow) for answer in found):
        return Outcome.ADMITTED
    late = any(isinstance(answer, Deny) and answer.reason is DenyReason.STEP_UP for answer in found)
    return Outcome.STEP_UP if late else Outcome.REFUSED


def _of_record(question: Question, caller: Caller) -> Outcome:
    record = resource(question.about, caller)
    answers = [
        policy.decide(caller.actor, action, resource=record, purpose=purpose)
        for action in question.actions
        for purpose in _purposes(action)
    ]
    allowed = [answer for answer in answers if isinstance(answer, Allow)]
    if not allowed:
        strange = all(
            isinstance(answer, Deny) and answer.reason is DenyReason.NOT_YOURS for answer in answers
        )
        return Outcome.MISSING if strange else Outcome.REFUSED
    fresh = all(Obligation.FRESH_SIGN_IN in answer.obligations for answer in allowed)
    kept = question.about in (About.KEPT, About.LINE) and caller.org != OWNER
    if kept or question.about is About.ANOTHERS:
        return Outcome.MISSING
    # A key that leaked must not make another: what hands out access is for people.
    return Outcome.REFUSED if fresh and caller.proof is Proof.KEY else Outcome.ADMITTED


_FOR_OVERSIGHT = frozenset(
    {
        Action.REFERRAL_READ,
        Action.REFERRAL_READ_NARRATIVE,
        Action.AUDIT_READ,
        Action.THREAD_LIST,
        Action.THREAD_READ,
        Action.MESSAGE_RETRACT,
        Action.CONSENT_LIST,
    }
)


def _purposes(action: Action) -> tuple[Purpose, ...]:
    """List for what a route may be asked: reading a referral serves oversight too."""
    if action in _FOR_OVERSIGHT:
        return (Purpose.TREATMENT, Purpose.OVERSIGHT)
    return (Purpose.TREATMENT,)
