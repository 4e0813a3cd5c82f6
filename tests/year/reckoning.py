"""What must be true of a year that was lived through, and how much of everything it had."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from service.actions import number_events, seal_record
from service.domain import calendars
from service.domain.heard import Meaning
from service.domain.patient_texts import TextKind
from service.store import invariants
from service.store.pool import Scope
from tests.year.post import Text

if TYPE_CHECKING:
    from tests.year.year import Year

_WEEK = timedelta(days=7)
FROM_HOUR, TO_HOUR = 8, 21
_HAPPENS = (
    *(f"text {kind}" for kind in TextKind),
    *(f"heard {each}" for each in (Meaning.STOP, Meaning.START, Meaning.ANSWER, Meaning.HELP)),
    *(f"effect {kind}" for kind in ("invite", "nudge", "moved", "report", "link_code", "receipt")),
    *(f"step {step}" for step in ("decline", "no_show", "end_unresponsive", "complete")),
    *("sent", "by link", "moved", "referrals closed"),
)
_LADDER = """
select t.id, t.rung,
       (select count(*) from lk.outbox o where o.kind = 'nudge' and o.referral_id = t.referral_id
           and o.leg_id is not distinct from t.leg_id and o.code = t.clock
           and o.created_at >= t.started_at
           and o.created_at <= coalesce(t.ended_at, 'infinity')) as nudges
  from lk.timer t where t.referral_id is not null
"""
_TEXTS = """
select d.id, d.contact_id, e.code, e.referral_id, e.leg_id, e.seq,
       d.said->'fields'->>'when' as booked
  from lk.delivery d join lk.outbox e on e.id = d.effect_id where d.channel = 'sms'
"""
_CLIMBED = """
select r.id,
       exists (select from lk.event e where e.referral_id = r.id and e.step = 'escalate') as moved,
       (select count(*) from lk.outbox o where o.referral_id = r.id and o.kind = 'nudge'
           and o.code = 'answer' and o.member_id is null) as reminded,
       exists (select from lk.outbox o where o.referral_id = r.id and o.kind = 'nudge'
           and o.code = 'answer' and o.member_id is not null)
         or exists (select from lk.human_task h where h.referral_id = r.id
           and h.kind = 'second_answer') as second,
       exists (select from lk.human_task h where h.referral_id = r.id
           and h.kind = 'overdue_answer') as worked,
       exists (select from lk.outbox o where o.referral_id = r.id and o.kind = 'report') as above
  from lk.referral r where r.id = any($1)
