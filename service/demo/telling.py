"""Tell one story: write its referral and take its steps, each at the time it says."""

import re
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from service import clock
from service.actions import create_referral, mint_link, take_step
from service.actions.create_referral import NewReferral
from service.actions.office import Office
from service.actions.orders import OnBehalf, Order
from service.demo import acts, consents, settling
from service.demo.directory import offer
from service.demo.people import ZONE, cast
from service.demo.settling import Resident, Town
from service.demo.stories import Story
from service.domain import ids
from service.domain.facts import LegFacts, ReferralFacts
from service.domain.people import Actor, ActorKind, Priority, Role, Source
from service.domain.rules import Step
from service.store import demo, links
from service.store.links import NewLink
from service.store.pool import Pool, Scope

_ACT = re.compile(r"(fax\.)?(?:(\d)/)?([a-z_]+)@(\+?)(\d+)([dhm])((?::\w+)*)")
_UNIT = {"d": "days", "h": "hours", "m": "minutes"}
_HANDLING = (Role.COORDINATOR, Role.CLINICIAN, Role.BH_CLINICIAN)
_ORDERING = (Role.CLINICIAN, Role.BH_CLINICIAN)


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """One act of a story, read: what, on which leg, how long ago or after the last, with what."""

    step: Step
    span: timedelta
    after: bool = False
    leg: int | None = None
    fax: bool = False
    words: tuple[str, ...] = ()


def read(text: str) -> list[Act]:
    """Read the acts of a story; a word that is none is a ValueError."""
    found = []
    for word in text.split():
        parts = _ACT.fullmatch(word)
        if parts is None:
            raise ValueError(f"no act: {word}")
        fax, leg, step, after, number, unit, words = parts.groups()
        found.append(
            Act(
                step=Step(step),
                span=timedelta(**{_UNIT[unit]: int(number)}),
                after=bool(after),
                leg=int(leg) if leg else None,
                fax=bool(fax),
                words=tuple(words.split(":")[1:]),
            )
        )
    return found


def moment(now: datetime, act: Act, *, last: datetime | None, number: int) -> datetime:
    """Find a believable time for an act: days ago means in office hours of a weekday."""
    if act.after and last is not None:
        return last + act.span
    at = now - act.span
    if act.span >= timedelta(days=1):
        local = at.astimezone(ZoneInfo(ZONE))
        local -= timedelta(days=max(0, local.weekday() - 4))
        at = local.replace(hour=9 + number % 7, minute=(number * 17) % 60, second=number % 60)
    if last is not None:
        at = max(at, last + timedelta(minutes=5 + number % 9))
    return min(at, now - timedelta(seconds=30))


