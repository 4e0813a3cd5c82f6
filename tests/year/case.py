"""One referral, and the hands of everybody who moves it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any
from uuid import UUID

from crypto import token
from service import clock
from service.actions import answer_by_link, link_visit, start_link, verify_link
from service.actions.link_visit import Visit
from service.actions.start_link import Pressed
from service.actions.take_step import OnBehalf, Wish
from service.actions.verify_link import Entered
from service.domain import calendars
from service.domain.details import Details
from service.domain.people import Actor, Source
from service.domain.rules import Step
from tests import good
from tests.year.cast import Patient, Place

if TYPE_CHECKING:
    from tests.year.year import Year

_PATIENCE = 5
"""How often somebody looks for a mail that is due."""


class Case:
    """A referral of a patient to an agency; its parties act in their own office's hours."""

    def __init__(self, year: Year, patient: Patient, agency: Place, rng: Random) -> None:
        self.year = year
        self.rng = rng
        self.patient = patient
        self.clinic = patient.clinic
        self.agency = agency
        self.reference = ""
        self.sent_at = year.clock.now()
        self.referral_id: UUID | None = None
        self.leg_id: UUID | None = None

    async def send(self, *others: Place, **wish: Any) -> None:
        """Send it, to others beside the agency too."""
        recipients = [self.agency.org, *(each.org for each in others)]
        async with self.year.hands:
            taken = await self.year.house.sent(
                self.clinic.org, recipients, patient_id=self.patient.id, **wish
            )
            self.year.sent.append(taken.referral_id)
        self.referral_id = taken.referral_id
        legs = taken.plan.referral.legs
        self.leg_id = next(leg.id for leg in legs if leg.org_id == self.agency.org.id)
        self.reference = taken.plan.referral.reference
        self.sent_at = self.year.clock.now()

    async def days(self, low: float, high: float, *, at: Place | None = None) -> None:
        """Let some days pass, until an hour in which this office works."""
        zone = (at or self.agency).zone
        then = self.year.clock.now() + timedelta(days=self.rng.uniform(low, high))
        day = calendars.local(then, zone).date()
        while day.weekday() > 4:
            day += timedelta(days=1)
        at_work = calendars.local_moment(day, 60 * 8 + self.rng.randrange(9 * 60), zone=zone)
        await self.until(max(at_work, then))

    async def until(self, at: datetime) -> None:
        """Sleep until then."""
        await self.year.agenda.until(at)

    def in_days(self, days: float) -> datetime:
        """Name a moment ahead."""
        return self.year.clock.now() + timedelta(days=days)

    async def agency_does(self, step: Step, details: Details | None = None) -> None:
        """Let the agency take a step: in person, or, without an account, told by telephone."""
        if self.agency.by_link:
            heard = OnBehalf(source=Source.PHONE, spoke_to="Kim")
            await self._does(self.clinic.org.actor, step, details, on_behalf=heard)
        else:
            await self._does(self.agency.org.actor, step, details)

    async def clinic_does(self, step: Step, details: Details | None = None) -> None:
        """Let the sender take a step on the leg."""
        await self._does(self.clinic.org.actor, step, details)

    async def coordinator_does(self, step: Step, details: Details | None = None) -> None:
        """Let a coordinator take a step on the leg."""
        await self._does(self.year.cast.cco.actor, step, details)

    async def order(self, step: Step, details: Details | None = None, **order: Any) -> Any:
        """Let the sender take a step on the referral itself."""
        async with self.year.hands:
            return await self.year.house.step(
                self.clinic.org.actor,
                None,
                step,
                referral_id=self.referral_id,
                details=details,
                **order,
            )

    async def _does(self, actor: Actor, step: Step, details: Details | None, **order: Any) -> None:
        async with self.year.hands:
            await self.year.house.step(actor, self.leg_id, step, details=details, **order)
        self.year.steps[step] += 1

    async def goes_to(self, agency: Place) -> None:
        """Ask another agency."""
        taken = await self.order(Step.ADD_LEG, service_ids=(agency.org.service_id,))
        self.agency = agency
        self.leg_id = taken.plan.referral.legs[-1].id

    async def by_link(self, step: Step, details: Details | None = None) -> None:
        """Follow the link of the newest mail, enter its code, and answer there."""
        visit = await self._visit()
        wish = Wish(
            step=step,
            details=details or good.DETAILS[step],
            words=good.WORDS.get(step, Wish(step=step).words),
        )
        async with self.year.hands:
            await answer_by_link.answer_by_link(self.year.house.office, visit, wish)
        self.year.steps[step] += 1
        self.year.by_link += 1

    async def _came(self, look: Callable[[], str | None]) -> str | None:
        """Wait for a mail: nobody reads it before it is there, and its bearer may be late."""
        for _ in range(_PATIENCE):
            if (found := look()) is not None:
                return found
            await self.until(self.in_days(1 / 1440))
        return None

    async def _visit(self) -> Visit:
        """Come in as a person does: the button, the mail with the code, the code."""
        year, mailbox = self.year, self.agency.org.mailbox
        office = year.house.office
        secret = await self._came(lambda: year.letters.link(mailbox, about=self.reference))
        assert secret is not None, "no mail with a link came"
        before = year.letters.count(mailbox)
        pressed = Pressed(secret=token.secret_hash(secret))
        started = await start_link.start_link(office, pressed, now=clock.real_now())
        assert started.browser is not None
        code = await self._came(
            lambda: year.letters.code(mailbox, about=self.reference, since=before)
        )
        assert code is not None, "no mail with a code came"
        browser = token.secret_hash(started.browser)
        entered = Entered(browser=browser, code=code)
        opened = await verify_link.verify_link(office, entered, now=clock.real_now())
        assert opened is not None, "the code was not taken"
        session = token.secret_hash(opened.session)
        visit = await link_visit.visit(office, session, browser=browser, now=clock.real_now())
        assert visit is not None, "the visit was over at once"
        return visit