"""


async def wrongs(year: Year) -> list[str]:
    """List everything that was not as it must be."""
    found = [*year.agenda.fell, *year.errors, *year.nights.wrongs]
    found += _nights(year)
    found += [line async for line in _reminders(year)]
    texts = await _known(year)
    found += [*_hours(year, texts), *_often(year, texts), *_after_stop(year, texts), *_twice(texts)]
    found += [line async for line in _silent(year)]
    found += await _invariants(year)
    return found


def _nights(year: Year) -> Iterator[str]:
    proved = year.nights.proved
    whole = {proved[0] + timedelta(days=count) for count in range(year.wish.lasts.days - 1)}
    missing = whole - set(proved)
    if missing:
        yield f"{len(missing)} nights have no proof, the first is {min(missing)}"


async def _reminders(year: Year) -> Any:
    for row in await year.owner.fetch(_LADDER):
        if row["nudges"] > row["rung"]:
            yield f"timer {row['id']} on rung {row['rung']} has spoken {row['nudges']} times"
    for message_id, count in Counter(mail.message_id for mail in year.letters.mails).items():
        if count > 1:
            yield f"{message_id} left {count} times"
    for delivery_id, count in Counter(text.delivery_id for text in year.tower.texts).items():
        if count > 1:
            yield f"text {delivery_id} left {count} times"


async def _known(year: Year) -> list[tuple[Text, Any]]:
    """Put beside each text that left what it was about; answers to a phone have no contact."""
    rows = {row["id"]: row for row in await year.owner.fetch(_TEXTS)}
    return [(text, rows[text.delivery_id]) for text in year.tower.texts]


def _hours(year: Year, texts: list[tuple[Text, Any]]) -> Iterator[str]:
    for text, row in texts:
        at = calendars.local(text.at, year.tower.handsets[text.number].zone)
        if row["contact_id"] is not None and not FROM_HOUR <= at.hour < TO_HOUR:
            yield f"a text ({row['code']}) left at {at:%Y-%m-%d %H:%M} where its phone is"


def _often(year: Year, texts: list[tuple[Text, Any]]) -> Iterator[str]:
    by_number: dict[str, list[Text]] = defaultdict(list)
    for text, row in texts:
        if row["contact_id"] is not None:
            by_number[text.number].append(text)
    for number, told in by_number.items():
        zone = year.tower.handsets[number].zone
        days = Counter(calendars.local(text.at, zone).date() for text in told)
        yield from (
            f"{count} texts to one phone on {day}" for day, count in days.items() if count > 1
        )
        for first, fourth in zip(told, told[3:], strict=False):
            if fourth.at - first.at < _WEEK:
                yield f"four texts to one phone in the week before {fourth.at}"


def _after_stop(year: Year, texts: list[tuple[Text, Any]]) -> Iterator[str]:
    for text, row in texts:
        for begun, ended in year.tower.handsets[text.number].silences:
            inside = begun < text.at and (ended is None or text.at < ended)
            if inside and row["contact_id"] is not None:
                yield f"a text ({row['code']}) left at {text.at}, after a stop at {begun}"


def _twice(texts: list[tuple[Text, Any]]) -> Iterator[str]:
    told = Counter(
        (row["code"], row["referral_id"], row["leg_id"], row["booked"] or row["seq"])
        for _, row in texts
        if row["contact_id"] is not None
    )
    yield from (f"{code} was told {count} times" for (code, *_), count in told.items() if count > 1)


async def _silent(year: Year) -> Any:
    old = year.ends - timedelta(days=15)
    ids = [case.referral_id for case in year.silent if case.sent_at < old]
    for row in await year.owner.fetch(_CLIMBED, ids):
        if row["reminded"] < 2 or not all(
            row[each] for each in ("moved", "second", "worked", "above")
        ):
            yield f"nobody answered {row['id']}, and it climbed only so far: {dict(row)}"


async def _invariants(year: Year) -> list[str]:
    while await seal_record.seal_record(year.desk.office):
        pass
    while await number_events.number_events(year.desk.office):
        pass
    async with year.house.check.transaction(Scope()) as connection:
        findings = await invariants.check(connection)
    return [
        f"{each.invariant.id} {each.invariant.says} {breach.subject} {breach.detail}"
        for each in findings
        for breach in each.breaches
    ]


def idle(counted: dict[str, int]) -> list[str]:
    """List what a whole year must have had and this one had not."""
    return [name for name in _HAPPENS if not counted.get(name)]


async def counts(year: Year) -> dict[str, int]:
    """Count what happened: a year in which nothing happened proves nothing."""
    texts = await _known(year)
    kinds = Counter(row["code"] for _, row in texts if row["contact_id"] is not None)
    states = await year.owner.fetch("select state, count(*) as n from lk.referral group by state")
    waits = await year.owner.fetch("select kind, count(*) as n from lk.outbox group by kind")
    heard = Counter(each for phone in year.tower.handsets.values() for each in phone.heard)
    return {
        "sent": len(year.sent),
        "nights": len(year.nights.proved),
        "turns": year.turns,
        "mails": len(year.letters.mails),
        "texts": len(year.tower.texts),
        "by link": year.by_link,
        "moved": await year.owner.fetchval("select count(*) from lk.event where step = 'escalate'"),
        **{f"referrals {row['state']}": row["n"] for row in states},
        **{f"effect {row['kind']}": row["n"] for row in waits},
        **{f"text {kind}": count for kind, count in kinds.items()},
        **{f"heard {each}": heard[each] for each in Meaning},
        **{f"step {step}": count for step, count in year.steps.items()},
    }