class _Teller:
    """One story while it is told."""

    def __init__(
        self, office: Office, worker: Pool, town: Town, *, story: Story, number: int
    ) -> None:
        self.office, self.worker, self.town = office, worker, town
        self.story, self.number = story, number
        self.now = clock.real_now()
        self.last: datetime | None = None
        self.author = town.who(story.sender, *_ORDERING, turn=number)
        self.facts: ReferralFacts | None = None
        self.links: dict[UUID, UUID] = {}

    async def at(self, act: Act) -> datetime:
        """Move the clock to an act and return the time it then is."""
        self.last = moment(self.now, act, last=self.last, number=self.number)
        await demo.move_clock(self.worker, self.last - clock.real_now())
        return self.last

    async def begin(self) -> None:
        """Write the order as a draft."""
        span = read(f"create@{self.story.begins}")[0]
        at = await self.at(span)
        story, town = self.story, self.town
        patient_id = await settling.patient(self.office, town, story.sender, number=story.patient)
        consent_id = None
        if story.consent:
            consent_id = await consents.record(
                self.office,
                town,
                self.author.actor,
                story=story,
                patient_id=patient_id,
                now=at,
            )
        wish = NewReferral(
            patient_id=patient_id,
            service_ids=tuple(town.services[key] for key in story.offers),
            question=story.question,
            narrative="Written for the demo; nobody of this name exists.",
            reason_codes=story.codes,
            request=story.request,
            priority=story.priority,
            mode=story.mode,
            sensitivity=story.sensitivity,
            consent_basis=story.consent or self._basis(),
            consent_id=consent_id,
            phone_handoff_at=at if story.priority is Priority.EMERGENT else None,
            ordering_npi=self.author.npi,
            ordering_name=self.author.name,
        )
        taken = await create_referral.create_referral(self.office, self.author.actor, wish)
        self.facts = taken.plan.referral

    def _basis(self) -> str:
        covered = all(cast(offer(key).cast).covered for key in self.story.offers)
        return "treatment" if covered else "signed_form"

    async def take(self, act: Act) -> None:
        """Take one step as whoever would."""
        at = await self.at(act)
        facts = self.told()
        leg = None if act.step in acts.OF_THE_ORDER else self._leg(act)
        who = self._who(act, leg)
        if who.actor.kind is ActorKind.LINK and leg is not None:
            who = await self._visitor(who, leg)
        wish = acts.wish(
            act.step,
            acts.Moment(now=at, words=act.words),
            note=facts.evidence == "consult_note",
            author=who.name or "the agency",
        )
        if act.step in (Step.ADD_LEG, Step.REDIRECT):
            wish = msgspec.structs.replace(wish, service_ids=(self.town.services[act.words[0]],))
        order = Order(
            wishes=(wish if act.fax else _owned(wish, who.actor),),
            leg_id=leg.id if leg is not None else None,
            referral_id=facts.id if leg is None else None,
            on_behalf=_faxed(at) if act.fax else None,
            source=_source(who.actor),
        )
        taken = await take_step.take_step(self.office, who.actor, order)
        self.facts = taken.plan.referral

    def told(self) -> ReferralFacts:
        """Return the referral as it stands."""
        if self.facts is None:
            raise LookupError("a story begins before it goes on")
        return self.facts

    def _leg(self, act: Act) -> LegFacts:
        legs = self.told().legs
        return legs[act.leg - 1] if act.leg is not None else legs[-1]

    async def _visitor(self, visitor: Resident, leg: LegFacts) -> Resident:
        """Let somebody at an agency come by a link of this leg, as if its mail had arrived."""
        if leg.id not in self.links:
            delivery_id = ids.new_id()
            minted = await mint_link.link_of(self.office.keys, delivery_id=delivery_id)
            self.links[leg.id] = ids.new_id()
            async with self.worker.transaction(Scope(org_id=leg.org_id)) as connection:
                link = NewLink(
                    id=self.links[leg.id],
                    org_id=leg.org_id,
                    referral_id=self.told().id,
                    leg_id=leg.id,
                    address_id=await demo.mailbox_of(connection, leg.org_id),
                    delivery_id=delivery_id,
                    secret_hash=minted.digest,
                )
                await links.insert(connection, link)
        actor = msgspec.structs.replace(visitor.actor, link_id=self.links[leg.id])
        return msgspec.structs.replace(visitor, actor=actor)

    def _who(self, act: Act, leg: LegFacts | None) -> Resident:
        if act.step in acts.COORDINATORS:
            return self.town.who("cco", Role.COORDINATOR, turn=self.number)
        if act.step in (Step.SEND, Step.REVIEW):
            return self.author
        if act.step in acts.SENDERS or act.fax or leg is None:
            return self.town.who(self.story.sender, *_HANDLING, turn=self.number)
        key = self.town.key_of(leg.org_id)
        if self.town.residents[key][0].actor.kind is ActorKind.LINK:
            return self.town.residents[key][0]
        return self.town.who(key, *_HANDLING, turn=self.number)


def _owned(wish: "acts.Wish", actor: Actor) -> "acts.Wish":
    if wish.step is not Step.ACCEPT or actor.member_id is None:
        return wish
    details = msgspec.structs.replace(wish.details, owner_member_id=actor.member_id)
    return msgspec.structs.replace(wish, details=details)


def _faxed(at: datetime) -> OnBehalf:
    return OnBehalf(
        source=Source.FAX, spoke_to="Carl Jensen", happened_at=at - timedelta(minutes=50)
    )


def _source(actor: Actor) -> Source:
    return Source.LINK if actor.kind is ActorKind.LINK else Source.API


async def tell(office: Office, worker: Pool, town: Town, *, story: Story, number: int) -> UUID:
    """Tell a story from its beginning and return the referral's id."""
    teller = _Teller(office, worker, town, story=story, number=number)
    await teller.begin()
    for act in read(story.acts):
        await teller.take(act)
    return teller.told().id
