"""A lost factor takes two people, or time where there is one; nobody is their own second."""

from datetime import timedelta

import asyncpg
import pytest

from crypto import token
from service import faults
from service.actions import add_member, reset_factors, sessions
from service.actions.reset_factors import NotRipe, NotYourOwn, SignsInElsewhere
from service.domain.people import Actor, Role
from service.store.factor_resets import ResetWaits
from service.store.pool import Scope
from tests import making
from tests.actions.signing import actor_of, sam, signed_in
from tests.actions.test_recovery_codes import _enrolled
from tests.web import signing

ADMIN = frozenset({Role.ORG_ADMIN})


async def _acting(house: making.House, actor: Actor, address: str) -> Actor:
    """Sign somebody in, for an act that is a person's."""
    await signing.may_sign_in(house, actor, address)
    signed = await signed_in(house, address=address, password=signing.PASSWORD)
    return await actor_of(house, signed)


async def _colleague(house: making.House, org_id: making.UUID, name: str, role: Role) -> Actor:
    made = await house.member(org_id, roles=frozenset({role}), name=name)
    return await _acting(house, made, f"{name.lower()}@north.example")


async def _mails(house: making.House) -> list[tuple[str, str | None]]:
    async with house.check.transaction(Scope()) as connection:
        rows = await connection.fetch("select kind, code from outbox order by id")
    return [(row["kind"], row["code"]) for row in rows]


async def _later(house: making.House) -> None:
    owner = await asyncpg.connect(house.url)
    await owner.execute("update lk.factor_reset set ripe_at = ripe_at - interval '3 days'")
    await owner.close()


async def test_a_second_person_confirms_and_every_factor_and_sign_in_ends(
    house: making.House,
) -> None:
    sams, _ = await _enrolled(house)
    assert sams.org_id is not None
    assert sams.member_id is not None
    ana = await _colleague(house, sams.org_id, "Ana", Role.ORG_ADMIN)
    kim = await _colleague(house, sams.org_id, "Kim", Role.COORDINATOR)
    before = len(await _mails(house))
    made = await reset_factors.start(
        house.office, ana, org_id=sams.org_id, member_id=sams.member_id
    )
    assert made.second == "colleague"
    told = (await _mails(house))[before:]
    assert told.count(("security", "reset_started")) == 1
    assert ("security", "reset_waits") in told
    with pytest.raises(ResetWaits):
        await reset_factors.start(house.office, ana, org_id=sams.org_id, member_id=sams.member_id)
    for own in (ana, sams):
        with pytest.raises(NotYourOwn):
            await reset_factors.confirm(house.office, own, reset_id=made.id)
    assert [each.id for each in await reset_factors.waiting(house.office, kim)] == [made.id]
    await reset_factors.confirm(house.office, kim, reset_id=made.id)
    with pytest.raises(faults.Missing):
        await reset_factors.confirm(house.office, kim, reset_id=made.id)
    assert [kind for kind, _ in (await _mails(house))[-2:]] == ["security", "password_link"]
    with pytest.raises(faults.SignInFailed):
        await signed_in(house)
    async with house.check.transaction(Scope()) as connection:
        left = await connection.fetchval(
            "select count(*) from session where person_id = $1 and ended_at is null",
            sams.person_id,
        )
    assert left == 0


async def test_the_statement_itself_refuses_the_same_person_twice(house: making.House) -> None:
    sams, _ = await _enrolled(house)
    assert sams.org_id is not None
    assert sams.member_id is not None
    ana = await _colleague(house, sams.org_id, "Ana", Role.ORG_ADMIN)
    await _colleague(house, sams.org_id, "Kim", Role.COORDINATOR)
    made = await reset_factors.start(
        house.office, ana, org_id=sams.org_id, member_id=sams.member_id
    )
    from service import clock
    from service.store import factor_resets

    for one in (ana, sams):
        assert one.person_id is not None
        assert one.member_id is not None
        async with house.office.db.transaction(Scope(org_id=sams.org_id)) as connection:
            assert not await factor_resets.claim(
                connection,
                made.id,
                person_id=one.person_id,
                member_id=one.member_id,
                now=clock.real_now(),
            )


async def test_the_statement_itself_waits_until_the_reset_is_ripe(house: making.House) -> None:
    sams, _ = await _enrolled(house)
    assert sams.org_id is not None
    assert sams.member_id is not None
    ana = await _colleague(house, sams.org_id, "Ana", Role.ORG_ADMIN)
    kim = await _colleague(house, sams.org_id, "Kim", Role.COORDINATOR)
    made = await reset_factors.start(
        house.office, ana, org_id=sams.org_id, member_id=sams.member_id
    )
    from service.store import factor_resets

    assert kim.person_id is not None
    assert kim.member_id is not None
    claimed = []
    for moment in (made.ripe_at - timedelta(seconds=1), made.ripe_at):
        async with house.office.db.transaction(Scope(org_id=sams.org_id)) as connection:
            claimed.append(
                await factor_resets.claim(
                    connection,
                    made.id,
                    person_id=kim.person_id,
                    member_id=kim.member_id,
                    now=moment,
                )
            )
    assert claimed == [False, True]


