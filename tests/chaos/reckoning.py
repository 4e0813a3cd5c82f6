"""What was promised against what is stored, sent and owed: the count after the last fault."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from service.domain.effects import TELLS, EffectKind
from service.domain.rules import Step
from service.store import invariants
from service.store import pool as pools
from service.store.pool import Scope
from tests import making
from tests.chaos.client import End, Told
from tests.chaos.post_office import Taking
from workers import courier

LONG_RUN = 100
"""Faults from which on only the share of duplicate sends counts."""

IN_HAND_S = 2.0
"""How long before it is cut off something may have been taken that nobody wrote down yet."""

IN_HAND = courier.IN_HAND + courier.TEXTS_IN_HAND
"""Sends that one cut can repeat: no more were in anybody's hand."""

_LATE_S = 0.3
"""A fault is noted before it happens; a signal and a hang-up take so long at most."""

ANYWAY = 2
"""Repeated sends of a shorter run that no cut explains: of a worker that stood still too long."""

_KEYS = "select key, status, resource_id, resource_version as version from lk.idempotency"
_REFERRALS = "select id, version from lk.referral"
_ACTED = """
select a.referral_id, (a.detail->>'seq')::int as seq, a.action, e.step
  from lk.audit a
  left join lk.event e on e.referral_id = a.referral_id and e.seq = (a.detail->>'seq')::int
 where a.action like 'step.%' order by a.referral_id, seq"""
_EVENTS = """
select e.referral_id, e.seq, e.step, count(o.id) as effects
  from lk.event e
  left join lk.outbox o on o.referral_id = e.referral_id and o.seq = e.seq and o.kind <> 'text'
 where e.machine = 'leg' group by e.referral_id, e.seq, e.step"""
_TWICE = """
select referral_id, kind, count(*) as times from lk.outbox where referral_id is not null
 group by referral_id, leg_id, seq, kind, org_id, member_id, code having count(*) > 1"""
_OWED = """
select o.id, o.kind, o.state, o.tries, o.rings, o.next_at::text as next_at
  from lk.outbox o
 where o.state in ('pending', 'parked') and o.due_at <= lk.now()
   and not (o.state = 'pending' and o.tries > 0
            and o.next_at between lk.now() and lk.now() + interval '6 minutes')"""
_WAITING = """
select count(*) from lk.outbox
 where state in ('pending', 'parked') and due_at <= lk.now() + interval '11 seconds'"""
_SENT = """
select d.message_id, o.state, o.kind, o.tries, o.rings, d.attempts
  from lk.delivery d join lk.outbox o on o.id = d.effect_id where d.channel = 'mail'"""
_STATES = "select state, count(*) as times from lk.outbox group by state"
_HELD_BACK = frozenset({Step.FILLED, Step.WITHDRAW})
"""Steps that tell nobody where the invitation was still held, so that no count is expected."""


class Ledger(msgspec.Struct, frozen=True, kw_only=True):
    """What the database holds, read at one moment by its owner."""

    keys: list[Any]
    referrals: dict[UUID, int]
    acted: list[Any]
    events: list[Any]
    twice: list[Any]
    owed: list[Any]
    sent: dict[str, Any]
    states: dict[str, int]


class Verdict(msgspec.Struct, kw_only=True):
    """What the count came to; every list holds sentences about what is wrong, by id and code."""

    lost: list[str] = []
    doubled: list[str] = []
    half: list[str] = []
    broken: list[str] = []
    owed: int = 0
    owed_texts: int = 0

    def wrongs(self) -> list[str]:
        """List everything that is wrong."""
        return [*self.lost, *self.doubled, *self.half, *self.broken]


async def read(database_url: str) -> Ledger:
    """Read everything in one snapshot."""
    connection = await asyncpg.connect(database_url)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            return Ledger(
                keys=await connection.fetch(_KEYS),
                referrals={r["id"]: r["version"] for r in await connection.fetch(_REFERRALS)},
                acted=await connection.fetch(_ACTED),
                events=await connection.fetch(_EVENTS),
                twice=await connection.fetch(_TWICE),
                owed=await connection.fetch(_OWED),
                sent={r["message_id"]: r for r in await connection.fetch(_SENT)},
                states={r["state"]: r["times"] for r in await connection.fetch(_STATES)},
            )
    finally:
        await connection.close()


