"""Proving again in the very act: what counts, what is recorded, and what it changes."""

import pytest

from crypto import token
from service import faults
from service.actions import keep_session, prove, sessions
from service.actions.prove import Proof
from service.actions.sessions import Method
from service.store.pool import Scope
from tests import making
from tests.actions.signing import GOOD, actor_of, sam, signed_in


async def test_a_right_password_proves_and_is_recorded(house: making.House) -> None:
    await sam(house, await house.organization())
    actor = await actor_of(house, await signed_in(house))
    assert await prove.prove(house.office, actor, Proof(password=GOOD)) is Method.PASSWORD
    async with house.office.db.transaction(Scope(org_id=actor.org_id)) as connection:
        noted = await connection.fetch(
            "select actor_member_id, detail from audit where action = 'session.prove'"
        )
    assert [row["actor_member_id"] for row in noted] == [actor.member_id]
    assert noted[0]["detail"] == {"method": "password"}
    assert GOOD not in repr(Proof(password=GOOD))


async def test_a_wrong_proof_proves_nothing_and_spends_a_try(house: making.House) -> None:
    await sam(house, await house.organization())
    actor = await actor_of(house, await signed_in(house))
    for _ in range(5):
        with pytest.raises(faults.SignInFailed):
            await prove.prove(house.office, actor, Proof(password="wrong" * 4))
    with pytest.raises(faults.SignInFailed):
        await prove.prove(house.office, actor, Proof(password=GOOD))


async def test_no_proof_and_no_person_are_refused(house: making.House) -> None:
    org = await house.organization()
    await sam(house, org)
    actor = await actor_of(house, await signed_in(house))
    with pytest.raises(faults.Invalid):
        await prove.prove(house.office, actor, Proof())
    with pytest.raises(faults.Refused):
        await prove.prove(house.office, org.actor, Proof(password=GOOD))


async def test_a_proof_changes_the_secret_and_keeps_the_sign_in(house: making.House) -> None:
    await sam(house, await house.organization())
    first = await signed_in(house)
    actor = await actor_of(house, first)
    proven = await keep_session.prove_again(house.office, actor, Proof(password=GOOD))
    assert proven.session.secret != first.session.secret
    assert proven.session.csrf != first.session.csrf
    assert await sessions.by_cookie(house.office, token.secret_hash(first.session.secret)) is None
    assert (await actor_of(house, proven)).session_id == actor.session_id


async def test_a_session_that_ended_is_not_brought_back_by_a_proof(house: making.House) -> None:
    await sam(house, await house.organization())
    signed = await signed_in(house)
    actor = await actor_of(house, signed)
    await sessions.end(house.office, token.secret_hash(signed.session.secret))
    with pytest.raises(faults.SignInRequired):
        await keep_session.prove_again(house.office, actor, Proof(password=GOOD))
