"""Signing in, second factors and invitations; on real PostgreSQL and real Argon2id."""

import pyotp
import pytest

from crypto import token
from service import clock, faults
from service.actions import (
    accept_invitation,
    enrol_totp,
    invite_again,
    keep_session,
    sessions,
)
from service.domain.people import Actor, Role
from service.store import people
from service.store.pool import Scope
from tests import making
from tests.actions.signing import GOOD, actor_of, sam, signed_in


async def test_the_right_password_begins_a_session_as_the_member(house: making.House) -> None:
    org = await house.organization()
    await sam(house, org)
    signed = await signed_in(house, address=" SAM.LEE@Example.org ")
    actor = await actor_of(house, signed)
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
    await sam(house, await house.organization())
    with pytest.raises(faults.SignInFailed) as refused:
        await signed_in(house, **attempt)
    assert refused.value.extra == {}
    assert refused.value.detail == faults.SignInFailed.advice


async def test_somebody_disabled_is_answered_like_a_wrong_password(house: making.House) -> None:
    await sam(house, await house.organization())
    person_id = (await actor_of(house, await signed_in(house))).person_id
    assert person_id is not None
    async with house.office.db.transaction(Scope(person_id=person_id)) as connection:
        await people.disable(connection, person_id)
    with pytest.raises(faults.SignInFailed) as refused:
        await signed_in(house)
    assert refused.value.detail == faults.SignInFailed.advice


async def test_after_five_failures_even_the_right_password_waits(house: making.House) -> None:
    await sam(house, await house.organization())
    for _ in range(5):
        with pytest.raises(faults.SignInFailed):
            await signed_in(house, password="wrong" * 4)
    with pytest.raises(faults.SignInFailed):
        await signed_in(house)


async def test_a_right_password_forgives_the_failures_before_it(house: making.House) -> None:
    await sam(house, await house.organization())
    for _ in range(2):
        for _ in range(4):
            with pytest.raises(faults.SignInFailed):
                await signed_in(house, password="wrong" * 4)
        await signed_in(house)


async def test_somebody_invited_but_without_a_password_cannot_sign_in(house: making.House) -> None:
    await sam(house, await house.organization(), password=None)
    with pytest.raises(faults.SignInFailed):
        await signed_in(house, password="")


async def test_an_invitation_sets_a_password_once(house: making.House) -> None:
    added = await sam(house, await house.organization(), password=None)
    secret = added.invitation.token
    with pytest.raises(faults.Invalid):
        await accept_invitation.accept_invitation(
            house.office, secret=secret, password="too short 1"
        )
    with pytest.raises(faults.Invalid):
        await accept_invitation.accept_invitation(
            house.office, secret=secret, password="sam.lee@example.org 1"
        )
    await accept_invitation.accept_invitation(house.office, secret=secret, password=GOOD)
    await signed_in(house)
    for wrong in (secret, "li_unknown", "\ud800"):
        with pytest.raises(accept_invitation.InvitationEnded):
            await accept_invitation.accept_invitation(house.office, secret=wrong, password=GOOD)


async def test_a_new_invitation_ends_the_one_before_and_all_sessions(house: making.House) -> None:
    org = await house.organization()
    added = await sam(house, org)
    member_id = added.member_id
    signed = await signed_in(house)
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
    await signed_in(house, password=GOOD + "!")


async def test_a_new_link_is_made_by_the_members_own_organization_or_the_network_only(
    house: making.House,
) -> None:
    north, south = await house.organization("North"), await house.organization("South")
    cco = await house.organization("CCO", kind="coordination", cco=True)
    added = await sam(house, north)
    await sam(house, south)
    member_id = added.member_id
    await invite_again.invite_again(house.office, north.actor, org_id=north.id, member_id=member_id)
    with pytest.raises(faults.Missing):
        await invite_again.invite_again(
            house.office, south.actor, org_id=north.id, member_id=member_id
        )
    await invite_again.invite_again(house.office, cco.actor, org_id=north.id, member_id=member_id)


async def test_a_person_of_two_organizations_chooses_and_switches(house: making.House) -> None:
    north, south = await house.organization("North"), await house.organization("South")
    await sam(house, north)
    await sam(house, south)
    signed = await signed_in(house)
    assert [choice.public_name for choice in signed.choices] == ["North", "South"]
    actor = await actor_of(house, signed)
    to = signed.choices[1].member_id
    switched = await keep_session.switch_member(house.office, actor, member_id=to)
    assert (await actor_of(house, switched)).org_id == south.id
    assert await sessions.by_cookie(house.office, token.secret_hash(signed.session.secret)) is None
    current = await keep_session.current(house.office, await actor_of(house, switched))
    assert current.member.org_id == south.id
    chosen = await signed_in(house, member_id=to)
    assert chosen.member.org_id == south.id
    with pytest.raises(faults.Missing):
        await signed_in(house, member_id=north.actor.member_id)


async def _with_totp(house: making.House) -> tuple[Actor, pyotp.TOTP, str]:
    await sam(house, await house.organization())
    actor = await actor_of(house, await signed_in(house))
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
        await signed_in(house)
    with pytest.raises(faults.SignInFailed):
        await signed_in(house, totp_code=used)
    code = codes.generate_otp(int(clock.unix_seconds()) // 30)
    signed = await signed_in(house, totp_code=f" {code[:3]} {code[3:]}")
    assert signed.totp
    with pytest.raises(faults.SignInFailed):
        await signed_in(house, totp_code=code)
    with pytest.raises(enrol_totp.TotpInUse):
        await enrol_totp.offer_totp(house.office, actor, password=GOOD)


async def test_the_code_is_not_asked_for_before_the_password_is_right(house: making.House) -> None:
    await _with_totp(house)
    with pytest.raises(faults.SignInFailed):
        await signed_in(house, password="wrong" * 4)


async def test_a_wrong_first_code_confirms_nothing(house: making.House) -> None:
    await sam(house, await house.organization())
    actor = await actor_of(house, await signed_in(house))
    with pytest.raises(faults.SignInFailed):
        await enrol_totp.offer_totp(house.office, actor, password="wrong" * 4)
    with pytest.raises(faults.SignInFailed):
        await enrol_totp.confirm_totp(house.office, actor, code="000000")
    await enrol_totp.offer_totp(house.office, actor, password=GOOD)
    with pytest.raises(faults.SignInFailed):
        await enrol_totp.confirm_totp(house.office, actor, code="abc")
    await signed_in(house)