async def waiting(database_url: str) -> int:
    """Count the effects that are due, are tried again, or will be due when a send's hold ends."""
    connection = await asyncpg.connect(database_url)
    try:
        return int(await connection.fetchval(_WAITING))
    finally:
        await connection.close()


async def breaches(database_url: str) -> list[str]:
    """Ask every invariant of the product, as the role that may."""
    pool = await pools.connect(making.role_url(database_url, "lk_check"), name="chaos", size=1)
    try:
        async with pool.transaction(Scope()) as connection:
            findings = await invariants.check(connection)
    finally:
        await pool.close()
    return [
        f"{each.invariant.id} {each.invariant.says} {breach.subject}: {breach.detail}"
        for each in findings
        for breach in each.breaches
    ]


def reckon(ledger: Ledger, told: Iterable[Told], taken: Mapping[str, list[Taking]]) -> Verdict:
    """Compare what clients were told, what is stored, and what the mail server took."""
    by_key = {each.key: each for each in told}
    texts = sum(row["kind"] == EffectKind.TEXT for row in ledger.owed)
    verdict = Verdict(owed=len(ledger.owed), owed_texts=texts)
    _keys(verdict, ledger, by_key)
    _versions(verdict, ledger)
    _history(verdict, ledger, by_key)
    _effects(verdict, ledger)
    _mail(verdict, ledger, taken)
    return verdict


def _keys(verdict: Verdict, ledger: Ledger, by_key: Mapping[str, Told]) -> None:
    """Every acknowledged key is stored as it was told, once; nothing else is stored."""
    stored = {row["key"]: row for row in ledger.keys}
    for row in ledger.keys:
        if row["key"] not in by_key:
            verdict.half.append(f"a key that nobody sent: {row['key']}")
        elif by_key[row["key"]].end is End.REFUSED:
            verdict.half.append(f"refused, and stored all the same: {row['key']}")
    for told in by_key.values():
        row = stored.get(told.key)
        if told.end is End.ACKNOWLEDGED and row is None:
            verdict.lost.append(f"{told.step} of {told.referral_id} was acknowledged and is gone")
        elif told.end is End.ACKNOWLEDGED and row is not None and not _same(row, told):
            verdict.broken.append(f"{told.step} was told one way and stored another: {told.key}")
        elif told.end is End.UNANSWERED:
            verdict.broken.append(f"{told.step} was never answered, in {told.tries} tries")


def _same(row: Any, told: Told) -> bool:
    # A repetition tells how the referral stands when it comes, which may be later.
    return (
        row["status"] == told.status
        and str(row["resource_id"]) == told.referral_id
        and (row["version"] == told.version or (told.replayed and row["version"] <= told.version))
    )


def _versions(verdict: Verdict, ledger: Ledger) -> None:
    """Every version of every referral is the act of one key: nothing more, nothing half."""
    found = defaultdict[UUID, list[int]](list)
    for row in ledger.keys:
        found[row["resource_id"]].append(row["version"])
    for referral_id, version in ledger.referrals.items():
        versions = sorted(found[referral_id])
        if versions != list(range(1, version + 1)):
            verdict.half.append(f"{referral_id} is at {version}, its keys made {versions}")
    for referral_id in found.keys() - ledger.referrals.keys():
        verdict.half.append(f"{referral_id} has keys and is not there")


def _history(verdict: Verdict, ledger: Ledger, by_key: Mapping[str, Told]) -> None:
    """The events of a referral are the steps its keys asked for, in the order of its versions."""
    asked, acted = defaultdict[UUID, list[str]](list), defaultdict[UUID, list[str]](list)
    for row in sorted(ledger.keys, key=lambda row: (row["resource_id"], row["version"])):
        told = by_key.get(row["key"])
        step = told.step if told is not None else "?"
        asked[row["resource_id"]] += ["create", "send"] if step == "create" else [step]
    for row in ledger.acted:
        if row["action"] != f"step.{row['step']}":
            verdict.lost.append(f"{row['referral_id']}: {row['action']} left no event")
        acted[row["referral_id"]].append(row["action"].removeprefix("step."))
    for referral_id in asked.keys() | acted.keys():
        _compare(verdict, referral_id, asked[referral_id], acted[referral_id])


