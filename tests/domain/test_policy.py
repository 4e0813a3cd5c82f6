"""The access table: closed by default, and what each kind of caller may not do."""

from itertools import product
from uuid import UUID

import msgspec
import pytest

from service.domain import grants, policy
from service.domain.people import Actor, ActorKind, Capacity, Role, SensitivityClass
from service.domain.policy import (
    NOTHING,
    Action,
    Allow,
    Deny,
    DenyReason,
    Obligation,
    Purpose,
    Resource,
)
from service.domain.rules import Step

C = SensitivityClass
OURS, THEIRS, ME, LINK, OTHER_LINK = (UUID(int=number) for number in range(1, 6))
LINKED = Actor(kind=ActorKind.LINK, org_id=OURS, link_id=LINK)
CARD = Resource(link_id=LINK, sensitivity=C.GENERAL, classes=frozenset({C.GENERAL}))


def member(*roles: Role, cco: bool = False) -> Actor:
    return Actor(kind=ActorKind.MEMBER, org_id=OURS, member_id=ME, roles=frozenset(roles), cco=cco)


def content(
    capacity: Capacity | None, sensitivity: SensitivityClass, *held: SensitivityClass
) -> Resource:
    return Resource(capacity=capacity, sensitivity=sensitivity, classes=frozenset(held))


def reason(answer: Allow | Deny) -> DenyReason | None:
    return answer.reason if isinstance(answer, Deny) else None


def owed(answer: Allow | Deny) -> frozenset[Obligation]:
    assert isinstance(answer, Allow)
    return answer.obligations


def narrative(actor: Actor, resource: Resource) -> Allow | Deny:
    return policy.decide(actor, Action.REFERRAL_READ_NARRATIVE, resource=resource)


def test_every_action_has_a_row_and_every_role_a_use():
    assert {row.action for row in grants.GRANTS} == set(Action)
    assert {role for row in grants.GRANTS for role in row.roles} == set(Role)


@pytest.mark.parametrize("action", sorted(set(Action) - {Action.PUBLIC}))
def test_nobody_is_let_in_without_a_sign_in(action: Action):
    for purpose in Purpose:
        answer = policy.decide(None, action, resource=CARD, purpose=purpose)
        assert reason(answer) is DenyReason.NOT_SIGNED_IN


@pytest.mark.parametrize("kind", [ActorKind.CLOCK, ActorKind.SYSTEM])
@pytest.mark.parametrize("action", sorted(set(Action) - {Action.PUBLIC}))
def test_a_clock_has_no_business_at_this_door(action: Action, kind: ActorKind):
    answer = policy.decide(Actor(kind=kind, roles=frozenset(Role), cco=True), action)
    assert reason(answer) is DenyReason.WRONG_CALLER


def test_what_is_public_is_open_to_all():
    assert policy.decide(None, Action.PUBLIC) == Allow()
    assert policy.decide(LINKED, Action.PUBLIC) == Allow()


NEEDS_NO_RECORD = {
    Action.PUBLIC,
    Action.SESSION_OWN,
    Action.ORGANIZATION_READ,
    Action.DIRECTORY_SEARCH,
    Action.DEMO_SKIP,
}


@pytest.mark.parametrize("action", sorted(set(Action) - NEEDS_NO_RECORD))
def test_a_stranger_with_every_role_is_told_nothing_but_not_yours(action: Action):
    stranger = member(*Role)
    theirs = Resource(
        org_id=THEIRS, link_id=OTHER_LINK, sensitivity=C.GENERAL, classes=frozenset(C)
    )
    for resource, purpose in product((theirs, NOTHING), Purpose):
        answer = policy.decide(stranger, action, resource=resource, purpose=purpose)
        assert reason(answer) in {DenyReason.NOT_YOURS, DenyReason.WRONG_CALLER}


@pytest.mark.parametrize("action", sorted(set(Action) - {Action.PUBLIC}))
def test_a_member_without_a_role_may_do_nothing(action: Action):
    for capacity in Capacity:
        own = Resource(
            org_id=OURS,
            member_id=ME,
            capacity=capacity,
            sensitivity=C.GENERAL,
            classes=frozenset({C.GENERAL}),
        )
        for purpose in Purpose:
            answer = policy.decide(member(cco=True), action, resource=own, purpose=purpose)
            assert isinstance(answer, Deny)


