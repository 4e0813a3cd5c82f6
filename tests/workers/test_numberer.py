"""The numberer gives every event one place in each feed, whenever it was committed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import msgspec
import pytest

from service.actions import create_referral, number_events
from service.actions.create_referral import NewReferral
from service.domain.feed import Unnumbered, told_in_order
from service.domain.rules import Step
from service.store import feeds
from service.store.feeds import Line
from service.store.pool import Pool, Scope
from tests import making
from tests.making import House, Org


@pytest.fixture
async def house(fresh_database: str) -> AsyncIterator[House]:
    async with making.house(fresh_database) as opened:
        yield opened


async def numbered(house: House, *, limit: int = number_events.BATCH) -> list[int]:
    """Number until nothing is left, and say how many events each batch had."""
    counts = []
    while count := await number_events.number_events(house.worker_office, limit=limit):
        counts.append(count)
    return counts


async def feed(house: House, org: Org, *, after: int = 0) -> list[Line]:
    async with house.office.db.transaction(Scope(org_id=org.id)) as connection:
        return await feeds.page(connection, org.id, after=after, limit=10_000)


def told(lines: list[Line]) -> list[str]:
    return [f"{line.machine}.{line.step}" for line in lines]


async def untold(house: House) -> int:
    async with house.check.transaction(Scope()) as connection:
        found: int = await connection.fetchval(
            "select count(*) from event e where not exists"
            " (select from feed f where f.event_id = e.id)"
        )
    return found


class Slow:
    """A pool whose writing transactions commit only once `gate` is open."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self.written, self.gate = asyncio.Event(), asyncio.Event()

    @asynccontextmanager
    async def transaction(self, scope: Scope) -> AsyncIterator[Any]:
        async with self._pool.transaction(scope) as connection:
            yield connection
            if await connection.fetchval("select pg_current_xact_id_if_assigned() is not null"):
                self.written.set()
                await self.gate.wait()


async def test_each_party_has_a_feed_of_its_own_numbered_from_one(house: House) -> None:
    clinic, pantry = await house.organization("Clinic"), await house.organization("Pantry")
    sent = await house.sent(clinic, [pantry])
    await house.step(pantry.actor, sent.plan.new_legs[0].id, Step.ACCEPT)
    await numbered(house)
    one, other = await feed(house, clinic), await feed(house, pantry)
    assert [line.number for line in one] == list(range(1, len(one) + 1))
    assert [line.number for line in other] == list(range(1, len(other) + 1))
    assert told(one)[-1] == told(other)[-1] == "leg.accept"
    assert one[-1].becomes == "accepted"
    assert {line.referral_id for line in other} == {sent.referral_id}
    assert await untold(house) == 0


async def test_a_step_that_commits_late_is_never_skipped_by_a_reader_who_went_past(
    house: House,
) -> None:
    clinic, pantry = await house.organization("Clinic"), await house.organization("Pantry")
    patient = await house.patient(clinic)
    slow = Slow(house.office.db)
    late = asyncio.create_task(
        create_referral.create_referral(
            msgspec.structs.replace(house.office, db=slow),
            clinic.actor,
            NewReferral(
                patient_id=patient.id,
                service_ids=(pantry.service_id,),
                question="Can you help?",
                consent_basis="treatment",
                send=True,
            ),
        )
    )
    await asyncio.wait_for(slow.written.wait(), 10)
    quick = [await house.sent(clinic, [pantry]) for _ in range(3)]
    await numbered(house, limit=2)
    read = await feed(house, clinic)
    assert {line.referral_id for line in read} == {each.referral_id for each in quick}
    slow.gate.set()
    made = await late
    await numbered(house, limit=2)
    after = await feed(house, clinic, after=read[-1].number)
    assert {line.referral_id for line in after} == {made.referral_id}
    whole = await feed(house, clinic)
    assert whole == read + after
    assert [line.number for line in whole] == list(range(1, len(whole) + 1))
    assert await untold(house) == 0


async def test_many_writers_and_a_reader_at_once_lose_and_repeat_nothing(house: House) -> None:
    clinic, pantry = await house.organization("Clinic"), await house.organization("Pantry")
    patient = await house.patient(clinic)
    done = asyncio.Event()
    read: list[Line] = []

    async def writer() -> None:
        for _ in range(6):
            sent = await house.sent(clinic, [pantry], patient_id=patient.id)
            await house.step(pantry.actor, sent.plan.new_legs[0].id, Step.ACCEPT)

    async def numberer() -> None:
        while not done.is_set():
            await number_events.number_events(house.worker_office, limit=3)

    async def reader() -> None:
        while not done.is_set():
            read.extend(await feed(house, clinic, after=read[-1].number if read else 0))
            await asyncio.sleep(0)

    beside = [asyncio.create_task(each()) for each in (numberer, numberer, reader)]
    await asyncio.gather(*(writer() for _ in range(4)))
    done.set()
    await asyncio.gather(*beside)
    await numbered(house)
    read.extend(await feed(house, clinic, after=read[-1].number if read else 0))
    assert [line.number for line in read] == list(range(1, len(read) + 1))
    assert len({line.id for line in read}) == len(read)
    assert await untold(house) == 0
    await in_the_order_of_their_histories(house, read)


