"""Passkeys: made after a fresh proof, good for one challenge once; every lie is the same no."""

from typing import Any

import msgspec
import pytest

from crypto import passkey
from service import faults
from service.actions import keep_passkeys, passkeys, prove, sign_in
from service.actions.passkeys import Credential, Purpose
from service.actions.prove import Proof
from service.actions.sessions import Method
from service.domain.people import Actor
from service.store.pool import Scope
from tests import making
from tests.actions.authenticator import ATTESTED, ORIGIN, PRESENT, VERIFIED, Authenticator, b64
from tests.actions.signing import actor_of, sam, signed_in


def _read(answer: dict[str, Any]) -> Credential:
    return msgspec.convert(answer, Credential)


async def _enrolled(house: making.House, *, counts: bool = True) -> tuple[Actor, Authenticator]:
    await sam(house, await house.organization())
    actor = await actor_of(house, await signed_in(house))
    device = Authenticator(counts=counts)
    options = await keep_passkeys.ask_to_make(house.office, actor)
    await keep_passkeys.add(
        house.office, actor, name="Desk key", credential=_read(device.make(options))
    )
    return actor, device


async def _sign_in(house: making.House, device: Authenticator, **lies: Any) -> sign_in.SignedIn:
    options = await passkeys.ask_to_sign_in(house.office)
    return await sign_in.sign_in_by_passkey(house.office, _read(device.sign(options, **lies)))


async def _told(house: making.House) -> list[str]:
    async with house.check.transaction(Scope()) as connection:
        rows = await connection.fetch("select code from outbox where kind = 'security' order by id")
    return [row["code"] for row in rows]


async def test_a_passkey_signs_in_as_two_factors_and_nobody_says_who_they_are(
    house: making.House,
) -> None:
    actor, device = await _enrolled(house)
    options = await passkeys.ask_to_sign_in(house.office)
    assert options["allowCredentials"] == []
    assert options["userVerification"] == "required"
    signed = await _sign_in(house, device)
    assert signed.totp
    assert (await actor_of(house, signed)).person_id == actor.person_id
    (kept,) = await keep_passkeys.listed(house.office, actor)
    assert (kept.name, kept.last_used_at is not None) == ("Desk key", True)
    assert await _told(house) == ["passkey_added"]


LIES = {
    "another origin": {"origin": "https://evil.example"},
    "another port": {"origin": "http://localhost:9999"},
    "another party": {"rp_id": "evil.example"},
    "a changed counter": {"tampered": True},
    "nobody present": {"flags": VERIFIED},
    "nobody verified": {"flags": PRESENT},
    "a signature for making": {"type": "webauthn.create"},
    "a challenge of its own": {"challenge": b64(bytes(32))},
    "somebody else": {"user": bytes(16)},
    "no challenge at all": {"challenge": 7},
}


@pytest.mark.parametrize("lie", LIES)
async def test_every_lie_is_the_same_no(house: making.House, lie: str) -> None:
    _, device = await _enrolled(house)
    with pytest.raises(faults.SignInFailed) as refused:
        await _sign_in(house, device, **LIES[lie])
    assert refused.value.extra == {}
    assert str(refused.value) == faults.SignInFailed.advice
    await _sign_in(house, device)


async def test_a_challenge_is_good_once_even_for_an_answer_that_failed(
    house: making.House,
) -> None:
    _, device = await _enrolled(house)
    options = await passkeys.ask_to_sign_in(house.office)
    answer = _read(device.sign(options))
    await sign_in.sign_in_by_passkey(house.office, answer)
    with pytest.raises(faults.SignInFailed):
        await sign_in.sign_in_by_passkey(house.office, answer)
    options = await passkeys.ask_to_sign_in(house.office)
    lying = _read(device.sign(options, origin="https://evil.example"))
    with pytest.raises(faults.SignInFailed):
        await sign_in.sign_in_by_passkey(house.office, lying)
    with pytest.raises(faults.SignInFailed):
        await sign_in.sign_in_by_passkey(house.office, _read(device.sign(options)))


async def test_a_challenge_is_good_for_five_minutes(house: making.House) -> None:
    _, device = await _enrolled(house)
    options = await passkeys.ask_to_sign_in(house.office)
    import asyncpg

    owner = await asyncpg.connect(house.url)
    await owner.execute(
        "update lk.webauthn_challenge set expires_at = expires_at - interval '5 minutes'"
    )
    await owner.close()
    with pytest.raises(faults.SignInFailed):
        await sign_in.sign_in_by_passkey(house.office, _read(device.sign(options)))


async def test_a_counter_that_stands_still_means_a_copy_and_ends_the_passkey(
    house: making.House,
) -> None:
    actor, device = await _enrolled(house)
    await _sign_in(house, device)
    with pytest.raises(faults.SignInFailed):
        await _sign_in(house, device, count=device.count)
    assert await _told(house) == ["passkey_added", "passkey_copied"]
    assert await keep_passkeys.listed(house.office, actor) == []
    with pytest.raises(faults.SignInFailed):
        await _sign_in(house, device)


async def test_an_authenticator_without_a_counter_says_nought_for_ever(
    house: making.House,
) -> None:
    _, device = await _enrolled(house, counts=False)
    for _ in range(2):
        await _sign_in(house, device)