SENT = content(Capacity.SENDER, C.GENERAL, C.GENERAL)


@pytest.mark.parametrize(
    ("role", "action", "why"),
    [
        (Role.FRONT_DESK, Action.REFERRAL_SEND, DenyReason.ROLE),
        (Role.FRONT_DESK, Action.REFERRAL_READ_NARRATIVE, DenyReason.ROLE),
        (Role.FRONT_DESK, Action.LEG_STEP, DenyReason.ROLE),
        (Role.FRONT_DESK, Action.LEG_BOOK, None),
        (Role.FRONT_DESK, Action.DOCUMENT_FILE, None),
        (Role.ORG_ADMIN, Action.REFERRAL_READ, DenyReason.ROLE),
        (Role.READER, Action.REFERRAL_READ, DenyReason.ROLE),
        (Role.PRIVACY_OFFICER, Action.REFERRAL_READ_NARRATIVE, DenyReason.PURPOSE),
        (Role.CLINICIAN, Action.REFERRAL_SEND, None),
        (Role.COORDINATOR, Action.REFERRAL_READ_NARRATIVE, None),
        (Role.INTEGRATION, Action.LEG_STEP, None),
    ],
)
def test_what_a_role_may_do_in_a_referral_of_its_own(role, action, why):
    assert reason(policy.decide(member(role), action, resource=SENT)) is why


def test_roles_add_up_in_a_small_clinic():
    both = member(Role.ORG_ADMIN, Role.CLINICIAN)
    assert isinstance(narrative(both, SENT), Allow)
    own = Resource(org_id=OURS)
    assert isinstance(policy.decide(both, Action.MEMBER_MANAGE, resource=own), Allow)


def test_who_manages_members_signs_in_afresh():
    answer = policy.decide(
        member(Role.ORG_ADMIN), Action.MEMBER_MANAGE, resource=Resource(org_id=OURS)
    )
    assert owed(answer) == {Obligation.FRESH_SIGN_IN}


@pytest.mark.parametrize("protected", [C.PART2, C.PSYCHOTHERAPY])
def test_protected_content_is_for_who_treats_it_and_holds_its_key(protected):
    held = content(Capacity.RECIPIENT, protected, C.GENERAL, protected)
    assert isinstance(narrative(member(Role.BH_CLINICIAN), held), Allow)
    assert reason(narrative(member(Role.CLINICIAN), held)) is DenyReason.CLASS
    assert reason(narrative(member(Role.COORDINATOR), held)) is DenyReason.CLASS
    without = content(Capacity.RECIPIENT, protected, C.GENERAL)
    assert reason(narrative(member(Role.BH_CLINICIAN), without)) is DenyReason.CLASS


def test_part2_comes_with_its_notice():
    held = content(Capacity.RECIPIENT, C.PART2, C.PART2)
    notice = Obligation.REDISCLOSURE_NOTICE
    assert notice in owed(narrative(member(Role.BH_CLINICIAN), held))
    talk = content(Capacity.RECIPIENT, C.PSYCHOTHERAPY, C.PSYCHOTHERAPY)
    assert notice not in owed(narrative(member(Role.BH_CLINICIAN), talk))


@pytest.mark.parametrize("protected", [C.PART2, C.PSYCHOTHERAPY])
def test_a_coordinator_of_the_cco_sees_stage_and_age_of_protected_care_and_no_more(protected):
    coordinator = member(Role.COORDINATOR, cco=True)
    general = content(Capacity.CCO, C.GENERAL, C.GENERAL)
    hidden = content(Capacity.CCO, protected, C.GENERAL)
    assert isinstance(narrative(coordinator, general), Allow)
    assert reason(narrative(coordinator, hidden)) is DenyReason.CLASS
    stage = policy.decide(coordinator, Action.REFERRAL_READ, resource=hidden)
    assert Obligation.STAGE_ONLY in owed(stage)
    named = content(Capacity.CCO, protected, C.GENERAL, protected)
    assert isinstance(narrative(coordinator, named), Allow)
    whole = policy.decide(coordinator, Action.REFERRAL_READ, resource=named)
    assert Obligation.STAGE_ONLY not in owed(whole)


def test_the_capacity_of_the_cco_is_of_no_use_to_another_organization():
    answer = narrative(member(Role.COORDINATOR), content(Capacity.CCO, C.GENERAL, C.GENERAL))
    assert reason(answer) is DenyReason.NOT_YOURS