async def test_where_nobody_else_is_there_the_network_confirms(house: making.House) -> None:
    cco = await house.organization("CCO", kind="coordination", cco=True)
    org = await house.organization()
    lost = await house.member(org.id, roles=frozenset({Role.FRONT_DESK}), name="Lost")
    ana = await _acting(house, org.actor, "ana@north.example")
    rosa = await _acting(house, cco.actor, "rosa@cco.example")
    south = await house.organization("South")
    other = await _acting(house, south.actor, "jo@south.example")
    assert lost.member_id is not None
    made = await reset_factors.start(house.office, ana, org_id=org.id, member_id=lost.member_id)
    assert made.second == "network"
    with pytest.raises(faults.Missing):
        await reset_factors.confirm(house.office, other, reset_id=made.id)
    with pytest.raises(NotYourOwn):
        await reset_factors.confirm(house.office, ana, reset_id=made.id)
    await reset_factors.confirm(house.office, rosa, reset_id=made.id)


async def test_where_nobody_is_there_at_all_time_is_the_second_person(house: making.House) -> None:
    org = await house.organization()
    lost = await house.member(org.id, roles=frozenset({Role.FRONT_DESK}), name="Lost")
    ana = await _acting(house, org.actor, "ana@north.example")
    assert lost.member_id is not None
    made = await reset_factors.start(house.office, ana, org_id=org.id, member_id=lost.member_id)
    assert made.second == "time"
    assert ("security", "reset_started") in await _mails(house)
    with pytest.raises(NotRipe):
        await reset_factors.confirm(house.office, ana, reset_id=made.id)
    await _later(house)
    await reset_factors.confirm(house.office, ana, reset_id=made.id)


async def test_who_signs_in_with_all_they_have_lost_nothing(house: making.House) -> None:
    sams, codes = await _enrolled(house)
    assert sams.org_id is not None
    assert sams.member_id is not None
    ana = await _colleague(house, sams.org_id, "Ana", Role.ORG_ADMIN)
    kim = await _colleague(house, sams.org_id, "Kim", Role.COORDINATOR)
    made = await reset_factors.start(
        house.office, ana, org_id=sams.org_id, member_id=sams.member_id
    )
    signed = await signed_in(house, totp_code=codes[0])
    with pytest.raises(faults.Missing):
        await reset_factors.confirm(house.office, kim, reset_id=made.id)
    digest = token.secret_hash(signed.session.secret)
    assert await sessions.by_cookie(house.office, digest) is not None


async def test_nobody_starts_a_reset_of_their_own_and_whoever_started_it_may_end_it(
    house: making.House,
) -> None:
    org = await house.organization()
    await sam(house, org)
    sams = await actor_of(house, await signed_in(house))
    lost = await house.member(org.id, roles=frozenset({Role.FRONT_DESK}), name="Lost")
    assert sams.member_id is not None
    assert lost.member_id is not None
    with pytest.raises(NotYourOwn):
        await reset_factors.start(house.office, sams, org_id=org.id, member_id=sams.member_id)
    made = await reset_factors.start(house.office, sams, org_id=org.id, member_id=lost.member_id)
    await reset_factors.end(house.office, sams, reset_id=made.id)
    assert await reset_factors.waiting(house.office, sams) == []
    with pytest.raises(faults.Missing):
        await reset_factors.end(house.office, sams, reset_id=made.id)


async def _also_at(house: making.House, admin: Actor, address: str) -> making.UUID:
    """Let an administrator add somebody's address, which asks that person nothing."""
    assert admin.org_id is not None
    wish = add_member.NewMember(
        org_id=admin.org_id, address=address, name="Somebody", roles=frozenset({Role.CLINICIAN})
    )
    return (await add_member.add_member(house.office, admin, wish)).member_id


async def test_two_of_one_organization_cannot_reset_who_signs_in_for_another(
    house: making.House,
) -> None:
    cco = await house.organization("CCO", kind="coordination", cco=True)
    south, north = await house.organization("South"), await house.organization()
    await _acting(house, south.actor, "marcus@south.example")
    ana = await _acting(house, north.actor, "ana@north.example")
    kim = await _colleague(house, north.id, "Kim", Role.COORDINATOR)
    rosa = await _acting(house, cco.actor, "rosa@cco.example")
    marcus = await _also_at(house, ana, "marcus@south.example")
    made = await reset_factors.start(house.office, ana, org_id=north.id, member_id=marcus)
    assert made.second == "network"
    with pytest.raises(faults.Missing):
        await reset_factors.confirm(house.office, kim, reset_id=made.id)
    await signed_in(house, address="marcus@south.example", password=signing.PASSWORD)
    await reset_factors.confirm(house.office, rosa, reset_id=made.id)


async def test_without_a_network_nobody_resets_who_signs_in_elsewhere(house: making.House) -> None:
    south, north = await house.organization("South"), await house.organization()
    await _acting(house, south.actor, "marcus@south.example")
    ana = await _acting(house, north.actor, "ana@north.example")
    marcus = await _also_at(house, ana, "marcus@south.example")
    with pytest.raises(SignsInElsewhere):
        await reset_factors.start(house.office, ana, org_id=north.id, member_id=marcus)


async def test_a_reset_that_waits_is_not_enough_once_its_person_signs_in_elsewhere(
    house: making.House,
) -> None:
    await house.organization("CCO", kind="coordination", cco=True)
    south, north = await house.organization("South"), await house.organization()
    jo = await _acting(house, south.actor, "jo@south.example")
    ana = await _acting(house, north.actor, "ana@north.example")
    kim = await _colleague(house, north.id, "Kim", Role.COORDINATOR)
    lost = await _colleague(house, north.id, "Lost", Role.CLINICIAN)
    assert lost.member_id is not None
    made = await reset_factors.start(house.office, ana, org_id=north.id, member_id=lost.member_id)
    assert made.second == "colleague"
    await _also_at(house, jo, "lost@north.example")
    with pytest.raises(SignsInElsewhere):
        await reset_factors.confirm(house.office, kim, reset_id=made.id)
