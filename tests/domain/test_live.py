"""Who is rung: those whom it concerns, but nobody for their own acts, and nothing twice."""

from uuid import UUID, uuid4

import msgspec
import pytest

from service.domain import live
from service.domain.live import Ear, Ring, Rung, Topic

ORG, MEMBER, REFERRAL = uuid4(), uuid4(), uuid4()


def ring(*, org: UUID = ORG, about: UUID = REFERRAL, by: UUID | None = None) -> Ring:
    return Ring(id=uuid4(), org_id=org, topic=Topic.REFERRAL, about=about, by=by)


def ear(*topics: Topic, about: UUID | None = None) -> Ear:
    return Ear(org_id=ORG, member_id=MEMBER, topics=frozenset(topics), about=about)


def test_a_list_hears_its_topic_and_no_other() -> None:
    assert ear(Topic.REFERRAL).hears(ring())
    assert not ear(Topic.TASK).hears(ring())


def test_a_page_about_one_thing_hears_of_that_alone() -> None:
    assert ear(Topic.REFERRAL, about=REFERRAL).hears(ring())
    assert not ear(Topic.REFERRAL, about=REFERRAL).hears(ring(about=uuid4()))


def test_nobody_hears_their_own_acts_or_another_organizations() -> None:
    assert not ear(Topic.REFERRAL).hears(ring(by=MEMBER))
    assert ear(Topic.REFERRAL).hears(ring(by=uuid4()))
    assert not ear(Topic.REFERRAL, about=REFERRAL).hears(ring(org=uuid4()))


def test_what_was_rung_is_not_rung_again_while_it_is_remembered() -> None:
    rung, one, other = Rung(size=2), ring(), ring()
    assert rung.new([one]) == [one]
    assert rung.new([one, other]) == [other]
    assert rung.new([one, other]) == []
    rung.new([ring(), ring()])
    assert rung.new([one]) == [one]


def test_one_event_rings_each_of_its_organizations() -> None:
    one = ring()
    other = msgspec.structs.replace(one, org_id=uuid4())
    assert Rung(size=9).new([one, other]) == [one, other]


def test_rings_come_back_as_they_were_spelled_and_nonsense_is_refused() -> None:
    rings = (ring(), ring(by=MEMBER))
    assert live.read(live.spell(rings)) == rings
    with pytest.raises(msgspec.DecodeError):
        live.read(b'[{"id": 1}]')
