"""Steps and readers find their rows by an index, however many referrals there are."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from service.actions.start_thread import NewThread, start_thread
from service.actions.thread_guests import Invited
from service.domain import ids
from service.domain.rules import Step
from service.store import links, queries, steps, thread_writes
from service.store.pool import Scope
from tests import making

REFERRALS, KEYS, READING, THREADS = (
    queries.load(name) for name in ("referrals", "keys", "reading", "threads")
)
HOT = {
    "facts": REFERRALS.facts,
    "consent": REFERRALS.consent,
    "seals": KEYS.seals,
    "patient": queries.load("patients").sealed,
    "step": steps.whole("guard"),
    "send": steps.whole("created"),
    "caller": queries.load("sessions").by_api_key,
    "card": READING.cards,
    "order_row": READING.order_row,
    "history": READING.history,
    "documents": READING.documents,
    "contents": READING.contents,
    "thread_standing": THREADS.standing,
    "thread_page": THREADS.page,
    "thread_say": queries.load("saying").say,
    "thread_act": thread_writes.whole("guard"),
    "thread_list": queries.load("thread_work").page_of,
}

# The directory is small, and read whole where that is quicker.
SMALL = {"organization", "closure", "clock_offset", "healthcare_service"}

# PostgreSQL reckons with rows per page: a page of each is enough to make it think of millions.
MILLIONS = """
update pg_class c set relpages = pg_relation_size(c.oid) / 8192,
       reltuples = 1000000 * (pg_relation_size(c.oid) / 8192)
  from pg_class t left join pg_index i on i.indrelid = t.oid
 where c.oid in (t.oid, i.indexrelid) and t.relnamespace = 'lk'::regnamespace
   and t.relkind = 'r' and pg_relation_size(t.oid) > 0 and not t.relname = any($1)"""


async def _rows_everywhere(house: making.House) -> UUID:
    clinic = await house.organization("Clinic")
    pantry = await house.organization("Pantry", kind="social_service")
    kitchen = await house.organization("Kitchen", kind="social_service", channel="offline")
    sent = await house.sent(clinic, [pantry, kitchen], mode="all_needed")
    talk = NewThread(
        subject="s",
        text="t",
        participants=(Invited(org_id=pantry.id),),
        referral_id=sent.referral_id,
    )
    await start_thread(house.office, clinic.actor, talk)
    leg = sent.plan.referral.legs[0]
    await house.step(pantry.actor, leg.id, Step.ACCEPT)
    await house.step(pantry.actor, leg.id, Step.SCHEDULE)
    link = links.NewLink(
        id=ids.new_id(),
        org_id=pantry.id,
        referral_id=sent.referral_id,
        leg_id=leg.id,
        address_id=pantry.address_id,
        delivery_id=ids.new_id(),
        secret_hash=b"\0" * 32,
    )
    scope = Scope(org_id=pantry.id, opening=sent.referral_id)
    async with house.office.db.transaction(scope) as connection:
        await connection.execute(
            "insert into attachment (id, org_id, referral_id, context_id, class, epoch, blob_id,"
            " stored_bytes, next_at, created_at) select $1, $2, $3, $3, class, epoch, $1, 272,"
            " lk.now(), lk.now() from epoch where context_id = $3 limit 1",
            ids.new_id(),
            pantry.id,
            sent.referral_id,
        )
    async with house.worker.transaction(scope) as connection:
        await links.insert(connection, link)
    return pantry.id


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from _nodes(child)


def _reads_all(node: dict[str, Any]) -> bool:
    """Say whether a scan has nothing to begin at; an index read from end to end is no better."""
    kind = node["Node Type"]
    return kind == "Seq Scan" or ("Index" in kind and "Index Cond" not in node)


async def test_neither_a_step_nor_a_look_at_a_referral_reads_a_whole_table(
    fresh_database: str, connect
) -> None:
    async with making.house(fresh_database) as house:
        org_id = await _rows_everywhere(house)
    await (await connect(fresh_database)).execute(MILLIONS, sorted(SMALL))
    web = await connect(making.role_url(fresh_database, "lk_web"))
    await web.execute("set search_path = lk; set plan_cache_mode = force_generic_plan")
    await web.execute(f"select set_config('app.org', '{org_id}', false)")
    read: dict[str, set[str]] = {}
    for name, text in HOT.items():
        await web.execute(f"prepare {name} as {text}")
        given = ", ".join("null" for _ in (await web.prepare(text)).get_parameters())
        (found,) = await web.fetchrow(f"explain (costs off, format json) execute {name}({given})")
        scans = [node for node in _nodes(json.loads(found)[0]["Plan"]) if _reads_all(node)]
        read[name] = {each.get("Relation Name") or each["Index Name"] for each in scans} - SMALL
    assert not {name: tables for name, tables in read.items() if tables}
