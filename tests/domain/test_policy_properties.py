"""What holds of the policy whoever asks for whatever: properties, and no examples."""

from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.domain import grants, policy
from service.domain.access import PROTECTED, Grant, Relation, Who
from service.domain.people import Actor, ActorKind, Capacity, Role, SensitivityClass
from service.domain.policy import Action, Allow, Deny, DenyReason, Obligation, Purpose, Resource

C = SensitivityClass
KEYED = (Action.REFERRAL_READ_IDENTITY, Action.REFERRAL_READ_NARRATIVE)
READS = {Action.REFERRAL_READ, *KEYED}
FOR_ALL = {row.action for row in grants.GRANTS if Relation.ANYTHING in row.relations}
NOBODYS = UUID(int=9)


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks for what, of which record, and why."""

    actor: Actor | None
    action: Action
    resource: Resource
    purpose: Purpose

    def by(self, **changes: Any) -> "Ask":
        """Ask as somebody a little different."""
        assert self.actor is not None
        changed = msgspec.structs.replace(self.actor, **changes)
        return msgspec.structs.replace(self, actor=changed)

    def of(self, **changes: Any) -> "Ask":
        """Ask of a record a little different."""
        changed = msgspec.structs.replace(self.resource, **changes)
        return msgspec.structs.replace(self, resource=changed)

    def to(self, action: Action) -> "Ask":
        """Ask for something else."""
        return msgspec.structs.replace(self, action=action)

    @property
    def answer(self) -> Allow | Deny:
        return policy.decide(self.actor, self.action, resource=self.resource, purpose=self.purpose)

    @property
    def allowed(self) -> bool:
        return isinstance(self.answer, Allow)

    @property
    def owed(self) -> frozenset[Obligation]:
        answer = self.answer
        return answer.obligations if isinstance(answer, Allow) else frozenset()


# Few, so that what somebody is and what the record says meet often.
_IDS = st.sampled_from([None, *(UUID(int=number) for number in range(1, 4))])
_CLASSES = st.frozensets(st.sampled_from(C))
_ROLES = st.frozensets(st.sampled_from(Role))
_PROTECTED = st.sampled_from(sorted(PROTECTED))

_RESOURCES = st.builds(
    Resource,
    org_id=_IDS,
    member_id=_IDS,
    link_id=_IDS,
    capacity=st.sampled_from([None, *Capacity]),
    classes=_CLASSES,
    sensitivity=st.sampled_from([None, *C]),
    participant=st.booleans(),
    broken_glass=st.booleans(),
)


def actors(*kinds: ActorKind) -> st.SearchStrategy[Actor]:
    return st.builds(
        Actor,
        kind=st.sampled_from(kinds or tuple(ActorKind)),
        org_id=_IDS,
        member_id=_IDS,
        link_id=_IDS,
        roles=_ROLES,
        cco=st.booleans(),
        stepped_up=st.booleans(),
    )


def fitted(ask: Ask, row: Grant) -> Ask:
    """Make somebody into one whom a row lets in: chance alone seldom meets one."""
    relation = min(row.relations)
    kind = {Who.LINK: ActorKind.LINK, Who.PATIENT: ActorKind.PATIENT}.get(row.who, ActorKind.MEMBER)
    sensitivity = min(row.classes)
    mine = UUID(int=1)
    actor = Actor(
        kind=kind,
        org_id=mine,
        member_id=mine,
        link_id=mine,
        roles=frozenset(sorted(row.roles)[:1]),
        cco=relation in (Relation.NETWORK, Relation.CCO),
        stepped_up=row.stepped_up,
    )
    resource = Resource(
        org_id=mine if relation is Relation.OWN_ORGANIZATION else None,
        member_id=mine if relation is Relation.OWN_ACTS else None,
        link_id=mine if relation is Relation.OWN_LINK else None,
        capacity=grants.CAPACITY_OF.get(relation),
        classes=frozenset({sensitivity}) | ask.resource.classes,
        sensitivity=sensitivity,
        participant=relation is Relation.PARTICIPANT,
        broken_glass=relation is Relation.BROKEN_GLASS,
    )
    purpose = ask.purpose if ask.purpose in row.purposes else min(row.purposes)
    return Ask(actor=actor, action=row.action, resource=resource, purpose=purpose)


def asks(
    who: st.SearchStrategy[Any] | None = None,
    *actions: Action,
    purposes: tuple[Purpose, ...] = tuple(Purpose),
) -> st.SearchStrategy[Ask]:
    drawn = st.builds(
        Ask,
        actor=actors() if who is None else who,
        action=st.sampled_from(actions or tuple(Action)),
        resource=_RESOURCES,
        purpose=st.sampled_from(purposes),
    )
    if who is not None:
        return drawn
    rows = [row for row in grants.GRANTS if row.action in actions or not actions]
    rows = [row for row in rows if row.purposes & set(purposes)]
    near = st.builds(fitted, drawn, st.sampled_from(rows))
    return drawn | near.filter(lambda ask: ask.purpose in purposes)


@given(asks(st.none() | actors()))
def test_an_answer_is_yes_or_a_reason_and_always_the_same(ask: Ask):
    assert isinstance(ask.answer, Allow | Deny)
    assert ask.answer == ask.answer


@given(asks(st.none() | actors(ActorKind.CLOCK, ActorKind.SYSTEM)))
def test_who_is_no_caller_does_what_is_public_and_nothing_else(ask: Ask):
    assert ask.allowed is (ask.action is Action.PUBLIC)


@given(asks(actors(ActorKind.MEMBER, ActorKind.LINK), *sorted(set(Action) - FOR_ALL)))
def test_a_stranger_is_told_no_more_than_that_it_is_not_theirs(ask: Ask):
    theirs = ask.by(cco=False).of(
        org_id=NOBODYS,
        member_id=NOBODYS,
        link_id=NOBODYS,
        capacity=None,
        participant=False,
        broken_glass=False,
    )
    answer = theirs.answer
    assert isinstance(answer, Deny)
    assert answer.reason in {DenyReason.NOT_YOURS, DenyReason.WRONG_CALLER}


@given(asks(), _ROLES)
def test_a_role_taken_away_opens_nothing(ask: Ask, taken: frozenset[Role]):
    assert ask.actor is not None
    if ask.by(roles=ask.actor.roles - taken).allowed:
        assert ask.allowed


@pytest.mark.parametrize(
    ("lost", "without"),
    [
        ("org_id", None),
        ("member_id", None),
        ("link_id", None),
        ("capacity", None),
        ("participant", False),
        ("broken_glass", False),
    ],
)
def test_a_relation_taken_away_opens_nothing(lost: str, without: Any):
    @given(asks())
    def holds(ask: Ask):
        if ask.of(**{lost: without}).allowed:
            assert ask.allowed

    holds()


@given(asks(), _CLASSES)
def test_a_key_taken_away_opens_nothing(ask: Ask, lost: frozenset[SensitivityClass]):
    if ask.of(classes=ask.resource.classes - lost).allowed:
        assert ask.allowed


@given(asks(), st.sampled_from(["cco", "stepped_up"]))
def test_a_standing_taken_away_opens_nothing(ask: Ask, lost: str):
    if ask.by(**{lost: False}).allowed:
        assert ask.by(**{lost: True}).allowed


@pytest.mark.parametrize("action", Action)
def test_a_door_whose_rows_are_gone_is_shut_for_everybody(
    action: Action, monkeypatch: pytest.MonkeyPatch
):
    left = {key: rows for key, rows in policy._BY_ACTION.items() if key is not action}
    monkeypatch.setattr(policy, "_BY_ACTION", left)

    @settings(max_examples=20)
    @given(asks(st.none() | actors(), action))
    def shut(ask: Ask):
        assert not ask.allowed
        assert not policy.ever(ask.actor, action)

    shut()


@given(asks(st.none() | actors()))
def test_the_door_turns_nobody_away_whom_a_row_lets_in(ask: Ask):
    if ask.allowed:
        assert policy.ever(ask.actor, ask.action)


@given(asks(None, *KEYED))
def test_content_without_its_key_is_for_nobody(ask: Ask):
    of = ask.resource
    lost = frozenset({of.sensitivity} if of.sensitivity else ())
    assert not ask.of(classes=of.classes - lost).allowed


@given(asks(None, Action.REFERRAL_READ))
def test_who_sees_the_stage_only_reads_no_content(ask: Ask):
    if Obligation.STAGE_ONLY in ask.owed:
        assert not any(ask.to(action).allowed for action in KEYED)


@given(asks(None, Action.REFERRAL_READ), _PROTECTED)
def test_of_protected_care_without_its_key_the_stage_is_all(ask: Ask, protected: C):
    hidden = ask.of(sensitivity=protected, classes=ask.resource.classes - {protected})
    assert not hidden.allowed or Obligation.STAGE_ONLY in hidden.owed


@given(asks(actors(ActorKind.LINK)), _PROTECTED)
def test_a_link_never_reaches_protected_care(ask: Ask, protected: C):
    hidden = ask.of(sensitivity=protected, link_id=ask.actor.link_id if ask.actor else None)
    assert hidden.allowed is (ask.action is Action.PUBLIC)


@given(asks(None, *sorted(set(Action) - {Action.PUBLIC}), purposes=(Purpose.EMERGENCY,)))
def test_an_emergency_only_reads_and_only_behind_the_glass(ask: Ask):
    if ask.allowed:
        assert ask.actor is not None
        assert ask.action in {*READS, Action.THREAD_READ}
        assert ask.resource.broken_glass
        assert ask.actor.roles & {Role.CLINICIAN, Role.BH_CLINICIAN}


@given(asks(None, *KEYED, Action.THREAD_READ, purposes=(Purpose.EMERGENCY,)))
def test_no_emergency_opens_psychotherapy_notes(ask: Ask):
    notes = ask.of(sensitivity=C.PSYCHOTHERAPY, classes=frozenset(C), broken_glass=True)
    assert not notes.allowed


@given(asks(None, *sorted(READS), Action.THREAD_READ))
def test_every_look_into_a_referral_is_owed_a_line(ask: Ask):
    if not ask.allowed:
        return
    assert Obligation.AUDIT_READ in ask.owed
    if ask.purpose in (Purpose.OVERSIGHT, Purpose.EMERGENCY):
        assert Obligation.LOGGED_REVIEW in ask.owed
    if ask.resource.sensitivity is C.PART2 and ask.action in KEYED:
        assert Obligation.REDISCLOSURE_NOTICE in ask.owed


@pytest.mark.parametrize("row", grants.GRANTS, ids=lambda row: row.action.value)
def test_every_row_lets_somebody_in(row: Grant):
    # So the properties above speak of yes as well as of no.
    anything = Ask(actor=None, action=row.action, resource=Resource(), purpose=min(row.purposes))
    assert fitted(anything, row).allowed