async def test_a_passkey_taken_away_works_no_more(house: making.House) -> None:
    actor, device = await _enrolled(house)
    (kept,) = await keep_passkeys.listed(house.office, actor)
    await keep_passkeys.end(house.office, actor, passkey_id=kept.id)
    with pytest.raises(faults.SignInFailed):
        await _sign_in(house, device)
    with pytest.raises(faults.Missing):
        await keep_passkeys.end(house.office, actor, passkey_id=kept.id)


async def test_somebody_disabled_does_not_come_in_by_passkey(house: making.House) -> None:
    actor, device = await _enrolled(house)
    async with house.office.db.transaction(Scope(person_id=actor.person_id)) as connection:
        await connection.execute("update person set state = 'disabled'")
    with pytest.raises(faults.SignInFailed):
        await _sign_in(house, device)


async def test_proving_takes_the_persons_own_passkey_and_a_challenge_made_for_it(
    house: making.House,
) -> None:
    actor, device = await _enrolled(house)
    assert actor.person_id is not None
    options = await passkeys.ask_to_prove(house.office, actor.person_id)
    assert [each["id"] for each in options["allowCredentials"]] == [b64(device.credential_id)]
    proof = Proof(passkey=_read(device.sign(options)))
    assert await prove.prove(house.office, actor, proof) is Method.PASSKEY
    with pytest.raises(faults.SignInFailed):
        await prove.prove(house.office, actor, proof)
    for_signing_in = await passkeys.ask_to_sign_in(house.office)
    with pytest.raises(faults.SignInFailed):
        await prove.prove(house.office, actor, Proof(passkey=_read(device.sign(for_signing_in))))


async def test_nobody_proves_with_the_passkey_of_another(house: making.House) -> None:
    actor, device = await _enrolled(house)
    other = await house.member((await house.organization("South")).id)
    assert actor.person_id is not None
    assert other.person_id is not None
    options = await passkeys.ask_to_prove(house.office, other.person_id)
    with pytest.raises(faults.SignInFailed):
        await passkeys.signer_of(
            house.office,
            _read(device.sign(options)),
            Purpose.PROVE,
            person_id=other.person_id,
        )


async def test_a_passkey_is_added_after_a_fresh_proof_only(house: making.House) -> None:
    actor, _ = await _enrolled(house)
    async with house.office.db.transaction(Scope(person_id=actor.person_id)) as connection:
        await connection.execute("update session set proven_at = proven_at - interval '1 hour'")
    with pytest.raises(faults.FreshSignInNeeded):
        await keep_passkeys.ask_to_make(house.office, actor)
    (kept,) = await keep_passkeys.listed(house.office, actor)
    with pytest.raises(faults.FreshSignInNeeded):
        await keep_passkeys.end(house.office, actor, passkey_id=kept.id)


MADE_WRONG = {
    "another origin": {"origin": "https://evil.example"},
    "another party": {"rp_id": "evil.example"},
    "nobody verified": {"flags": PRESENT | ATTESTED},
    "a challenge of its own": {"challenge": b64(bytes(32))},
    "an attestation nobody asked for": {"fmt": "packed", "statement": {"alg": -7, "sig": b"x"}},
    "a format nobody knows": {"fmt": "evil"},
}


@pytest.mark.parametrize("lie", MADE_WRONG)
async def test_a_passkey_made_wrong_is_not_kept(house: making.House, lie: str) -> None:
    actor, _ = await _enrolled(house)
    options = await keep_passkeys.ask_to_make(house.office, actor)
    with pytest.raises(faults.SignInFailed):
        await keep_passkeys.add(
            house.office,
            actor,
            name="Other",
            credential=_read(Authenticator().make(options, **MADE_WRONG[lie])),
        )
    assert len(await keep_passkeys.listed(house.office, actor)) == 1


async def test_the_same_passkey_is_kept_once(house: making.House) -> None:
    actor, device = await _enrolled(house)
    options = await keep_passkeys.ask_to_make(house.office, actor)
    assert [each["id"] for each in options["excludeCredentials"]] == [b64(device.credential_id)]
    from service.store.passkeys import PasskeyKnown

    with pytest.raises(PasskeyKnown):
        await keep_passkeys.add(
            house.office, actor, name="Again", credential=_read(device.make(options))
        )


async def test_nothing_secret_of_a_ceremony_is_stored(house: making.House) -> None:
    await _enrolled(house)
    options = await passkeys.ask_to_sign_in(house.office)
    async with house.check.transaction(Scope()) as connection:
        rows = await connection.fetch("select challenge_hash from webauthn_challenge")
    stored = [b64(row["challenge_hash"]) for row in rows]
    assert options["challenge"] not in stored


@pytest.mark.parametrize(
    ("url", "party"),
    [
        ("https://loop.example.org", ("loop.example.org", "https://loop.example.org")),
        ("https://loop.example.org:8443", ("loop.example.org", "https://loop.example.org:8443")),
        ("http://127.0.0.1:8080", ("localhost", ORIGIN)),
        ("http://[::1]:8080", ("localhost", ORIGIN)),
        ("http://localhost:8080", ("localhost", ORIGIN)),
        ("https://10.0.0.5", None),
    ],
)
def test_a_passkey_is_for_the_name_people_reach_us_by(
    url: str, party: tuple[str, str] | None
) -> None:
    found = passkey.party_of(url)
    assert (None if found is None else (found.id, found.origin)) == party
