"""The one door of access: whether this caller may do this to that record, for this purpose.

Pure, table-driven and closed by default; the table is `service.domain.grants`.
"""

from collections.abc import Mapping
from enum import StrEnum
from uuid import UUID

import msgspec

from service.domain.access import PROTECTED, Grant, Relation, Who
from service.domain.access import Action as Action
from service.domain.access import Obligation as Obligation
from service.domain.access import Purpose as Purpose
from service.domain.grants import CAPACITY_OF, GRANTS
from service.domain.people import Actor, ActorKind, Capacity, Role, SensitivityClass
from service.domain.rules import Step


class DenyReason(StrEnum):
    """Why not. `not_yours` must look like "not there" to the caller."""

    NOT_SIGNED_IN = "not_signed_in"
    WRONG_CALLER = "wrong_caller"
    NOT_YOURS = "not_yours"
    ROLE = "role"
    CLASS = "class"
    PURPOSE = "purpose"
    STEP_UP = "step_up"


class Resource(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked about, as the store knows it.

    `capacity` and `classes` are those of the caller's own party row; `sensitivity` is the class of
    the content. `org_id` is the organization a record belongs to, `member_id` whose act it was.
    `participant`: the caller's organization takes part in this thread.
    `broken_glass`: this caller has emergency access to it now.
    """

    org_id: UUID | None = None
    member_id: UUID | None = None
    link_id: UUID | None = None
    capacity: Capacity | None = None
    classes: frozenset[SensitivityClass] = frozenset()
    sensitivity: SensitivityClass | None = None
    participant: bool = False
    broken_glass: bool = False


NOTHING = Resource()
"""The resource of an act that is about no record."""


class Allow(msgspec.Struct, frozen=True, kw_only=True):
    """Yes, and what must go with it."""

    obligations: frozenset[Obligation] = frozenset()


class Deny(msgspec.Struct, frozen=True, kw_only=True):
    """No, and why."""

    reason: DenyReason


_BOOKING = frozenset(
    {Step.RECEIVE, Step.SCHEDULE, Step.NO_SHOW, Step.CANCEL_APPOINTMENT, Step.LOG_ATTEMPT}
)

_BY_ACTION = {
    action: [row for row in GRANTS if row.action is action]
    for action in {row.action for row in GRANTS}
}

_KEYED = frozenset({Action.REFERRAL_READ_IDENTITY, Action.REFERRAL_READ_NARRATIVE})
"""Acts that open sealed content: without the class in the party's row there is no key."""


def action_of(step: Step, *, of_leg: bool) -> Action:
    """Name the action a step is to the policy: booking is open to the front desk, sending not."""
    if of_leg:
        return Action.LEG_BOOK if step in _BOOKING else Action.LEG_STEP
    match step:
        case Step.SEND:
            return Action.REFERRAL_SEND
        case Step.REVIEW:
            return Action.REFERRAL_REVIEW
        case _:
            return Action.REFERRAL_STEP


def decide(
    actor: Actor | None,
    action: Action,
    *,
    resource: Resource = NOTHING,
    purpose: Purpose = Purpose.TREATMENT,
) -> Allow | Deny:
    """Allow with obligations, or deny with the reason that a row came closest to failing on.

    Reasons are looked for in an order that tells a stranger nothing: whose record it is comes
    before which role would have been needed.
    """
    rows = _BY_ACTION.get(action, [])
    for reason, holds in _CHECKS:
        rows = [row for row in rows if holds(_Question(actor, resource, purpose), row)]
        if not rows:
            return Deny(reason=_reason(reason, actor))
    # The kindest row speaks: a clinician who is privacy officer too reads as a clinician.
    best = min(rows, key=lambda row: len(row.obligations))
    return Allow(obligations=best.obligations | _owed(action, resource))


def ever(actor: Actor | None, action: Action) -> bool:
    """Say whether this kind of caller may do this to any record at all; a door asks it first."""
    question = _Question(actor, NOTHING, Purpose.TREATMENT)
    return any(
        _right_caller(question, row) and _right_role(question, row)
        for row in _BY_ACTION.get(action, [])
    )


class _Question(msgspec.Struct, frozen=True):
    actor: Actor | None
    resource: Resource
    purpose: Purpose


def _reason(reason: DenyReason, actor: Actor | None) -> DenyReason:
    nobody = actor is None and reason is DenyReason.WRONG_CALLER
    return DenyReason.NOT_SIGNED_IN if nobody else reason


def _right_caller(question: _Question, row: Grant) -> bool:
    actor = question.actor
    match row.who:
        case Who.ANYONE:
            return True
        case Who.MEMBER:
            return actor is not None and actor.kind is ActorKind.MEMBER
        case Who.PATIENT:
            return actor is not None and actor.kind is ActorKind.PATIENT
        case _:
            return actor is not None and actor.kind is ActorKind.LINK


def _related(question: _Question, row: Grant) -> bool:
    return any(_is(relation, question) for relation in row.relations)


def _is(relation: Relation, question: _Question) -> bool:
    actor, resource = question.actor, question.resource
    if relation is Relation.ANYTHING or actor is None:
        return relation is Relation.ANYTHING
    match relation:
        case Relation.OWN_ORGANIZATION:
            return _same(actor.org_id, resource.org_id)
        case Relation.NETWORK:
            return actor.cco
        case Relation.OWN_ACTS:
            return _same(actor.member_id, resource.member_id)
        case Relation.OWN_LINK:
            return _same(actor.link_id, resource.link_id)
        case Relation.PARTICIPANT | Relation.BROKEN_GLASS:
            threads = relation is Relation.PARTICIPANT
            return resource.participant if threads else resource.broken_glass
        case Relation.CCO:
            return actor.cco and resource.capacity is Capacity.CCO
        case _:
            return resource.capacity is CAPACITY_OF[relation]


def _same(mine: UUID | None, its: UUID | None) -> bool:
    return mine is not None and mine == its


def _right_role(question: _Question, row: Grant) -> bool:
    actor = question.actor
    return not row.roles or (actor is not None and bool(actor.roles & row.roles))


def _right_class(question: _Question, row: Grant) -> bool:
    content = question.resource.sensitivity
    if row.action in _KEYED and content not in question.resource.classes:
        return False
    return content is None or content in row.classes


def _right_purpose(question: _Question, row: Grant) -> bool:
    return question.purpose in row.purposes


def _stepped_up(question: _Question, row: Grant) -> bool:
    actor = question.actor
    return not row.stepped_up or (actor is not None and actor.stepped_up)


_CHECKS = (
    (DenyReason.WRONG_CALLER, _right_caller),
    (DenyReason.NOT_YOURS, _related),
    (DenyReason.ROLE, _right_role),
    (DenyReason.CLASS, _right_class),
    (DenyReason.PURPOSE, _right_purpose),
    (DenyReason.STEP_UP, _stepped_up),
)


def _owed(action: Action, resource: Resource) -> frozenset[Obligation]:
    """Add what the class asks for, whatever the role."""
    content = resource.sensitivity
    if content not in PROTECTED:
        return frozenset()
    if content not in resource.classes and action is Action.REFERRAL_READ:
        return frozenset({Obligation.STAGE_ONLY})
    if content is SensitivityClass.PART2 and action in _KEYED:
        return frozenset({Obligation.REDISCLOSURE_NOTICE})
    return frozenset()


def access_rows() -> tuple[Mapping[str, str], ...]:
    """Spell the table out, a row a grant and role, for `loopkeeper rules --access`."""
    return tuple(
        {
            "action": row.action.value,
            "who": role.value if role else row.who.value,
            "relation": _words(row.relations),
            "class": "any" if row.classes == frozenset(SensitivityClass) else _words(row.classes),
            "purpose": _words(row.purposes),
            "condition": "stepped up" if row.stepped_up else "",
            "obligations": _words(row.obligations),
        }
        for row in GRANTS
        for role in _roles(row)
    )


def _roles(row: Grant) -> tuple[Role | None, ...]:
    return tuple(role for role in Role if role in row.roles) or (None,)


def _words(values: frozenset[StrEnum] | frozenset[Relation]) -> str:
    return ", ".join(sorted(value.value for value in values))
