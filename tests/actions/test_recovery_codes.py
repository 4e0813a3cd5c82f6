"""Recovery codes: ten, each once, in place of the authenticator; the person hears of each use."""

import asyncio

import pyotp
import pytest

from crypto import token
from service import clock, faults
from service.actions import enrol_totp, recovery, renew_recovery
from service.domain import ids
from service.domain.people import Actor
from service.store.pool import Scope
from tests import making
from tests.actions.signing import GOOD, actor_of, sam, signed_in


async def _enrolled(house: making.House) -> tuple[Actor, tuple[str, ...]]:
    await sam(house, await house.organization())
    actor = await actor_of(house, await signed_in(house))
    offered = await enrol_totp.offer_totp(house.office, actor, password=GOOD)
    code = pyotp.TOTP(offered.seed).generate_otp(int(clock.unix_seconds()) // 30)
    done = await enrol_totp.confirm_totp(house.office, actor, code=code)
    assert done.codes[0] not in repr(done)
    return await actor_of(house, done.signed), done.codes


async def _told(house: making.House) -> list[str]:
    async with house.check.transaction(Scope()) as connection:
        rows = await connection.fetch("select code from outbox where kind = 'security' order by id")
    return [row["code"] for row in rows]


async def test_ten_codes_come_with_the_authenticator_and_nothing_of_them_is_stored(
    house: making.House,
) -> None:
    actor, codes = await _enrolled(house)
    assert len(set(codes)) == recovery.HOW_MANY == 10
    assert await renew_recovery.left(house.office, actor) == 10
    async with house.check.transaction(Scope()) as connection:
        rows = await connection.fetch("select * from recovery_code")
    stored = "".join(str(dict(row)) for row in rows)
    assert not [code for code in codes if code in stored or code.replace("-", "") in stored]


async def test_a_code_signs_in_once_and_its_person_is_told(house: making.House) -> None:
    actor, codes = await _enrolled(house)
    signed = await signed_in(house, totp_code=codes[3].lower().replace("-", " "))
    assert signed.totp
    assert await renew_recovery.left(house.office, actor) == 9
    assert await _told(house) == ["totp_confirmed", "recovery_used"]
    for wrong in (codes[3], "0000-0000-0000-0000"):
        with pytest.raises(faults.SignInFailed):
            await signed_in(house, totp_code=wrong)
    assert await renew_recovery.left(house.office, actor) == 9


async def test_of_many_at_once_one_gets_the_code(house: making.House) -> None:
    _, codes = await _enrolled(house)
    tries = [signed_in(house, totp_code=codes[0]) for _ in range(4)]
    done = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(not isinstance(each, BaseException) for each in done) == 1


async def test_new_codes_end_those_before_and_need_a_fresh_proof(house: making.House) -> None:
    actor, codes = await _enrolled(house)
    renewed = await renew_recovery.renew(house.office, actor)
    assert not set(renewed) & set(codes)
    with pytest.raises(faults.SignInFailed):
        await signed_in(house, totp_code=codes[0])
    await signed_in(house, totp_code=renewed[0])
    async with house.office.db.transaction(Scope(person_id=actor.person_id)) as connection:
        await connection.execute("update session set proven_at = proven_at - interval '1 hour'")
    with pytest.raises(faults.FreshSignInNeeded):
        await renew_recovery.renew(house.office, actor)


async def test_without_an_authenticator_there_is_nothing_to_recover(house: making.House) -> None:
    await sam(house, await house.organization())
    actor = await actor_of(house, await signed_in(house))
    with pytest.raises(renew_recovery.NoAuthenticator):
        await renew_recovery.renew(house.office, actor)


async def test_a_code_is_its_persons_alone(house: making.House) -> None:
    _, codes = await _enrolled(house)
    tidied = recovery.tidy(codes[0])
    assert tidied is not None
    one, other = ids.new_id(), ids.new_id()
    assert token.recovery_hash(one, tidied) != token.recovery_hash(other, tidied)
    assert token.recovery_hash(one, codes[0]) == token.recovery_hash(one, tidied)


@pytest.mark.parametrize("text", ["", "123456", "ABCD-EFGH", "U" * 16, "ABCD" * 5, "é" * 16])
def test_what_has_not_the_shape_of_a_code_is_none(text: str) -> None:
    assert recovery.tidy(text) is None


def test_what_is_easily_mistaken_is_understood() -> None:
    assert recovery.tidy("oil0-1111-2222-3333") == "0110111122223333"
