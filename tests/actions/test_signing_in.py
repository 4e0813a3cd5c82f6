"""Signing in, second factors, invitations and keys; on real PostgreSQL and real Argon2id."""

from collections.abc import AsyncIterator

import pyotp
import pytest

from crypto import token
from service import clock, faults
from service.actions import (
    accept_invitation,
    add_member,
    enrol_totp,
    invite_again,
    keep_session,
    manage_api_keys,
    sessions,
    sign_in,
)
from service.actions.add_member import NewMember
from service.actions.invite_again import BelongsElsewhere
from service.actions.sign_in import Attempt, SignedIn
from service.domain.people import Actor, Role
from service.store.pool import Scope
from tests import making

GOOD = "violet kettle under 7 bridges"
ADDRESS = "sam.lee@example.org"


@pytest.fixture
async def house(fresh_database: str) -> AsyncIterator[making.House]:
    async with making.house(fresh_database) as opened:
        yield opened


async def _sam(house: making.House, org: making.Org, password: str | None = GOOD) -> object:
    wish = NewMember(
        org_id=org.id,
        address=ADDRESS,
        name="Sam Lee",
        roles=frozenset({Role.ORG_ADMIN, Role.CLINICIAN}),
        password=password,
    )
    return await add_member.add_member(house.office, org.actor, wish)


async def _in(house: making.House, **attempt: object) -> SignedIn:
    given = {"address": ADDRESS, "password": GOOD} | attempt
    return await sign_in.sign_in(house.office, Attempt(**given))  # type: ignore[arg-type]


async def _actor(house: making.House, signed: SignedIn) -> Actor:
    digest = token.secret_hash(signed.session.secret)
    known = await sessions.by_cookie(house.office, digest)
    assert known is not None
    return known.actor


async def test_the_right_password_begins_a_session_as_the_member(house: making.House) -> None:
    org = await house.organization()
    await _sam(house, org)
    signed = await _in(house, address=" SAM.LEE@Example.org ")
    actor = await _actor(house, signed)
    assert actor.org_id == org.id
    assert actor.roles == {Role.ORG_ADMIN, Role.CLINICIAN}
    assert len(signed.choices) == 1
    assert signed.session.secret not in repr(signed)


@pytest.mark.parametrize(
    "attempt",
    [
        {"password": "violet kettle under 8 bridges"},
        {"address": "nobody@example.org"},
        {"address": "not an address"},
    ],
)
async def test_every_wrong_sign_in_is_answered_the_same(
    house: making.House, attempt: dict[str, str]
) -> None:
    await _sam(house, await house.organization())
    with pytest.raises(faults.SignInFailed) as refused:
        await _in(house, **attempt)
    assert refused.value.extra == {}
    assert refused.value.detail == faults.SignInFailed.advice


async def test_after_five_failures_even_the_right_password_waits(house: making.House) -> None:
    await _sam(house, await house.organization())
    for _ in range(5):
        with pytest.raises(faults.SignInFailed):
            await _in(house, password="wrong" * 4)
    with pytest.raises(faults.SignInFailed):
        await _in(house)


async def test_a_right_password_forgives_the_failures_before_it(house: making.House) -> None:
    await _sam(house, await house.organization())
    for _ in range(2):
        for _ in range(4):
            with pytest.raises(faults.SignInFailed):
                await _in(house, password="wrong" * 4)
        await _in(house)


async def test_somebody_invited_but_without_a_password_cannot_sign_in(house: making.House) -> None:
    await _sam(house, await house.organization(), password=None)
    with pytest.raises(faults.SignInFailed):
        await _in(house, password="")


async def test_an_invitation_sets_a_password_once(house: making.House) -> None:
    added = await _sam(house, await house.organization(), password=None)
    secret = added.invitation.token  # type: ignore[attr-defined]
    with pytest.raises(faults.Invalid):
        await accept_invitation.accept_invitation(
            house.office, secret=secret, password="too short 1"
        )
    with pytest.raises(faults.Invalid):
        await accept_invitation.accept_invitation(
            house.office, secret=secret, password="sam.lee@example.org 1"
        )
    await accept_invitation.accept_invitation(house.office, secret=secret, password=GOOD)
    await _in(house)
    for wrong in (secret, "li_unknown", "\ud800"):
        with pytest.raises(accept_invitation.InvitationEnded):
            await accept_invitation.accept_invitation(house.office, secret=wrong, password=GOOD)


async def test_a_new_invitation_ends_the_one_before_and_all_sessions(house: making.House) -> None:
    org = await house.organization()
    added = await _sam(house, org)
    member_id = added.member_id  # type: ignore[attr-defined]
    signed = await _in(house)
    first = await invite_again.invite_again(
        house.office, org.actor, org_id=org.id, member_id=member_id
    )
    second = await invite_again.invite_again(
        house.office, org.actor, org_id=org.id, member_id=member_id
    )
    with pytest.raises(accept_invitation.InvitationEnded):
        await accept_invitation.accept_invitation(
            house.office, secret=first.token, password=GOOD + "!"
        )
    await accept_invitation.accept_invitation(
        house.office, secret=second.token, password=GOOD + "!"
    )
    digest = token.secret_hash(signed.session.secret)
    assert await sessions.by_cookie(house.office, digest) is None
    await _in(house, password=GOOD + "!")


