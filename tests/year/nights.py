"""Every night: the chores, the proof, and a count of our own beside it."""

from __future__ import annotations

from contextlib import AsyncExitStack
from datetime import date
from typing import TYPE_CHECKING

from workers import clockwork, nightly, phones

if TYPE_CHECKING:
    from tests.year.year import Year

HANDS = 6
"""How many people do something at once."""

_OURS = """
select count(*) filter (where r.state in
         ('with_recipient', 'needs_routing', 'awaiting_review')) as open,
       count(*) filter (where r.state = 'closed') as closed,
       count(*) filter (where r.state = 'void') as void,
       count(*) filter (where r.state in ('with_recipient', 'needs_routing', 'awaiting_review')
         and not (exists (select from lk.member m where m.id = r.owner_member_id
                            and m.org_id = r.owner_org_id and m.state = 'active')
                  and (exists (select from lk.timer t where t.referral_id = r.id
                                 and t.state = 'armed' and t.due_at > lk.now() - interval '1 hour')
                       or exists (select from lk.human_task h where h.referral_id = r.id
                                    and h.state = 'open')))) as forgotten
  from lk.referral r where r.id = any($1)
"""
"""Where each referral stands that people remember sending; none is looked for by its state."""


class Nights:
    """What each night said; `wrongs` are the nights that did not come out."""

    def __init__(self, year: Year) -> None:
        self._year = year
        self.proved: list[date] = []
        self.wrongs: list[str] = []

    async def watch(self) -> None:
        """Keep watch every night until the year is over."""
        while True:
            await self._year.agenda.until(self._year.next_night())
            await self.prove()

    async def prove(self) -> None:
        """Prove a night as clockwork does, and count again what people remember.

        Nobody does anything meanwhile: what is stored and not yet remembered would count once.
        """
        async with AsyncExitStack() as still:
            for _ in range(HANDS):
                await still.enter_async_context(self._year.hands)
            await self._prove()

    async def _prove(self) -> None:
        year = self._year
        await phones.chores(year.desk.office.db, year.desk.settings)
        await clockwork.sweep(year.desk)
        if not await nightly.prove(year.desk):
            self.wrongs.append(f"{year.clock.now():%Y-%m-%d %H:%M}: no proof was made")
            return
        proof = await year.owner.fetchrow(
            "select * from lk.nightly_proof order by night desc limit 1"
        )
        ours = await year.owner.fetchrow(_OURS, year.sent)
        self.proved.append(proof["night"])
        told = {
            "sent": len(year.sent),
            "open": ours["open"],
            "closed": ours["closed"],
            "void": ours["void"],
            "unowned": 0,
            "unwatched": 0,
        }
        off = {name: (proof[name], want) for name, want in told.items() if proof[name] != want}
        if off or proof["incident_id"] is not None or ours["forgotten"]:
            self.wrongs.append(f"{proof['night']}: {off}, forgotten {ours['forgotten']}")
