"""A small network for random steps: who may try what, one picture to compare, what must hold."""

from collections.abc import Iterable
from contextlib import AsyncExitStack
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from service import faults
from service.actions.take_step import Document, OnBehalf, Taken, Words
from service.domain import decide, ids
from service.domain import leg as legs
from service.domain import referral as orders
from service.domain.details import Details
from service.domain.facts import Hand, LegFacts, ReferralFacts
from service.domain.people import Actor, ActorKind, Mode, Source
from service.domain.rules import Party, Rule, Step
from service.store import invariants, referrals
from service.store.pool import Scope
from tests import making
from tests.making import House, Org

NOTE = Document(
    type_code="11488-4", text="Seen.", author="Dr. Lee", written_on=date(2030, 1, 2), title="Note"
)
ACTORS = ("sender", "account", "link", "intake", "spare", "coordinator", "clock", "stranger")
RULES = {rule.key: rule for rule in (*legs.LEG_RULES, *orders.REFERRAL_RULES)}
EXTRA: dict[Step, dict[str, Any]] = {
    Step.ADDENDUM: {"document": NOTE},
    Step.COMPLETE: {"document": NOTE},
    Step.END_UNRESPONSIVE: {"details": Details(reason="unresponsive")},
    Step.DECLINE: {"details": Details(reason="other"), "words": Words(comment="Not now.")},
}
COUNTED = ("event", "content", "seal", "disclosure", "timer", "outbox", "human_task", "audit")


class Orgs(msgspec.Struct, frozen=True, kw_only=True):
    """Who is in the network; made once, used by every run."""

    sender: Org
    account: Org
    link: Org
    intake: Org
    spare: Org
    coordinator: Org
    stranger: Org


async def founded(url: str) -> Orgs:
    """Make the organizations and let the clock of the referrals be moved."""
    async with making.house(url) as house:
        made = Orgs(
            sender=await house.organization("Clinic"),
            account=await house.organization("Food Bank", kind="social_service"),
            link=await house.organization("Pantry", kind="social_service", channel="link"),
            intake=await house.organization("Hub", kind="social_service", central_intake=True),
            spare=await house.organization("Spare", kind="social_service"),
            coordinator=await house.organization("CCO", kind="coordination", cco=True),
            stranger=await house.organization("Stranger"),
        )
    owner = await asyncpg.connect(url)
    await owner.execute("update lk.clock_offset set writable = true")
    await owner.close()
    return made


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """A step somebody may take now."""

    who: str
    leg: LegFacts | None
    on_behalf: bool
    step: Step