async def in_the_order_of_their_histories(house: House, read: list[Line]) -> None:
    async with house.check.transaction(Scope()) as connection:
        rows = await connection.fetch("select id, referral_id, seq from event")
    seqs: dict[UUID, tuple[UUID, int]] = {
        row["id"]: (row["referral_id"], row["seq"]) for row in rows
    }
    newest: dict[UUID, int] = {}
    for line in read:
        referral_id, seq = seqs[line.id]
        assert newest.get(referral_id, 0) < seq
        newest[referral_id] = seq


async def test_a_recipient_reads_of_its_own_leg_and_of_no_sibling(house: House) -> None:
    clinic = await house.organization("Clinic")
    one, other = await house.organization("One"), await house.organization("Other")
    sent = await house.sent(clinic, [one, other], mode="all_needed")
    legs = {leg.org_id: leg.id for leg in sent.plan.new_legs}
    await house.step(one.actor, legs[one.id], Step.ACCEPT)
    await house.step(other.actor, legs[other.id], Step.DECLINE)
    await numbered(house)
    for org in (one, other):
        seen = {line.leg_id for line in await feed(house, org)} - {None}
        assert seen == {legs[org.id]}
    assert {line.leg_id for line in await feed(house, clinic)} >= set(legs.values())


async def test_who_is_let_go_reads_how_it_ended_and_nothing_after_it(house: House) -> None:
    clinic, pantry = await house.organization("Clinic"), await house.organization("Pantry")
    sent = await house.sent(clinic, [pantry])
    await house.step(clinic.actor, None, Step.VOID, referral_id=sent.referral_id, seen=sent.version)
    await numbered(house)
    lines = await feed(house, pantry)
    assert lines[-1].step == "void"
    async with house.office.db.transaction(Scope(org_id=pantry.id)) as connection:
        assert await connection.fetchval("select count(*) from event") == 0
    assert await feed(house, pantry) == lines


async def test_nobody_reads_the_feed_of_another(house: House) -> None:
    clinic, pantry = await house.organization("Clinic"), await house.organization("Pantry")
    stranger = await house.organization("Stranger")
    await house.sent(clinic, [pantry])
    await numbered(house)
    assert await feed(house, stranger) == []
    async with house.office.db.transaction(Scope(org_id=stranger.id)) as connection:
        assert await connection.fetchval("select count(*) from feed") == 0
        assert await feeds.page(connection, clinic.id, after=0, limit=10) == []


async def test_a_number_that_was_given_can_be_taken_back_by_no_worker(house: House) -> None:
    clinic, pantry = await house.organization("Clinic"), await house.organization("Pantry")
    await house.sent(clinic, [pantry])
    await numbered(house)
    for act in ("update feed set number = number + 1", "delete from feed"):
        with pytest.raises(Exception, match="permission denied"):
            async with house.worker.transaction(Scope(numbering=True)) as connection:
                await connection.execute(act)


async def killed_behind_the_numbers(house: House) -> None:
    async with house.worker.transaction(Scope(numbering=True)) as connection:
        assert await feeds.alone(connection)
        found = await feeds.fresh(connection, limit=2)
        await feeds.add(connection, told_in_order(found))
        raise RuntimeError("killed")


async def test_a_kill_in_the_middle_of_a_batch_numbers_nothing_twice(house: House) -> None:
    clinic, pantry = await house.organization("Clinic"), await house.organization("Pantry")
    await house.sent(clinic, [pantry])
    with pytest.raises(RuntimeError, match="killed"):
        await killed_behind_the_numbers(house)
    assert await feed(house, clinic) == []
    await numbered(house)
    assert await untold(house) == 0
    lines = await feed(house, clinic)
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))


def event(number: int, *, of: int, seq: int) -> Unnumbered:
    return Unnumbered(
        id=UUID(int=number), referral_id=UUID(int=of), seq=seq, xact=str(number), due=True
    )


def test_a_history_is_told_in_its_own_order_whichever_transaction_began_first() -> None:
    began = [event(1, of=7, seq=5), event(2, of=8, seq=1), event(3, of=7, seq=4)]
    assert [found.int for found in told_in_order(began)] == [3, 2, 1]