def _compare(verdict: Verdict, referral_id: UUID, asked: list[str], acted: list[str]) -> None:
    missing, more = Counter(asked) - Counter(acted), Counter(acted) - Counter(asked)
    verdict.lost += [f"{referral_id}: {step} has no event" for step in missing.elements()]
    verdict.doubled += [f"{referral_id}: {step} happened twice" for step in more.elements()]
    if not missing and not more and asked != acted:
        verdict.broken.append(f"{referral_id}: asked {asked}, acted {acted}")


def _effects(verdict: Verdict, ledger: Ledger) -> None:
    """Every event told whom it has to tell, once; every effect that was due has ended."""
    for row in ledger.events:
        step = Step(row["step"])
        wanted = 0 if step in _HELD_BACK else len(TELLS.get(step, ()))
        if row["effects"] < wanted:
            verdict.lost.append(f"{row['referral_id']}: event {row['seq']} {step} told nobody")
        elif row["effects"] > wanted and step not in _HELD_BACK:
            verdict.doubled.append(f"{row['referral_id']}: event {row['seq']} {step} told twice")
    for row in ledger.twice:
        verdict.doubled.append(f"{row['referral_id']}: {row['kind']} is owed {row['times']} times")
    for row in ledger.owed:
        verdict.lost.append(
            f"{row['kind']} {row['id']} is {row['state']} still, rung {row['rings']} times,"
            f" tried {row['tries']} times, next at {row['next_at']}"
        )


def _mail(verdict: Verdict, ledger: Ledger, taken: Mapping[str, list[Taking]]) -> None:
    """What is recorded as sent was taken by the mail server; what it took is recorded."""
    for message_id, row in ledger.sent.items():
        if row["state"] == "done" and message_id not in taken:
            verdict.lost.append(f"{message_id} is done and never came")
    for message_id in taken.keys() - ledger.sent.keys():
        verdict.half.append(f"{message_id} came and is nowhere recorded")
    for message_id, takings in taken.items():
        if len({taking.digest for taking in takings}) > 1:
            verdict.broken.append(f"{message_id} came again as other bytes")


def again(ledger: Ledger, taken: Mapping[str, list[Taking]], *, begun: float) -> list[str]:
    """Tell of each mail that was taken again: when, in seconds since the first fault, and what."""
    found = sorted((takings[-1].at, key) for key, takings in taken.items() if len(takings) > 1)
    return [_again(ledger.sent.get(key), taken[key], begun) for _, key in found]


def _again(row: Any, takings: list[Taking], begun: float) -> str:
    moments = ", ".join(f"{taking.at - begun:.1f}" for taking in takings)
    if row is None:
        return moments
    counts = f"attempts {row['attempts']}, tries {row['tries']}, rings {row['rings']}"
    return f"{moments} s: {row['kind']}, {counts}"


def in_hand(sends: Iterable[list[float]], cuts: Iterable[float]) -> int:
    """Count the repeated sends that a cut explains: taken just before it, and then again."""
    found = 0
    open_at = sorted(cuts)
    firsts = sorted(first for moments in sends for first in sorted(moments)[:-1])
    for cut in open_at:
        explained = [first for first in firsts if cut - IN_HAND_S <= first <= cut + _LATE_S]
        found += min(len(explained), IN_HAND)
        firsts = [first for first in firsts if first not in explained]
    return found


def allowed(sent: int, *, faults: int, explained: int) -> int:
    """Say how many duplicate sends a run may have: one in a thousand of all it sent.

    A short run has too few to measure that. It may have those that were in the courier's hand when
    it was killed or when the mail server hung up on everybody, and two more.
    """
    share = sent // 1000
    return share if faults >= LONG_RUN else max(share, explained + ANYWAY)
