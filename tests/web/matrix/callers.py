"""Who calls: every role of every organization, programs, visitors, and those who are nobody now."""

from enum import StrEnum
from uuid import NAMESPACE_URL, UUID, uuid5

import msgspec

from service.domain.people import Actor, ActorKind, Capacity, Role

NETWORK = "network"
"""The coordinating organization."""

CAPACITIES: dict[str, Capacity | None] = {
    "clinic": Capacity.SENDER,
    "pantry": Capacity.RECIPIENT,
    "shelter": Capacity.RECIPIENT,
    "watcher": Capacity.OBSERVER,
    NETWORK: Capacity.CCO,
    # Declined, and the time to take it back is over.
    "former": None,
    "stranger": None,
}
"""The organizations with accounts, and what each is to the referral now."""

OWNER, RECIPIENT = "clinic", "pantry"
"""Whose records they are, and whose part of the referral is meant where a part is."""


class Proof(StrEnum):
    """What a caller brings."""

    NOTHING = "nothing"
    SESSION = "session"
    UNTOKENED = "session without its token"
    ELSEWHERE = "session, from another site"
    KEY = "key"
    INVENTED = "invented"
    VISIT = "visit"
    NAMED_VISIT = "visit, stepped up"


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of caller. `spoilt`: what was done to the proof, so that it is good no more."""

    name: str
    proof: Proof
    org: str = ""
    roles: frozenset[Role] = frozenset()
    spoilt: str = ""

    @property
    def actor(self) -> Actor | None:
        """Who this is to the policy; nobody where the proof is none or no good."""
        if self.spoilt or self.proof in (Proof.NOTHING, Proof.INVENTED):
            return None
        if self.visiting:
            return Actor(
                kind=ActorKind.LINK,
                org_id=id_of(self.org),
                link_id=id_of(f"link of {self.org}"),
                stepped_up=self.proof is Proof.NAMED_VISIT,
            )
        return Actor(
            kind=ActorKind.MEMBER,
            org_id=id_of(self.org),
            member_id=id_of(self.name),
            roles=self.roles,
            cco=self.org == NETWORK,
        )

    @property
    def visiting(self) -> bool:
        """Whether this is somebody who came by an e-mail link."""
        return self.proof in (Proof.VISIT, Proof.NAMED_VISIT)


def id_of(name: str) -> UUID:
    """Return the id that something has in the table; the stage has its own."""
    return uuid5(NAMESPACE_URL, name)


def _members() -> tuple[Caller, ...]:
    return tuple(
        Caller(name=f"{role} of the {org}", proof=Proof.SESSION, org=org, roles=frozenset({role}))
        for org in CAPACITIES
        for role in Role
    )


def _programs() -> tuple[Caller, ...]:
    keys = [(org, Role.INTEGRATION) for org in CAPACITIES]
    # Whoever runs an organization may make a key for themselves; it hands out no access.
    keys += [(OWNER, Role.ORG_ADMIN), (OWNER, Role.COORDINATOR), (NETWORK, Role.ORG_ADMIN)]
    return tuple(
        Caller(
            name=f"key of {role} of the {org}", proof=Proof.KEY, org=org, roles=frozenset({role})
        )
        for org, role in keys
    )


def _spoilt(name: str, proof: Proof, spoilt: str, *, org: str = OWNER) -> Caller:
    return Caller(name=name, proof=proof, org=org, roles=frozenset(Role), spoilt=spoilt)


AWKWARD = (
    Caller(name="nobody", proof=Proof.NOTHING),
    Caller(name="somebody with an invented cookie and key", proof=Proof.INVENTED),
    _spoilt("an ended session", Proof.SESSION, "update session set ended_at = lk.raw_now()"),
    _spoilt(
        "a session idle too long",
        Proof.SESSION,
        "update session set seen_at = lk.raw_now() - interval '31 minutes'",
    ),
    _spoilt(
        "a session past its day",
        Proof.SESSION,
        "update session set expires_at = lk.raw_now() - interval '1 second'",
    ),
    _spoilt("a deactivated member", Proof.SESSION, "update member set state = 'inactive'"),
    _spoilt("a key of a deactivated member", Proof.KEY, "update member set state = 'inactive'"),
    _spoilt("a revoked key", Proof.KEY, "update api_key set revoked_at = lk.raw_now()"),
    _spoilt(
        "a key past its day",
        Proof.KEY,
        "update api_key set expires_at = lk.raw_now() - interval '1 second'",
    ),
    _spoilt("a member of an organization that left", Proof.SESSION, "left", org="gone"),
    _spoilt("a key of an organization that left", Proof.KEY, "left", org="gone"),
    _spoilt(
        "an ended visit", Proof.VISIT, "update link_session set ended_at = lk.raw_now()", org="quay"
    ),
    _spoilt(
        "a visit by a revoked link", Proof.VISIT, "update link set state = 'revoked'", org="dock"
    ),
    Caller(
        name="a session without its token",
        proof=Proof.UNTOKENED,
        org=OWNER,
        roles=frozenset(Role) - {Role.READER},
    ),
    Caller(
        name="a session from another site",
        proof=Proof.ELSEWHERE,
        org=OWNER,
        roles=frozenset(Role) - {Role.READER},
    ),
    Caller(name="a visit before step-up", proof=Proof.VISIT, org="harbor"),
    Caller(name="a visit after step-up", proof=Proof.NAMED_VISIT, org="berth"),
)
"""Those who bring nothing, something that is good no more, or a proof of another kind."""

AGENCIES = ("harbor", "berth", "quay", "dock")
"""The recipients without accounts; each answers by a link of its own."""

CALLERS: tuple[Caller, ...] = (*_members(), *_programs(), *AWKWARD)