class World:
    """One referral of that network on the real database, as random hands push it about."""

    def __init__(self, house: House, owner: asyncpg.Connection, orgs: Orgs) -> None:
        self.house = house
        self.owner = owner
        self.orgs = orgs
        self.referral_id = UUID(int=0)
        self.model: ReferralFacts | None = None
        self.links: dict[UUID, UUID] = {}

    async def begin(self, recipients: Iterable[str], mode: Mode) -> None:
        """Make a draft."""
        asked = [getattr(self.orgs, name) for name in recipients]
        self.keep(await self.house.referral(self.orgs.sender, asked, mode=mode))

    def keep(self, taken: Taken) -> None:
        """Take the plan of a step that went through as what must stand now."""
        self.referral_id, self.model = taken.referral_id, taken.plan.referral

    async def wait(self, seconds: int) -> None:
        """Move the clock of the referrals."""
        await self.owner.execute(
            "update lk.clock_offset set offset_by = offset_by + make_interval(secs => $1)", seconds
        )

    async def picture(self) -> referrals.Picture:
        """Read the referral as its sender does."""
        scope = Scope(org_id=self.orgs.sender.id)
        async with self.house.office.db.transaction(scope) as connection:
            return await referrals.picture(connection, referral_id=self.referral_id)

    async def actor(self, name: str, leg: LegFacts | None) -> Actor:
        """Return who acts by that name; a link is one about the leg it comes for."""
        if name == "clock":
            return Actor(kind=ActorKind.CLOCK, org_id=self.orgs.sender.id)
        org: Org = getattr(self.orgs, name)
        if name != "link":
            return org.actor
        mine = leg is not None and leg.org_id == org.id
        link_id = await self.link(leg.id, org) if leg is not None and mine else ids.new_id()
        return Actor(kind=ActorKind.LINK, org_id=org.id, link_id=link_id)

    async def link(self, leg_id: UUID, org: Org) -> UUID:
        """Mint the one link of a leg."""
        if leg_id not in self.links:
            self.links[leg_id] = ids.new_id()
            await self.owner.execute(
                "insert into lk.link (id, org_id, referral_id, leg_id, address_id, delivery_id,"
                " secret_hash, expires_at, created_at)"
                " values ($1, $2, $3, $4, $5, $1, $6, lk.now() + interval '14 days', lk.now())",
                self.links[leg_id],
                org.id,
                self.referral_id,
                leg_id,
                org.address_id,
                leg_id.bytes,
            )
        return self.links[leg_id]

    def parties(self, name: str, leg: LegFacts | None, *, on_behalf: bool) -> tuple[Party, ...]:
        """Say in which capacities somebody may act, told apart from the action's own answer."""
        mine = leg is not None and name in ("account", "link", "intake", "spare")
        mine = mine and getattr(self.orgs, name).id == leg.org_id
        ours = {"sender": Party.REFERRER, "coordinator": Party.COORDINATOR, "clock": Party.CLOCK}
        own = (ours[name],) if name in ours else ()
        if mine and not on_behalf:
            return (Party.LINK,) if name == "link" else (Party.RECIPIENT,)
        spoken_for = on_behalf and leg is not None and name in ("sender", "coordinator")
        if on_behalf:
            return (Party.RECIPIENT,) if spoken_for else ()
        return own

    async def open(
        self, name: str, leg: LegFacts | None, *, on_behalf: bool = False
    ) -> tuple[Rule, ...]:
        """List what the rules open to somebody now."""
        return await self._open(await self.picture(), name, leg, on_behalf=on_behalf)

    async def _open(
        self, seen: referrals.Picture, name: str, leg: LegFacts | None, *, on_behalf: bool
    ) -> tuple[Rule, ...]:
        actor = await self.actor(name, leg)
        return decide.open_steps(
            seen.facts,
            seen.facts.leg(leg.id) if leg is not None else None,
            parties=self.parties(name, leg, on_behalf=on_behalf),
            now=seen.now,
            by=Hand(member_id=actor.member_id, link_id=actor.link_id),
        )

    async def choices(self) -> list[Choice]:
        """List every step that is open to anybody now, on the order and on each of its legs."""
        seen = await self.picture()
        found = [
            Choice(who=name, leg=leg, on_behalf=on_behalf, step=rule.step)
            for name in ACTORS
            for leg in (None, *seen.facts.legs)
            for on_behalf in (False, True)
            for rule in await self._open(seen, name, leg, on_behalf=on_behalf)
        ]
        return [*dict.fromkeys(found)]

    async def take(
        self, name: str, step: Step, leg: LegFacts | None, *, on_behalf: bool = False
    ) -> Taken:
        """Take a step through the real action, with what it must carry."""
        said = OnBehalf(source=Source.PHONE, spoke_to="Sam Lee") if on_behalf else None
        services = (self.orgs.spare.service_id,) if step in (Step.REDIRECT, Step.ADD_LEG) else ()
        return await self.house.step(
            await self.actor(name, leg),
            leg.id if leg is not None else None,
            step,
            referral_id=None if leg is not None else self.referral_id,
            on_behalf=said,
            service_ids=services,
            **EXTRA.get(step, {}),
        )

    async def counts(self) -> tuple[Any, ...]:
        """Count everything a step writes, and read the versions: what a refusal must not touch."""
        rows = ", ".join(
            f"(select count(*) from lk.{table} where referral_id = r.id)" for table in COUNTED
        )
        found = await self.owner.fetchrow(
            f"select r.version, r.last_seq, r.state, {rows},"
            " (select array_agg((l.number, l.version, l.state) order by l.number)"
            " from lk.leg l where l.referral_id = r.id),"
            " (select array_agg((p.org_id, p.ended_at) order by p.org_id)"
            " from lk.party p where p.referral_id = r.id)"
            " from lk.referral r where r.id = $1",
            self.referral_id,
        )
        return tuple(found)

    async def holds(self) -> None:
        """Check all that must be true after any step."""
        seen = await self.picture()
        _agrees(seen.facts, self.model)
        await self._replays(seen.facts)
        await self._is_owned(seen.facts)
        live = [leg for leg in seen.facts.legs if leg.live]
        assert not live or seen.facts.state in orders.OPEN
        working = [leg for leg in seen.facts.legs if leg.state in legs.ENGAGED]
        assert len(working) <= 1 or seen.facts.mode is Mode.ALL_NEEDED

    async def _replays(self, facts: ReferralFacts) -> None:
        rows = await self.owner.fetch(
            "select * from lk.event where referral_id = $1 order by seq", self.referral_id
        )
        assert [row["seq"] for row in rows] == list(range(1, facts.last_seq + 1))
        stands: dict[UUID | None, str] = {}
        for row in rows:
            key = (row["machine"], row["from_state"], row["step"], row["party"], row["becomes"])
            assert RULES[key].id == row["rule_id"]
            assert stands.get(row["leg_id"], "none") == row["from_state"]
            stands[row["leg_id"]] = row["becomes"]
        assert stands == {None: facts.state} | {leg.id: leg.state for leg in facts.legs}

    async def _is_owned(self, facts: ReferralFacts) -> None:
        owners = await self.owner.fetchval(
            "select count(*) from lk.referral r join lk.member m"
            " on (m.org_id, m.id) = (r.owner_org_id, r.owner_member_id) where r.id = $1",
            self.referral_id,
        )
        assert owners == 1
        waits = len(facts.timers) + len(facts.tasks)
        assert (waits > 0) == (facts.state in orders.OPEN), (facts.state, facts.timers, facts.tasks)

    async def all_invariants(self) -> None:
        """Ask the product's own invariants."""
        async with self.house.check.transaction(Scope()) as connection:
            stored = [each for each in invariants.INVARIANTS if not each.running]
            found = await invariants.check(connection, stored)
        broken = [(each.invariant.id, each.breaches) for each in found if not each.holds]
        assert not broken, broken


def _agrees(found: ReferralFacts, model: ReferralFacts | None) -> None:
    assert model is not None
    beside = ("last_events", "timers", "tasks", "calendars")
    for name in ReferralFacts.__struct_fields__:
        if name not in beside:
            assert getattr(found, name) == getattr(model, name), name


async def opened(stack: AsyncExitStack, url: str) -> World:
    """Found the network and open the pools of all runs."""
    orgs = await founded(url)
    house = await stack.enter_async_context(making.house(url))
    owner = await asyncpg.connect(url)
    stack.push_async_callback(owner.close)
    return World(house, owner, orgs)


REFUSALS = (faults.StepRefused, faults.Invalid, faults.Missing, faults.Refused)
