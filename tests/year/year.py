"""The year: people act, the workers work, and the clock goes on to whatever is due next."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

import asyncpg
import msgspec

from service.domain import calendars
from tests.channels import mail_server
from tests.making import House, Org
from tests.workers import shop as shops
from tests.year.agenda import Agenda, Clock
from tests.year.case import Case
from tests.year.cast import Place, gather
from tests.year.handset import Handset, Manner
from tests.year.nights import HANDS, Nights
from tests.year.post import Letterbox, Tower
from tests.year.stories import STORIES
from workers import clockwork, ladder, phones, relay
from workers.courier import Courier
from workers.desk import Desk
from workers.guard import Guard

BEGINS = datetime(2027, 1, 4, 14, tzinfo=UTC)
"""A Monday morning; summer time begins on 14 March and ends on 7 November of this year."""

LASTS = timedelta(days=365)
LATEST_S = 3600.0
"""Workers come by at most so late: nothing in here may hang on the minute."""

_PATIENCE = 100
_OWED = """
select exists (select from lk.timer where state = 'armed' and due_at <= lk.now()) as timers,
       exists (select from lk.timer where state = 'armed' and rung < 4 and not planned
                and referral_id is not null) as unplanned,
       exists (select from lk.outbox where state = 'pending' and next_at <= lk.now()) as effects,
       least((select min(next_at) from lk.outbox where state = 'pending'),
             (select min(due_at) from lk.timer where state = 'armed')) as next_at
"""
"""Which workers have something to do: the others would look and find nothing."""

_FORGETS = """
create function lk.forget() returns trigger language plpgsql as
  $f$ begin if new.rung >= 3 then new.state := 'disarmed'; new.ended_at := lk.now(); end if;
  return new; end $f$;
