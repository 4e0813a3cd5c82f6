"""Keys for programs, and the fresh proof that handing out access asks for."""

import pytest

from crypto import token
from service import faults
from service.actions import keep_session, manage_api_keys, sessions
from service.actions.prove import Proof
from service.domain.people import Actor
from service.store.pool import Scope
from tests import making
from tests.actions.signing import GOOD, actor_of, sam, signed_in


async def _age(house: making.House, actor: Actor) -> None:
    async with house.office.db.transaction(Scope(person_id=actor.person_id)) as connection:
        await connection.execute("update session set proven_at = proven_at - interval '1 hour'")


async def test_an_old_session_hands_out_no_access_before_a_fresh_proof(house: making.House) -> None:
    await sam(house, await house.organization())
    actor = await actor_of(house, await signed_in(house))
    await _age(house, actor)
    with pytest.raises(faults.FreshSignInNeeded):
        await _key(house, actor)
    assert actor.member_id is not None
    # Switching is no proof: the session that follows is as old.
    switched = await keep_session.switch_member(house.office, actor, member_id=actor.member_id)
    actor = await actor_of(house, switched)
    with pytest.raises(faults.FreshSignInNeeded):
        await _key(house, actor)
    with pytest.raises(faults.SignInFailed):
        await keep_session.prove_again(house.office, actor, Proof(password="wrong" * 4))
    proven = await keep_session.prove_again(house.office, actor, Proof(password=GOOD))
    await _key(house, await actor_of(house, proven))


async def _key(house: making.House, actor: Actor) -> manage_api_keys.Made:
    assert actor.member_id is not None
    return await manage_api_keys.make_api_key(
        house.office, actor, name="EHR bridge", member_id=actor.member_id
    )


async def test_a_key_acts_for_its_member_until_it_is_revoked(house: making.House) -> None:
    org = await house.organization()
    made = await _key(house, org.actor)
    assert made.secret.startswith("lk_")
    assert made.secret not in repr(made)
    known = await sessions.by_key(house.office, token.secret_hash(made.secret))
    assert known is not None
    assert (known.actor.member_id, known.actor.api_key_id) == (org.actor.member_id, made.id)
    with pytest.raises(faults.Refused):
        await _key(house, known.actor)
    listed = await manage_api_keys.list_api_keys(house.office, org.actor)
    assert [key.id for key in listed] == [made.id]
    assert listed[0].last_used_at is not None
    await manage_api_keys.revoke_api_key(house.office, org.actor, key_id=made.id)
    assert await sessions.by_key(house.office, token.secret_hash(made.secret)) is None
    with pytest.raises(faults.Missing):
        await manage_api_keys.revoke_api_key(house.office, org.actor, key_id=made.id)


async def test_a_key_needs_a_name_and_an_active_member_of_the_same_organization(
    house: making.House,
) -> None:
    north, south = await house.organization("North"), await house.organization("South")
    member = south.actor.member_id
    assert member is not None
    for name, field in (("  ", "name"), ("bridge", "member_id")):
        with pytest.raises(faults.Invalid) as refused:
            await manage_api_keys.make_api_key(
                house.office, north.actor, name=name, member_id=member
            )
        assert refused.value.extra["errors"][0]["field"] == field
    made = await _key(house, south.actor)
    with pytest.raises(faults.Missing):
        await manage_api_keys.revoke_api_key(house.office, north.actor, key_id=made.id)


async def test_nothing_of_a_password_or_secret_is_stored_readably(house: making.House) -> None:
    await sam(house, await house.organization())
    signed = await signed_in(house)
    async with house.office.db.transaction(Scope(person_id=signed.member.member_id)) as connection:
        audits = await connection.fetch("select detail::text from audit")
    assert all(GOOD not in row["detail"] for row in audits)
