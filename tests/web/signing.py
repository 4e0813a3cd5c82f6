"""Giving somebody of a test an address and a password to sign in with by hand."""

from service.actions import hashing
from service.domain.people import Actor
from service.store.pool import Scope
from tests.making import House

PASSWORD = "blue-kettle-by-the-river"


async def may_sign_in(house: House, actor: Actor, address: str) -> str:
    """Let a member sign in with this address and PASSWORD; return the address."""
    scope = Scope(org_id=actor.org_id, person_id=actor.person_id)
    login = await house.keys.index(None, "email", address)
    async with house.office.db.transaction(scope) as connection:
        await connection.execute(
            "update person set password_hash = $2, login_token = $3 where id = $1",
            actor.person_id,
            await hashing.make(PASSWORD),
            login,
        )
    return address
