"""Pages: how long the server takes for each of the main pages, at a demonstration's size.

One after another, as one person clicks; the time is from the request to the last byte, on loopback.
"""

import asyncio
import http.client
import statistics
import time
from uuid import UUID

import asyncpg

from service.actions import sessions
from service.domain.people import Actor
from service.store.pool import Scope
from tests import making
from tests.bench import figures, ground
from tests.bench.figures import Figure
from tests.bench.ground import Ground
from tests.bench.throughput import Field

GOAL_MS = 50.0
_REFERRALS, _QUICK = 60, 4
"""About what a demonstration has in one clinic."""

_TIMES = 15
_PATHS = {
    "needs me": "/",
    "a list": "/?view=waiting_for_others",
    "a referral": "/referrals/{referral_id}",
    "a new referral": "/referrals/new",
    "tasks": "/tasks",
    "messages": "/threads",
    "directory": "/directory",
    "numbers": "/dashboard",
    "appointments": "/appointments",
    "account": "/account",
}


async def measure(where: Ground, field: Field, owner: asyncpg.Connection) -> list[Figure]:
    """Fill a clinic of its own, sign in there, and ask for each page in turn.

    The first page of a clinic that has sent thousands is told beside them; it has no goal.
    """
    progress = field.progress
    progress.begin("pages")
    port = field.product.port
    small = await _clinic(where, field)
    found = []
    for name, path in _PATHS.items():
        took = await asyncio.to_thread(_asked, port, path.format(referral_id=small[1]), small[0])
        found.append(figures.within(f"page: {name}", took, goal=GOAL_MS))
    busy = field.network.senders[0].org
    sent = await owner.fetchval(
        "select count(*) from lk.referral where sender_org_id = $1", busy.id
    )
    async with making.house(where.database_url) as house:
        cookie = await _signed_in(house, busy.actor)
    took = await asyncio.to_thread(_asked, port, "/", cookie)
    found.append(figures.told(f"page: needs me, of {sent:,} sent", took, "ms"))
    for _ in range(field.size.rounds):
        progress.done()
    return found


async def _clinic(where: Ground, field: Field) -> tuple[str, UUID]:
    recipient = field.network.recipients[0].org
    count = _QUICK if field.size.rounds == 1 else _REFERRALS
    async with making.house(where.database_url) as house:
        sender = await house.organization("Clinic of pages")
        sent = [await house.sent(sender, [recipient]) for _ in range(count)]
        return await _signed_in(house, sender.actor), sent[0].referral_id


async def _signed_in(house: making.House, actor: Actor) -> str:
    assert actor.person_id
    assert actor.org_id
    assert actor.member_id
    scope = Scope(org_id=actor.org_id, person_id=actor.person_id)
    async with house.office.db.transaction(scope) as connection:
        opened = await sessions.begin(
            connection,
            person_id=actor.person_id,
            org_id=actor.org_id,
            member_id=actor.member_id,
        )
    return f"__Host-lk_session={opened.secret}"


def _asked(port: int, path: str, cookie: str) -> float:
    """Return the median of the milliseconds that a page takes; the first two warm up."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    head = {
        "host": ground.HOST,
        "cookie": cookie,
        "accept": "text/html",
        "accept-encoding": "gzip",
        "x-forwarded-proto": "https",
    }
    took: list[float] = []
    for _ in range(_TIMES + 2):
        begun = time.perf_counter()
        line.request("GET", path, headers=head)
        answer = line.getresponse()
        answer.read()
        took.append(1000 * (time.perf_counter() - begun))
        if answer.status != http.HTTPStatus.OK:
            raise RuntimeError(f"{path} answered {answer.status}")
    line.close()
    return statistics.median(took[2:])
