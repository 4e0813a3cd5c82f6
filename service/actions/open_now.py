"""Which steps somebody may take now: the rules, and then the policy, and nothing else."""

import msgspec

from service.actions import take_step
from service.domain import decide as rules
from service.domain import policy
from service.domain.facts import Hand, LegFacts
from service.domain.people import Actor, Capacity, Role
from service.domain.rules import Party, Rule
from service.store.referrals import Picture


class OpenStep(msgspec.Struct, frozen=True, kw_only=True):
    """A step that is open, and what it must carry."""

    step: str
    needs: tuple[str, ...] = ()


def on_referral(actor: Actor, picture: Picture) -> tuple[OpenStep, ...]:
    """List what this actor may do to the referral itself."""
    return _open(actor, picture, None, take_step.parties_of(actor, picture, None))


def on_leg(actor: Actor, picture: Picture, leg: LegFacts) -> tuple[OpenStep, ...]:
    """List what this actor may do to a leg in its own capacity."""
    return _open(actor, picture, leg, take_step.parties_of(actor, picture, leg))


def for_recipient(actor: Actor, picture: Picture, leg: LegFacts) -> tuple[OpenStep, ...]:
    """List what this actor may record on the recipient's behalf."""
    if leg.org_id == actor.org_id or picture.capacity not in (Capacity.SENDER, Capacity.CCO):
        return ()
    return _open(actor, picture, leg, (Party.RECIPIENT,))


def _open(
    actor: Actor, picture: Picture, leg: LegFacts | None, parties: tuple[Party, ...]
) -> tuple[OpenStep, ...]:
    hand = Hand(member_id=actor.member_id, link_id=actor.link_id)
    found = rules.open_steps(picture.facts, leg, parties=parties, now=picture.now, by=hand)
    named: dict[str, OpenStep] = {}
    for rule in found:
        if rule.step not in named and _may(actor, picture, rule, of_leg=leg is not None):
            named[rule.step] = OpenStep(step=rule.step, needs=tuple(map(str, rule.needs)))
    return tuple(named.values())


def _may(actor: Actor, picture: Picture, rule: Rule, *, of_leg: bool) -> bool:
    if picture.facts.reviewer == "clinician" and "reviewer" in rule.needs:
        return bool(actor.roles & {Role.CLINICIAN, Role.BH_CLINICIAN})
    resource = resource_of(actor, picture)
    action = policy.action_of(rule.step, of_leg=of_leg)
    return isinstance(policy.decide(actor, action, resource=resource), policy.Allow)


def resource_of(actor: Actor, picture: Picture) -> policy.Resource:
    """Say what a referral is to this actor, as the policy asks it."""
    return policy.Resource(
        org_id=actor.org_id,
        member_id=picture.facts.owner_member_id,
        capacity=Capacity(picture.capacity) if picture.capacity else None,
        classes=frozenset(policy.SensitivityClass(value) for value in picture.classes),
    )
