"""What is asked of the product: referrals that are sent, and the steps that bring them home."""

import itertools
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

import asyncpg
import msgspec

from service.domain import ids
from service.domain.rules import Step
from tests.bench import client, written
from tests.bench.client import Ask, Line, Script
from tests.bench.ground import HOST, Network, Party
from tests.bench.written import Journey

QUESTION = "Can you help this family with food until their next pay day?"
NARRATIVE = "A family of five; the oven works, the fridge does not. " * 16
"""Words of a usual length: an order of about 1 KB."""

Body = dict[str, object]

STEPS: tuple[tuple[Step, Body], ...] = (
    (Step.RECEIVE, {}),
    (Step.ASK, {"items": ["Proof of address"], "due_on": "2030-01-02"}),
    (Step.SUPPLY, {"items": ["Proof of address: the lease, attached"]}),
    (Step.ACCEPT, {"owner": {"name": "Sam Lee"}, "expected_by": "2030-01-02"}),
    (Step.SCHEDULE, {"starts_at": "2030-01-02T18:00:00Z", "modality": "in_person"}),
    (Step.START, {"service_on": "2030-01-02"}),
    (Step.COMPLETE, {"outcome": "served", "need_met": "yes", "comment": "Two boxes a week."}),
    (Step.REVIEW, {}),
)
"""Eight steps, as many as a referral takes on its way home; each is asked equally often."""

_BY_SENDER = frozenset({Step.SUPPLY, Step.REVIEW})


class Leg(msgspec.Struct, frozen=True):
    """What an answer says of one recipient's part."""

    id: UUID
    version: int


class Receipt(msgspec.Struct, frozen=True):
    """What an answer says of a referral."""

    id: UUID
    version: int
    legs: tuple[Leg, ...]


class Sent(msgspec.Struct, frozen=True):
    """A referral on its way: between whom, and under which ids."""

    sender: Party
    recipient: Party
    referral_id: UUID
    leg_id: UUID


class Recorded(msgspec.Struct, frozen=True):
    """One journey as it was taken: the floor's statements, and the versions at each step."""

    journey: Journey
    versions: tuple[int, ...]


def pairs(network: Network) -> Iterator[tuple[Party, Party, UUID]]:
    """Say without end who sends whom to whom, evenly and in an order without a pattern."""
    dice = random.Random(1)
    for number in itertools.count():
        sender = network.senders[number % len(network.senders)]
        recipient = dice.choice(network.recipients)
        yield sender, recipient, dice.choice(sender.patients)


def sending(sender: Party, recipient: Party, patient_id: UUID) -> Ask:
    """Spell the request that writes a referral and sends it."""
    body = {
        "patient_id": patient_id,
        "recipients": [recipient.org.service_id],
        "question": QUESTION,
        "narrative": NARRATIVE,
        "consent_basis": "treatment",
        "send": True,
    }
    return client.post(
        HOST,
        "/api/v1/referrals",
        body=msgspec.json.encode(body),
        status=201,
        key=ids.new_id().hex,
        token=sender.key,
    )


def stepping(sent: Sent, step: Step, body: Body, *, version: int) -> Ask:
    """Spell the request that takes a step, as whoever takes it."""
    on_referral = step is Step.REVIEW
    where = f"referrals/{sent.referral_id}" if on_referral else f"legs/{sent.leg_id}"
    party = sent.sender if step in _BY_SENDER else sent.recipient
    return client.post(
        HOST,
        f"/api/v1/{where}/steps",
        body=msgspec.json.encode({"step": step, "version": version, **body}),
        status=200,
        key=ids.new_id().hex,
        token=party.key,
    )


async def send(
    line: Line, sender: Party, recipient: Party, patient_id: UUID
) -> tuple[Sent, Receipt]:
    """Send one referral and keep what its steps will need."""
    answer = await line.ask(sending(sender, recipient, patient_id))
    receipt = msgspec.json.decode(answer.body, type=Receipt)
    made = Sent(sender, recipient, receipt.id, receipt.legs[0].id)
    return made, receipt


async def record(line: Line, owner: asyncpg.Connection, network: Network) -> list[Recorded]:
    """Take one journey for each sender and turn what was written into the floor's statements."""
    known = await written.tables(owner, "referral")
    found: list[Recorded] = []
    for sender, recipient, patient_id in itertools.islice(pairs(network), len(network.senders)):
        sent, receipt = await send(line, sender, recipient, patient_id)
        recorder = written.Recorder(sent.referral_id, sent.sender.org.id, known)

        async def act(of: written.Recorder, referral_id: UUID) -> written.Statement:
            rows = await written.snapshot(owner, known, referral_id)
            return of.act(rows, captured_at=datetime.now(UTC))

        sending_it = await act(recorder, sent.referral_id)
        versions, statements = [], []
        for step, body in STEPS:
            on_referral = step is Step.REVIEW
            versions.append(receipt.version if on_referral else receipt.legs[0].version)
            answer = await line.ask(stepping(sent, step, body, version=versions[-1]))
            receipt = msgspec.json.decode(answer.body, type=Receipt)
            statements.append(await act(recorder, sent.referral_id))
        found.append(Recorded(Journey(sending_it, tuple(statements)), tuple(versions)))
    return found


def sends(network: Network) -> Iterator[Script]:
    """Ask without end for referrals to be sent."""
    for sender, recipient, patient_id in pairs(network):
        yield (sending(sender, recipient, patient_id),)


def steps(sent: Iterator[Sent], versions: tuple[int, ...]) -> Iterator[Script]:
    """Bring referrals home, each step after the other."""
    for each in sent:
        yield tuple(
            stepping(each, step, body, version=version)
            for (step, body), version in zip(STEPS, versions, strict=True)
        )


def floor_sends(count: int, *, auto: bool) -> Iterator[Script]:
    """Ask the floor without end to write what a sent referral writes."""
    for number in itertools.count():
        yield (floor_act(_seed(), number % count, None, said=QUESTION + NARRATIVE, auto=auto),)


def floor_steps(seeds: Iterator[tuple[UUID, int]]) -> Iterator[Script]:
    """Ask the floor for the steps of referrals that it has written before."""
    for seed, journey in seeds:
        yield tuple(floor_act(seed, journey, step, auto=False) for step in range(len(STEPS)))


def floor_first(journey: int) -> tuple[UUID, Script]:
    """Ask the floor for the first act of a journey whose others will be asked for later."""
    seed = _seed()
    return seed, (floor_act(seed, journey, None, said=QUESTION + NARRATIVE, auto=True),)


def floor_act(seed: UUID, journey: int, step: int | None, *, auto: bool, said: str = "") -> Ask:
    """Ask the floor for one act, with as many words as the product is told."""
    body = {"seed": seed, "journey": journey, "step": step, "auto": auto, "said": said}
    return client.post(HOST, "/act", body=msgspec.json.encode(body), status=201)


def _seed() -> UUID:
    # The last twelve bits number the ids of one journey.
    return UUID(int=ids.new_id().int >> 12 << 12)