create trigger forget before update on lk.timer for each row execute function lk.forget();
"""

_MANNERS = (
    *[Manner.ANSWERS] * 8,
    *[Manner.SILENT] * 5,
    *[Manner.STOPS] * 2,
    *[Manner.RETURNS] * 3,
    *[Manner.TALKS] * 2,
    Manner.STRANGER,
)


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """How many referrals, how long, and by which throw of the dice.

    `forgets` lets a clock stop for ever at its third rung: such a year must be found out.
    """

    referrals: int
    seed: int = 1
    lasts: timedelta = LASTS
    forgets: bool = False


class Year:
    """Everything that people and reckoners need of it."""

    def __init__(self, house: House, desk: Desk, owner: asyncpg.Connection, wish: Wish) -> None:
        self.house = house
        self.desk = desk
        self.owner = owner
        self.wish = wish
        self.rng = Random(wish.seed)
        self.hands = asyncio.Semaphore(HANDS)
        self.sent: list[UUID] = []
        self.silent: list[Case] = []
        self.steps: Counter[str] = Counter()
        self.by_link = 0
        self.errors: list[str] = []
        self.turns = 0
        self._deck = [story for story, often in STORIES.items() for _ in range(often)]
        self.rng.shuffle(self._deck)
        self._count = 0
        self._guard = Guard()

    async def begin(self) -> None:
        """Bring everybody together on the first morning."""
        cco = await self.house.organization(
            "Network", kind="coordination", cco=True, zone="America/New_York"
        )
        self._open_post(cco)
        await self.clock.go_to(BEGINS)
        self.cast = await gather(
            self.house,
            cco,
            patients=max(12, self.wish.referrals // 4),
            agencies=9 * (1 + self.wish.referrals // 300),
            rng=self.rng,
        )
        for patient in self.cast.patients:
            self._give_phone(patient.number, patient.clinic)
        self.ends = self.clock.now() + self.wish.lasts
        for number in range(self.wish.referrals):
            self.agenda.start(self._lives(number))
        self.nights = Nights(self)
        self.agenda.start(self.nights.watch())

    def _open_post(self, cco: Org) -> None:
        self.clock = Clock(self.house.office, cco.actor)
        self.agenda = Agenda(self.clock)
        self.letters = Letterbox(self.clock.now)
        self.tower = Tower(self.clock.now)
        self.courier = Courier(self.desk, [self.letters] * 4, phones=self.tower)

    def _give_phone(self, number: str | None, clinic: Place) -> None:
        if number is None or number in self.tower.handsets:
            return
        rng = Random(f"{self.wish.seed} {number}")
        self.tower.handsets[number] = Handset(
            self, number, zone=clinic.zone, manner=rng.choice(_MANNERS), rng=rng
        )

    async def _lives(self, number: int) -> None:
        rng = Random(f"{self.wish.seed} {number}")
        story = self._deck[number % len(self._deck)]
        agencies = self.cast.agencies
        if story.__name__ == "is_urgent":
            agencies = tuple(each for each in agencies if not each.by_link)
        case = Case(self, rng.choice(self.cast.patients), rng.choice(agencies), rng)
        await case.days(0, self.wish.lasts.days * 0.96, at=case.clinic)
        await story(case)

    def another(self, case: Case) -> Place:
        """Choose an agency with accounts that is not the one that was asked."""
        others = [each for each in self.cast.agencies if not each.by_link]
        return case.rng.choice([each for each in others if each is not case.agency])

    def next_number(self) -> int:
        """Count."""
        self._count += 1
        return self._count

    async def pass_by(self) -> None:
        """Live through it, from one due moment to the next."""
        while True:
            await self.agenda.turn()
            at = min(filter(None, (await self._work(), self.agenda.next_at)), default=None)
            if at is None or at > self.ends:
                break
            if at > self.clock.now():
                late = timedelta(seconds=self.rng.uniform(0, LATEST_S))
                await self.clock.go_to(min(at + late, self.ends))
        await phones.chores(self.desk.office.db, self.desk.settings)
        await self.agenda.end()

    async def _work(self) -> datetime | None:
        """Let every worker do what is due now, as its process would; say when more is due."""
        self.turns += 1
        for _ in range(_PATIENCE):
            owed = await self.owner.fetchrow(_OWED)
            if owed["timers"]:
                await clockwork.tick(self.desk, self._guard)
            if owed["unplanned"]:
                await ladder.plan_ahead(self.desk)
            if owed["effects"]:
                await self._carry()
            if not (owed["timers"] or owed["unplanned"] or owed["effects"]):
                at: datetime | None = owed["next_at"]
                return at
        self.errors.append(f"there was no end to what was due at {self.clock.now()}")
        return None

    async def _carry(self) -> None:
        while await relay.turn(self.desk):
            while await self.courier.turn():
                pass

    def next_night(self) -> datetime:
        """Name a moment past two in the coordinators' zone."""
        zone = "America/New_York"
        day = calendars.local(self.clock.now(), zone).date() + timedelta(days=1)
        return calendars.local_moment(day, 120 + self.rng.randrange(5, 180), zone=zone)


class _Cries(logging.Handler):
    """Keeps what the service calls an error."""

    def __init__(self, errors: list[str]) -> None:
        super().__init__(logging.ERROR)
        self._errors = errors

    def emit(self, record: logging.LogRecord) -> None:
        self._errors.append(f"{record.getMessage()} {getattr(record, 'fields', '')}")


@asynccontextmanager
async def lived(database_url: str, redis_url: str, wish: Wish) -> AsyncIterator[Year]:
    """Live through a year on a database of its own; what remains is to reckon."""
    async with shops.shop(database_url, redis_url, mail_server.Office(), 0) as shop:
        if wish.forgets:
            await shop.owner.execute(_FORGETS)
        year = Year(shop.house, shop.desk, shop.owner, wish)
        cries = _Cries(year.errors)
        logging.getLogger("loopkeeper").addHandler(cries)
        try:
            await year.begin()
            await year.pass_by()
            yield year
        finally:
            logging.getLogger("loopkeeper").removeHandler(cries)
