"""Giving somebody of a test an address and a password to sign in with by hand."""

from crypto.sealed import Place
from service.actions import hashing
from service.domain.people import Actor
from service.store.pool import Scope
from tests.making import House

PASSWORD = "blue-kettle-by-the-river"


async def may_sign_in(house: House, actor: Actor, address: str) -> str:
    """Let a member sign in with this address and PASSWORD; return the address."""
    scope = Scope(org_id=actor.org_id, person_id=actor.person_id)
    assert actor.person_id is not None
    place = Place(table="person", column="login_sealed", row_id=actor.person_id, org_id=None)
    sealed = await house.keys.seal_field(None, address.encode(), place=place)
    logins = await house.keys.indexes(None, "email", address)
    async with house.office.db.transaction(scope) as connection:
        await connection.execute(
            "update person set password_hash = $2, login_sealed = $3 where id = $1",
            actor.person_id,
            await hashing.make(PASSWORD),
            sealed,
        )
        for login in logins:
            await connection.execute(
                "insert into person_login (token, person_id, key_version) values ($1, $2, $3)",
                login.digest,
                actor.person_id,
                login.version,
            )
    return address
