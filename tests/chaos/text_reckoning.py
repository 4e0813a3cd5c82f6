"""Texts to patients: what was promised, taken, reported and written, against what is stored."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from service.domain import delivery, sms_status
from service.domain.delivery import DeliveryState
from service.domain.rules import Machine, Step
from tests.chaos.callbacks import Call
from tests.chaos.exchange import Texted, Written
from tests.chaos.reckoning import Verdict

PLANNED: Mapping[tuple[Machine, Step], int] = {
    (Machine.REFERRAL, Step.SEND): 1,
    (Machine.REFERRAL, Step.REVIEW): 1,
    (Machine.REFERRAL, Step.CLOSE_WITHOUT_SERVICE): 1,
    (Machine.LEG, Step.ACCEPT): 1,
    (Machine.LEG, Step.DECLINE): 1,
    # Booked, a week before, a day before, the day after.
    (Machine.LEG, Step.SCHEDULE): 4,
    (Machine.LEG, Step.COMPLETE): 1,
}
"""How many texts each step of the stories promises, by the table of the design."""

FROZEN_S = 4.5
"""How long a worker that is stopped may hold a text in its hand, which nobody can take from it."""

_EVENTS = """
select e.referral_id, e.seq, e.machine, e.step, count(o.id) as texts
  from lk.event e
  left join lk.outbox o on o.referral_id = e.referral_id and o.seq = e.seq and o.kind = 'text'
 group by e.referral_id, e.seq, e.machine, e.step"""
_SENT = """
select d.message_id as reference, d.state as delivery, d.attempts, d.contact_id is null as reply,
       extract(epoch from d.attempted_at)::float8 as attempted, d.detail,
       o.state, o.code, o.tries, o.rings
  from lk.delivery d join lk.outbox o on o.id = d.effect_id where d.channel = 'sms'"""
_SILENT = """
select o.id, o.code, o.last_error as why from lk.outbox o
  join lk.referral r on r.id = o.referral_id
 where o.kind = 'text' and o.state in ('cancelled', 'expired', 'dead')
   and not (o.last_error = 'moved_on' or o.last_error = 'dead' and 2 <= (
     -- Twice in a row it could not be reached: it is texted no more, and a person tells it.
     select count(*) from lk.contact c join lk.delivery d on d.number_id = c.number_id
      where c.org_id = o.org_id and c.patient_id = r.patient_id and d.state = 'bounced')
    or o.last_error = 'stopped' and exists (
     select from lk.contact c join lk.text_consent t on t.number_id = c.number_id
      where c.org_id = o.org_id and c.patient_id = r.patient_id and t.org_id is null
        and not t.given and t.how = 'text'))"""
_INBOUND = """
select i.provider || ' ' || i.event_id as event, i.outcome, h.meaning, h.number_id
  from lk.inbound_text i
  left join lk.text_heard h on h.provider = i.provider and h.provider_event_id = i.event_id"""
_REPLIES = """
select o.number_id, o.code, count(*) as times from lk.outbox o
 where o.kind = 'text' and o.referral_id is null group by o.number_id, o.code"""
_RECEIPTS = """
select r.provider || ' ' || r.event_id as event, r.kind, r.message_id as reference, r.code,
       r.applied_at is not null as applied
  from lk.receipt r where r.provider in ('twilio', 'kannel')"""
_ASLEEP = """
select count(*) from lk.outbox where kind = 'text' and org_id = $1 and state = 'pending'"""
_UNDONE = """
select (select count(*) from lk.inbound_text where handed_at is null)
     + (select count(*) from lk.receipt where applied_at is null)"""


class TextLedger(msgspec.Struct, frozen=True, kw_only=True):
    """What the database holds of texts, read at one moment by its owner."""

    events: list[Any]
    sent: dict[str, Any]
    silent: list[Any]
    inbound: dict[str, Any]
    replies: list[Any]
    receipts: dict[str, Any]
    asleep: int


class Outside(msgspec.Struct, frozen=True, kw_only=True):
    """What the world outside saw: texts, reports that were answered for, words from phones."""

    taken: Mapping[str, list[Texted]]
    reported: Mapping[str, Call]
    written: Mapping[str, Written]
    at_night: frozenset[str]


async def read(database_url: str, *, sleeper: UUID) -> TextLedger:
    """Read everything in one snapshot; `sleeper` is who lives where it is night."""
    connection = await asyncpg.connect(database_url)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            return TextLedger(
                events=await connection.fetch(_EVENTS),
                sent={r["reference"]: r for r in await connection.fetch(_SENT)},
                silent=await connection.fetch(_SILENT),
                inbound={r["event"]: r for r in await connection.fetch(_INBOUND)},
                replies=await connection.fetch(_REPLIES),
                receipts={r["event"]: r for r in await connection.fetch(_RECEIPTS)},
                asleep=await connection.fetchval(_ASLEEP, sleeper),
            )
    finally:
        await connection.close()


async def undone(database_url: str) -> int:
    """Count what came in and was not made sense of yet."""
    connection = await asyncpg.connect(database_url)
    try:
        return int(await connection.fetchval(_UNDONE))
    finally:
        await connection.close()


def reckon(verdict: Verdict, ledger: TextLedger, outside: Outside) -> None:
    """Add to a verdict what is wrong with texts."""
    _promised(verdict, ledger)
    _arrived(verdict, ledger, outside)
    _heard(verdict, ledger, outside.written)
    _told(verdict, ledger, outside.reported)
    _stopped(verdict, ledger, outside)


def _promised(verdict: Verdict, ledger: TextLedger) -> None:
    """Every step promised its texts, once each, and none ended without a reason to be silent."""
    for row in ledger.events:
        wanted = PLANNED.get((Machine(row["machine"]), Step(row["step"])), 0)
        said = f"{row['referral_id']}: event {row['seq']} {row['step']}"
        if row["texts"] < wanted:
            verdict.lost.append(f"{said} promised {row['texts']} texts of {wanted}")
        elif row["texts"] > wanted:
            verdict.doubled.append(f"{said} promised {row['texts']} texts instead of {wanted}")
    for row in ledger.silent:
        verdict.lost.append(f"text {row['code']} {row['id']} ended unsaid: {row['why']}")


def _arrived(verdict: Verdict, ledger: TextLedger, outside: Outside) -> None:
    """What is recorded as sent was taken by a provider; what was taken is recorded, and by day.

    Only who writes to us at night is answered at night.
    """
    for reference, row in ledger.sent.items():
        certain = row["state"] == "done" and row["delivery"] != DeliveryState.UNKNOWN
        if certain and reference not in outside.taken:
            verdict.lost.append(f"text {row['code']} {reference} is done and never came")
    for reference, takings in outside.taken.items():
        if reference not in ledger.sent:
            verdict.half.append(f"text {reference} came and is nowhere recorded")
        if len({taking.digest for taking in takings}) > 1:
            verdict.broken.append(f"text {reference} came again as other words, or elsewhere")
        row = ledger.sent.get(reference)
        answers = row is not None and row["reply"]
        if not answers and any(taking.number in outside.at_night for taking in takings):
            verdict.broken.append(f"text {reference} came at night")


def _heard(verdict: Verdict, ledger: TextLedger, written: Mapping[str, Written]) -> None:
    """What people wrote and we took is kept and heard once; each stop is confirmed once."""
    meanings = dict[Any, list[str]]()
    for event, said in written.items():
        row = ledger.inbound.get(event)
        if said.kept_at is not None and row is None:
            verdict.lost.append(f"{event} was taken from a phone and is gone")
    for event, row in ledger.inbound.items():
        if event not in written:
            verdict.half.append(f"{event} is kept, and nobody wrote it")
        elif row["outcome"] != "heard" or row["meaning"] is None:
            verdict.lost.append(f"{event} was kept and not heard: {row['outcome']}")
        elif written[event].stops is not (row["meaning"] == "stop"):
            verdict.broken.append(f"{event} was misunderstood as {row['meaning']}")
        meanings.setdefault(row["number_id"], []).append(row["meaning"] or "")
    _answered(verdict, ledger, meanings)


def _answered(verdict: Verdict, ledger: TextLedger, meanings: Mapping[Any, list[str]]) -> None:
    replies = {(row["number_id"], row["code"]): row["times"] for row in ledger.replies}
    for number_id, heard in meanings.items():
        confirmed = replies.get((number_id, "stop_done"), 0)
        answers = sum(times for (whose, _), times in replies.items() if whose == number_id)
        if "stop" in heard and not confirmed:
            verdict.lost.append(f"number {number_id} said stop, and nobody confirmed it")
        if confirmed > heard.count("stop") or answers > len(heard):
            verdict.doubled.append(f"number {number_id} wrote {heard}, answered {answers} times")


def _told(verdict: Verdict, ledger: TextLedger, reported: Mapping[str, Call]) -> None:
    """What became of a text is kept once and applied, and only moves it forward."""
    words = dict[str, list[DeliveryState]]()
    for event, call in reported.items():
        row = ledger.receipts.get(event)
        if row is None or not row["applied"]:
            verdict.lost.append(f"{event} was taken and is {'gone' if row is None else 'unread'}")
        meaning = sms_status.read(call.provider, call.word, call.code)
        becomes = sms_status.BECOMES.get(meaning.status)
        words.setdefault(call.reference, []).extend([becomes] if becomes else [])
    for event in ledger.receipts.keys() - reported.keys():
        verdict.half.append(f"{event} is kept, and nobody reported it")
    for reference, row in ledger.sent.items():
        if row["state"] == "done" and row["delivery"] not in _ends(words.get(reference, ())):
            verdict.broken.append(f"text {reference} is {row['delivery']}: {words.get(reference)}")


def _ends(told: Iterable[DeliveryState]) -> set[DeliveryState]:
    """List where a text may stand after these reports: it was taken, or nobody answered for it."""
    known = tuple(told)
    return {
        delivery.settled((*known, first)) for first in (DeliveryState.SENT, DeliveryState.UNKNOWN)
    }


def _stopped(verdict: Verdict, ledger: TextLedger, outside: Outside) -> None:
    """Whoever said stop, and was told that we have it, gets no text before they say start."""
    spans = silences(outside.written.values())
    for reference, takings in outside.taken.items():
        row = ledger.sent.get(reference)
        if row is None or row["reply"] or row["attempted"] is None:
            continue
        for low, high in spans.get(takings[0].number, ()):
            if low + FROZEN_S < row["attempted"] < high:
                late = row["attempted"] - low
                verdict.broken.append(f"text {reference} left {late:.1f} s after a stop")


def in_hand(ledger: TextLedger, outside: Outside) -> int:
    """Count the texts that were begun before a stop was kept, and came after it."""
    spans = silences(outside.written.values())
    return sum(
        any(low < taking.at < high for low, high in spans.get(taking.number, ()))
        for reference, takings in outside.taken.items()
        for taking in takings
        if reference in ledger.sent and not ledger.sent[reference]["reply"]
    )


def silences(written: Iterable[Written]) -> dict[str, list[tuple[float, float]]]:
    """Say for each number from when until when it must be silent: from a stop to the next start."""
    said = sorted((each for each in written if each.stops or each.starts), key=lambda each: each.at)
    found: dict[str, list[tuple[float, float]]] = {}
    for each in said:
        if each.stops and each.kept_at is not None:
            until = min(
                (x.at for x in said if x.starts and x.number == each.number and x.at > each.at),
                default=float("inf"),
            )
            found.setdefault(each.number, []).append((each.kept_at, until))
    return found
