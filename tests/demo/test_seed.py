"""The demo network shows every state, tells its history in believable times, and is made once."""

import time

import pytest

from service.actions import read_attachment
from service.demo import patients, people, seed, stories, talking
from service.demo.directory import OFFERS
from service.domain.leg import LegState
from service.domain.people import Actor, ActorKind, Role
from service.domain.referral import ReferralState
from service.store import invariants
from service.store.blob_files import FileBlobs
from service.store.pool import Scope
from tests import making


@pytest.fixture
async def demo(fresh_database, tmp_path):
    async with making.house(fresh_database, blobs=FileBlobs(tmp_path)) as house:
        began = time.monotonic()
        assert await seed.seed(house.office, house.worker) is True
        house.seconds = time.monotonic() - began
        yield house


async def values(house, query):
    async with house.check.transaction(Scope()) as connection:
        return [row[0] for row in await connection.fetch(query)]


async def test_the_demo_shows_every_state_and_holds_every_invariant(demo):
    print(f"seeded in {demo.seconds:.1f} s")
    orders = set(await values(demo, "select state from referral"))
    legs = set(await values(demo, "select state from leg"))
    assert orders == set(ReferralState) - {ReferralState.NONE}
    assert legs == set(LegState) - {LegState.NONE}
    assert await values(demo, "select count(*) from referral") == [40]
    assert await values(demo, "select count(*) from organization") == [8]
    assert await values(demo, "select count(*) from member") == [30]
    kinds = await values(demo, "select distinct kind from organization")
    assert len(kinds) == 5
    wanted = [each for each in invariants.INVARIANTS if not each.running]
    async with demo.check.transaction(Scope()) as connection:
        findings = await invariants.check(connection, wanted)
    assert [each for each in findings if not each.holds] == []


async def test_three_phones_of_the_demo_may_be_texted_and_say_so_on_paper(demo):
    given = "select count(*)::int from text_consent where given and how = 'form' group by number_id"
    assert await values(demo, given) == [3, 3, 3]
    open_ones = "select count(*)::int from contact where may_text and number_id is not null"
    assert await values(demo, open_ones) == [3]
    assert await values(demo, "select count(*)::int from contact where language = 'es'") == [1]


async def test_the_demo_talks_about_a_file_that_both_sides_see(demo):
    (file_id,) = await values(demo, "select id from attachment where message_id is not null")
    for key in (talking.ASKS, talking.ANSWERS):
        name = people.cast(key).name
        (member,) = await values(
            demo,
            "select m.id from member m join organization o on o.id = m.org_id"
            f" where o.name = '{name}' and 'clinician' = any(m.roles) order by m.id limit 1",
        )
        (org_id,) = await values(demo, f"select id from organization where name = '{name}'")
        actor = Actor(
            kind=ActorKind.MEMBER,
            org_id=org_id,
            member_id=member,
            roles=frozenset({Role.CLINICIAN}),
        )
        found = await read_attachment.look(demo.office, actor, file_id)
        assert found.label is not None
        assert (found.label.name, found.label.length) == (talking.NAME, len(talking.LIST))


async def test_the_demo_ends_at_the_present_and_mails_nothing_of_the_past(demo):
    assert await values(demo, "select offset_by from clock_offset where offset_by = '0'")
    assert await values(demo, "select 1 from event where entered_at > lk.now()") == []
    old = "select 1 from outbox where state = 'pending' and created_at < lk.now() - interval '5 h'"
    assert await values(demo, old) == []
    waiting = "select kind from outbox where state = 'pending' and kind = 'invite'"
    assert len(await values(demo, waiting)) >= 3
    overdue = "select 1 from timer where state = 'armed' and final_at < lk.now()"
    assert await values(demo, overdue)


async def test_an_emergency_access_to_protected_care_waits_for_its_review(demo):
    (basis,) = await values(
        demo,
        "select c.basis from referral r join consent c on c.id = r.consent_id"
        " where r.class = 'part2'",
    )
    assert basis == "part2_consent"
    assert await values(
        demo, "select cardinality(elements) from consent where basis <> 'emergency'"
    ) == [9]
    assert await values(demo, "select reason from break_glass where reviewed_at is null") == [
        "overdose"
    ]
    kinds = (
        "select kind from human_task where break_glass_id is not null and state = 'open'"
        " order by kind"
    )
    assert await values(demo, kinds) == ["break_glass_review", "break_glass_told"]
    assert await values(
        demo, "select 1 from timer where break_glass_id is not null and state = 'armed'"
    )


async def test_a_second_seeding_does_nothing(demo):
    assert await seed.seed(demo.office, demo.worker) is False
    assert await values(demo, "select count(*) from referral") == [40]


def test_the_cast_is_thirty_people_with_three_shown_to_begin_with():
    assert sum(len(each.players) for each in people.CASTS) == 30
    addresses = {each.address(player) for each in people.CASTS for player in each.players}
    assert len(addresses) == 30
    assert set(people.shown()) <= addresses
    assert people.PASSWORD in "\n".join(people.printed())


def test_one_service_has_not_told_its_capacity_for_long():
    assert [each.key for each in OFFERS if each.days > 30] == ["rides"]


def test_the_generator_makes_the_same_people_again(anyio_backend):
    from service import clock

    today = clock.real_now().date()
    assert patients.patients(today) == patients.patients(today)
    assert patients.MARIA.name.family.split() == ["Hernández", "Ruiz"]
    assert max(story.patient for story in stories.STORIES) < patients.COUNT
