"""The policy as actions ask it: go on, or raise what the caller may hear."""

from datetime import timedelta
from uuid import UUID

from service import clock, faults
from service.actions.office import Office
from service.domain import policy
from service.domain.people import Actor, ActorKind
from service.store import people
from service.store.pool import Scope

OPERATOR = Actor(kind=ActorKind.SYSTEM)
"""Whoever runs the command line beside the root key; no guard of the web ever makes it."""


FRESH = timedelta(minutes=15)
"""How long after a proof people, keys and roles may be managed without another one."""


def require(
    actor: Actor,
    action: policy.Action,
    *,
    resource: policy.Resource = policy.NOTHING,
    purpose: policy.Purpose = policy.Purpose.TREATMENT,
) -> frozenset[policy.Obligation]:
    """Return what goes with the act; raises Missing for another's record, else Refused."""
    if actor.kind is ActorKind.SYSTEM:
        return frozenset()
    answer = policy.decide(actor, action, resource=resource, purpose=purpose)
    if isinstance(answer, policy.Allow):
        return answer.obligations
    if answer.reason is policy.DenyReason.NOT_YOURS:
        raise faults.Missing
    raise faults.Refused


def own(actor: Actor, action: policy.Action) -> tuple[UUID, UUID]:
    """Require an act in one's own organization and return organization and member."""
    require(actor, action, resource=policy.Resource(org_id=actor.org_id))
    if actor.org_id is None or actor.member_id is None:
        raise faults.Refused
    return actor.org_id, actor.member_id


def of(actor: Actor, action: policy.Action, *, org_id: UUID) -> None:
    """Require an act on a record of this organization."""
    require(actor, action, resource=policy.Resource(org_id=org_id))


def eyes(actor: Actor, org_id: UUID, *, person_id: UUID | None = None) -> Scope:
    """Return the scope of an organization, lent to its own people and the network's administration.

    Whatever the policy said: to anybody else this is Missing, and no row is looked at.
    """
    network = actor.cco or actor.kind is ActorKind.SYSTEM
    if not network and actor.org_id != org_id:
        raise faults.Missing
    return Scope(org_id=org_id, person_id=person_id, network=network)


async def fresh(office: Office, actor: Actor) -> None:
    """Require a proof of the last minutes for what hands out access; raises FreshSignInNeeded.

    An API key never does: one that leaked must not be able to make another.
    """
    if actor.api_key_id is not None:
        raise faults.Refused("Sign in as a person for this; an API key cannot hand out access.")
    if actor.session_id is None:
        return
    async with office.db.transaction(Scope(person_id=actor.person_id)) as connection:
        since = await people.proven_at(connection, actor.session_id)
    if since is None or clock.real_now() - since > FRESH:
        raise faults.FreshSignInNeeded