async def test_no_organization_resets_the_password_of_somebody_elses_member(
    house: making.House,
) -> None:
    north, south = await house.organization("North"), await house.organization("South")
    cco = await house.organization("CCO", kind="coordination", cco=True)
    added = await _sam(house, north)
    await _sam(house, south)
    member_id = added.member_id  # type: ignore[attr-defined]
    with pytest.raises(BelongsElsewhere):
        await invite_again.invite_again(
            house.office, north.actor, org_id=north.id, member_id=member_id
        )
    with pytest.raises(faults.Missing):
        await invite_again.invite_again(
            house.office, south.actor, org_id=north.id, member_id=member_id
        )
    await invite_again.invite_again(house.office, cco.actor, org_id=north.id, member_id=member_id)


async def test_a_person_of_two_organizations_chooses_and_switches(house: making.House) -> None:
    north, south = await house.organization("North"), await house.organization("South")
    await _sam(house, north)
    await _sam(house, south)
    signed = await _in(house)
    assert [choice.public_name for choice in signed.choices] == ["North", "South"]
    actor = await _actor(house, signed)
    to = signed.choices[1].member_id
    switched = await keep_session.switch_member(house.office, actor, member_id=to)
    assert (await _actor(house, switched)).org_id == south.id
    assert await sessions.by_cookie(house.office, token.secret_hash(signed.session.secret)) is None
    current = await keep_session.current(house.office, await _actor(house, switched))
    assert current.member.org_id == south.id
    chosen = await _in(house, member_id=to)
    assert chosen.member.org_id == south.id
    with pytest.raises(faults.Missing):
        await _in(house, member_id=north.actor.member_id)


async def _with_totp(house: making.House) -> tuple[Actor, pyotp.TOTP, str]:
    await _sam(house, await house.organization())
    actor = await _actor(house, await _in(house))
    offered = await enrol_totp.offer_totp(house.office, actor, password=GOOD)
    assert offered.seed not in repr(offered)
    codes = pyotp.TOTP(offered.seed)
    code = codes.generate_otp(int(clock.unix_seconds()) // 30 - 1)
    await enrol_totp.confirm_totp(house.office, actor, code=code)
    return actor, codes, code


async def test_a_confirmed_authenticator_is_asked_for_and_each_code_works_once(
    house: making.House,
) -> None:
    actor, codes, used = await _with_totp(house)
    with pytest.raises(faults.CodeNeeded):
        await _in(house)
    with pytest.raises(faults.SignInFailed):
        await _in(house, totp_code=used)
    code = codes.generate_otp(int(clock.unix_seconds()) // 30)
    signed = await _in(house, totp_code=f" {code[:3]} {code[3:]}")
    assert signed.totp
    with pytest.raises(faults.SignInFailed):
        await _in(house, totp_code=code)
    with pytest.raises(enrol_totp.TotpInUse):
        await enrol_totp.offer_totp(house.office, actor, password=GOOD)


async def test_the_code_is_not_asked_for_before_the_password_is_right(house: making.House) -> None:
    await _with_totp(house)
    with pytest.raises(faults.SignInFailed):
        await _in(house, password="wrong" * 4)


async def test_a_wrong_first_code_confirms_nothing(house: making.House) -> None:
    await _sam(house, await house.organization())
    actor = await _actor(house, await _in(house))
    with pytest.raises(faults.SignInFailed):
        await enrol_totp.offer_totp(house.office, actor, password="wrong" * 4)
    with pytest.raises(faults.SignInFailed):
        await enrol_totp.confirm_totp(house.office, actor, code="000000")
    await enrol_totp.offer_totp(house.office, actor, password=GOOD)
    with pytest.raises(faults.SignInFailed):
        await enrol_totp.confirm_totp(house.office, actor, code="abc")
    await _in(house)


async def _age(house: making.House, actor: Actor) -> None:
    async with house.office.db.transaction(Scope(person_id=actor.person_id)) as connection:
        await connection.execute("update session set created_at = created_at - interval '1 hour'")


async def test_an_old_session_hands_out_no_access_before_a_fresh_proof(house: making.House) -> None:
    await _sam(house, await house.organization())
    actor = await _actor(house, await _in(house))
    await _age(house, actor)
    with pytest.raises(faults.FreshSignInNeeded):
        await _key(house, actor)
    assert actor.member_id is not None
    # Switching is no proof: the session that follows is as old.
    switched = await keep_session.switch_member(house.office, actor, member_id=actor.member_id)
    actor = await _actor(house, switched)
    with pytest.raises(faults.FreshSignInNeeded):
        await _key(house, actor)
    with pytest.raises(faults.SignInFailed):
        await keep_session.prove_again(house.office, actor, password="wrong" * 4, totp_code=None)
    proven = await keep_session.prove_again(house.office, actor, password=GOOD, totp_code=None)
    await _key(house, await _actor(house, proven))


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
    await _sam(house, await house.organization())
    signed = await _in(house)
    async with house.office.db.transaction(Scope(person_id=signed.member.member_id)) as connection:
        audits = await connection.fetch("select detail::text from audit")
    assert all(GOOD not in row["detail"] for row in audits)
