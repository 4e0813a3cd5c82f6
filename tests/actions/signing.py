"""Sam, who signs in for tests."""

from crypto import token
from service.actions import add_member, sessions, sign_in
from service.actions.add_member import NewMember
from service.actions.sign_in import Attempt, SignedIn
from service.domain.people import Actor, Role
from tests import making

GOOD = "violet kettle under 7 bridges"
ADDRESS = "sam.lee@example.org"


async def sam(
    house: making.House, org: making.Org, password: str | None = GOOD
) -> add_member.Added:
    """Add Sam, who administers and treats."""
    wish = NewMember(
        org_id=org.id,
        address=ADDRESS,
        name="Sam Lee",
        roles=frozenset({Role.ORG_ADMIN, Role.CLINICIAN}),
        password=password,
    )
    return await add_member.add_member(house.office, org.actor, wish)


async def signed_in(house: making.House, **attempt: object) -> SignedIn:
    """Sign Sam in, with these changes."""
    given = {"address": ADDRESS, "password": GOOD} | attempt
    return await sign_in.sign_in(house.office, Attempt(**given))  # type: ignore[arg-type]


async def actor_of(house: making.House, signed: SignedIn) -> Actor:
    """Return whom a session stands for."""
    digest = token.secret_hash(signed.session.secret)
    known = await sessions.by_cookie(house.office, digest)
    assert known is not None
    return known.actor
