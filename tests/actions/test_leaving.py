"""A leaver in one act: what they owned is another's, and no way in is left."""

import pytest

from crypto import token
from service import faults
from service.actions import (
    add_member,
    edit_member,
    keep_passkeys,
    leave,
    manage_api_keys,
    passkeys,
    sessions,
    sign_in,
)
from service.actions.add_member import NewMember
from service.actions.edit_member import LastAdministrator, MemberChange
from service.domain.people import Actor, Role
from service.store import invariants
from service.store.pool import Scope
from tests import making
from tests.actions.authenticator import Authenticator
from tests.actions.signing import ADDRESS, GOOD, actor_of, sam, signed_in
from tests.actions.test_passkeys import _read


async def _rows(house: making.House, statement: str) -> list[tuple[object, ...]]:
    async with house.check.transaction(Scope()) as connection:
        return [tuple(row.values()) for row in await connection.fetch(statement)]


async def _sams_referral(house: making.House, org: making.Org, actor: Actor) -> None:
    """Send a referral that Sam owns, with a task and a key of Sam's beside it."""
    pantry = await house.organization("Pantry", kind="social_service")
    await house.sent(making.msgspec.structs.replace(org, actor=actor), [pantry])
    await manage_api_keys.make_api_key(
        house.office, actor, name="EHR", member_id=actor.member_id or actor.person_id
    )


async def _whole(house: making.House) -> None:
    async with house.check.transaction(Scope()) as connection:
        found = await invariants.check(connection)
    assert [each for each in found if each.breaches] == []


async def _enrol(house: making.House, actor: Actor) -> Authenticator:
    device = Authenticator()
    options = await keep_passkeys.ask_to_make(house.office, actor)
    await keep_passkeys.add(house.office, actor, name="Key", credential=_read(device.make(options)))
    return device


@pytest.mark.parametrize("how", ["named", "cover", "queue"])
async def test_everything_goes_to_the_one_named_else_the_cover_else_the_queue(
    house: making.House, how: str
) -> None:
    org = await house.organization()
    added = await sam(house, org)
    signed = await signed_in(house)
    actor = await actor_of(house, signed)
    device = await _enrol(house, actor)
    await _sams_referral(house, org, actor)
    heir = await house.member(org.id, roles=frozenset({Role.CLINICIAN}), name="Jo")
    if how == "cover":
        async with house.office.db.transaction(Scope(org_id=org.id)) as connection:
            await connection.execute(
                "update member set cover_member_id = $2 where id = $1",
                added.member_id,
                heir.member_id,
            )
    left = await leave.leave(
        house.office,
        org.actor,
        org_id=org.id,
        member_id=added.member_id,
        successor_id=heir.member_id if how == "named" else None,
    )
    assert (left.referrals, left.api_keys, left.passkeys) == (1, 1, 1)
    assert left.sessions >= 1
    assert left.sign_in_ended
    owner = org.actor.member_id if how == "queue" else heir.member_id
    assert await _rows(house, "select owner_member_id from referral") == [(owner,)]
    assert left.successor_id == (None if how == "queue" else heir.member_id)
    digest = token.secret_hash(signed.session.secret)
    assert await sessions.by_cookie(house.office, digest) is None
    with pytest.raises(faults.SignInFailed):
        await signed_in(house)
    options = await passkeys.ask_to_sign_in(house.office)
    with pytest.raises(faults.SignInFailed):
        await sign_in.sign_in_by_passkey(house.office, _read(device.sign(options)))
    told = await _rows(house, "select code from outbox where kind = 'security' order by id")
    assert told[-1] == ("left",)
    await _whole(house)


async def test_who_belongs_elsewhere_too_goes_on_signing_in_there(house: making.House) -> None:
    north, south = await house.organization("North"), await house.organization("South")
    added = await sam(house, north)
    await sam(house, south)
    actor = await actor_of(house, await signed_in(house))
    device = await _enrol(house, actor)
    left = await leave.leave(house.office, north.actor, org_id=north.id, member_id=added.member_id)
    assert (left.sign_in_ended, left.passkeys) == (False, 0)
    signed = await signed_in(house)
    assert [each.org_id for each in signed.choices] == [south.id]
    options = await passkeys.ask_to_sign_in(house.office)
    await sign_in.sign_in_by_passkey(house.office, _read(device.sign(options)))


async def test_the_last_administrator_does_not_leave(house: making.House) -> None:
    org = await house.organization()
    assert org.actor.member_id is not None
    heir = await house.member(org.id, roles=frozenset({Role.CLINICIAN}), name="Jo")
    with pytest.raises(LastAdministrator):
        await leave.leave(
            house.office,
            org.actor,
            org_id=org.id,
            member_id=org.actor.member_id,
            successor_id=heir.member_id,
        )
    assert await _rows(house, "select count(*) from member where state <> 'active'") == [(0,)]


async def test_half_an_act_is_none(house: making.House) -> None:
    org = await house.organization()
    added = await sam(house, org)
    signed = await signed_in(house)
    stranger = await house.organization("South")
    with pytest.raises(faults.Invalid):
        await leave.leave(
            house.office,
            org.actor,
            org_id=org.id,
            member_id=added.member_id,
            successor_id=stranger.actor.member_id,
        )
    await actor_of(house, signed)
    with pytest.raises(faults.Missing):
        await leave.leave(house.office, stranger.actor, org_id=org.id, member_id=added.member_id)
    assert await _rows(house, "select count(*) from outbox") == [(0,)]


async def test_somebody_who_left_begins_anew_elsewhere_by_a_mailed_link(
    house: making.House,
) -> None:
    north, south = await house.organization("North"), await house.organization("South")
    added = await sam(house, north)
    await leave.leave(house.office, north.actor, org_id=north.id, member_id=added.member_id)
    wish = NewMember(
        org_id=south.id, address=ADDRESS, name="Sam Lee", roles=frozenset({Role.CLINICIAN})
    )
    again = await add_member.add_member(house.office, south.actor, wish)
    assert again.person_id == added.person_id
    assert again.invitation is not None
    with pytest.raises(faults.SignInFailed):
        await signed_in(house)
    from service.actions import accept_invitation

    await accept_invitation.accept_invitation(
        house.office, secret=again.invitation.token, password=GOOD
    )
    assert (await signed_in(house)).member.org_id == south.id


async def test_other_roles_take_a_new_sign_in(house: making.House) -> None:
    org = await house.organization()
    added = await sam(house, org)
    signed = await signed_in(house)
    change = MemberChange(name="Samuel Lee")
    await edit_member.edit_member(
        house.office, org.actor, org_id=org.id, member_id=added.member_id, change=change, seen=1
    )
    await actor_of(house, signed)
    change = MemberChange(roles=frozenset({Role.FRONT_DESK}))
    await edit_member.edit_member(
        house.office, org.actor, org_id=org.id, member_id=added.member_id, change=change, seen=2
    )
    digest = token.secret_hash(signed.session.secret)
    assert await sessions.by_cookie(house.office, digest) is None