def test_an_observer_sees_the_stage_only():
    observer = content(Capacity.OBSERVER, C.GENERAL)
    seen = policy.decide(member(Role.COORDINATOR), Action.REFERRAL_READ, resource=observer)
    assert Obligation.STAGE_ONLY in owed(seen)
    assert reason(narrative(member(Role.COORDINATOR), observer)) is DenyReason.NOT_YOURS


def test_a_privacy_officer_reads_for_oversight_and_it_is_logged():
    officer = member(Role.PRIVACY_OFFICER)
    answer = policy.decide(
        officer, Action.REFERRAL_READ_NARRATIVE, resource=SENT, purpose=Purpose.OVERSIGHT
    )
    assert owed(answer) == {Obligation.AUDIT_READ, Obligation.LOGGED_REVIEW}


def test_everybody_reads_the_audit_of_their_own_acts_and_nobody_elses():
    mine, others = Resource(member_id=ME), Resource(member_id=UUID(int=99), org_id=OURS)
    clinician = member(Role.CLINICIAN)
    assert isinstance(policy.decide(clinician, Action.AUDIT_READ, resource=mine), Allow)
    refused = policy.decide(clinician, Action.AUDIT_READ, resource=others)
    assert isinstance(refused, Deny)


@pytest.mark.parametrize(
    ("action", "stepped_up", "why"),
    [
        (Action.LINK_READ_CARD, False, None),
        (Action.LINK_ACT, False, None),
        (Action.LINK_READ_IDENTITY, False, DenyReason.STEP_UP),
        (Action.LINK_READ_IDENTITY, True, None),
        (Action.DOCUMENT_FILE, False, DenyReason.STEP_UP),
        (Action.DOCUMENT_FILE, True, None),
        (Action.REFERRAL_READ, True, DenyReason.WRONG_CALLER),
        (Action.PATIENT_SEARCH, True, DenyReason.WRONG_CALLER),
    ],
)
def test_a_link_opens_its_card_and_after_step_up_its_identity(action, stepped_up, why):
    actor = msgspec.structs.replace(LINKED, stepped_up=stepped_up)
    assert reason(policy.decide(actor, action, resource=CARD)) is why


def test_a_link_opens_no_other_leg():
    other = msgspec.structs.replace(CARD, link_id=OTHER_LINK)
    answer = policy.decide(LINKED, Action.LINK_READ_CARD, resource=other)
    assert reason(answer) is DenyReason.NOT_YOURS


@pytest.mark.parametrize("protected", [C.PART2, C.PSYCHOTHERAPY])
def test_a_link_never_opens_protected_content(protected):
    actor = msgspec.structs.replace(LINKED, stepped_up=True)
    secret = msgspec.structs.replace(CARD, sensitivity=protected, classes=frozenset(C))
    answer = policy.decide(actor, Action.LINK_READ_IDENTITY, resource=secret)
    assert reason(answer) is DenyReason.CLASS


@pytest.mark.parametrize(
    ("step", "of_leg", "action"),
    [
        (Step.SCHEDULE, True, Action.LEG_BOOK),
        (Step.ACCEPT, True, Action.LEG_STEP),
        (Step.SEND, False, Action.REFERRAL_SEND),
        (Step.REVIEW, False, Action.REFERRAL_REVIEW),
        (Step.ADD_LEG, False, Action.REFERRAL_STEP),
    ],
)
def test_a_step_is_an_action_of_its_own_weight(step, of_leg, action):
    assert policy.action_of(step, of_leg=of_leg) is action


def test_a_door_asks_for_kind_and_role_and_for_no_record():
    assert policy.ever(None, Action.PUBLIC)
    assert not policy.ever(None, Action.REFERRAL_READ)
    assert policy.ever(member(Role.FRONT_DESK), Action.REFERRAL_READ)
    assert not policy.ever(member(Role.READER), Action.REFERRAL_READ)
    assert not policy.ever(LINKED, Action.REFERRAL_READ)


def test_the_printed_table_has_a_row_for_every_grant_and_role():
    printed = policy.access_rows()
    assert len(printed) == sum(len(row.roles) or 1 for row in grants.GRANTS)
    assert all(row["action"] and row["who"] and row["relation"] for row in printed)
    public = next(row for row in printed if row["action"] == "public")
    assert (public["who"], public["relation"]) == ("anyone", "anything")
