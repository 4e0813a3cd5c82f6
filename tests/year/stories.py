"""How referrals go: well, late, to nobody, to somebody else, and every way between."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

from service.domain.details import Details
from service.domain.people import Priority
from service.domain.rules import Step
from tests.year.case import Case

Story = Callable[[Case], Awaitable[None]]


async def goes_well(case: Case) -> None:
    """Answered within a day, booked, seen, reviewed."""
    await case.send()
    await case.days(0, 1)
    await _accepted(case)
    await _served(case)


async def _accepted(case: Case) -> None:
    details = Details(expected_by=case.in_days(10).date())
    if case.agency.by_link:
        await case.by_link(Step.ACCEPT, details)
    else:
        await case.agency_does(Step.ACCEPT, details)


async def _booked(case: Case, *, low: float = 1, high: float = 21) -> None:
    starts = case.in_days(case.rng.uniform(low, high))
    await case.agency_does(
        Step.SCHEDULE,
        Details(
            starts_at=starts,
            ends_at=starts + timedelta(hours=1),
            time_zone=case.agency.zone,
            modality="in_person",
        ),
    )
    await case.until(starts + timedelta(hours=2))


async def _served(case: Case) -> None:
    await case.days(0, 3)
    await _booked(case)
    await case.days(0, 1)
    await _completed(case)


async def _completed(case: Case) -> None:
    met = case.rng.choice(("yes", "yes", "partly", "no", "unknown"))
    seen = case.year.clock.now().date()
    details = Details(outcome="served", need_met=met, service_on=seen)
    await case.agency_does(Step.COMPLETE, details)
    await case.days(0, 9, at=case.clinic)
    await case.order(Step.REVIEW)


async def answers_late(case: Case) -> None:
    """Answered after two reminders."""
    await case.send(priority=case.rng.choice((Priority.ROUTINE, Priority.URGENT)))
    await case.days(2.5, 4)
    await _accepted(case)
    await _served(case)


async def never_answers(case: Case) -> None:
    """Nobody answers: it climbs, it moves, and a coordinator finds another agency, or nobody."""
    await case.send()
    case.year.silent.append(case)
    await case.days(18, 30, at=case.clinic)
    fate = case.rng.random()
    if fate < 0.2:
        return
    for _ in range(3):
        await case.coordinator_does(Step.LOG_ATTEMPT)
        await case.days(1, 3, at=case.clinic)
    await case.coordinator_does(Step.END_UNRESPONSIVE, Details(reason="unresponsive"))
    await case.days(0, 6, at=case.clinic)
    if fate < 0.4:
        await case.order(Step.CLOSE_WITHOUT_SERVICE)
        return
    await case.goes_to(case.year.another(case))
    await case.days(0, 2)
    await case.agency_does(Step.ACCEPT, Details(expected_by=case.in_days(10).date()))
    await _served(case)


async def declines(case: Case) -> None:
    """Turned down; the sender asks somebody else."""
    await case.send()
    await case.days(0, 2)
    if case.agency.by_link:
        await case.by_link(Step.DECLINE)
    else:
        await case.agency_does(Step.DECLINE)
    await case.days(0.5, 5, at=case.clinic)
    if case.rng.random() < 0.3:
        await case.order(Step.CLOSE_WITHOUT_SERVICE)
        return
    await case.goes_to(case.year.another(case))
    await case.days(0, 2)
    await case.agency_does(Step.ACCEPT, Details(expected_by=case.in_days(10).date()))
    await _served(case)


async def does_not_come(case: Case) -> None:
    """Booked and not seen; most are booked once more, some are given up."""
    await case.send()
    await case.days(0, 1)
    await _accepted(case)
    await case.days(0, 2)
    await _booked(case)
    await case.agency_does(Step.NO_SHOW)
    await case.days(1, 10)
    if case.rng.random() < 0.3:
        await case.agency_does(Step.GIVE_UP, Details(reason="client_moved"))
        await case.days(0, 2, at=case.clinic)
        await case.order(Step.CLOSE_WITHOUT_SERVICE)
        return
    await _served(case)


async def fades(case: Case) -> None:
    """Taken on, and then nothing for weeks; half of them end well after all."""
    await case.send()
    await case.days(0, 1)
    await _accepted(case)
    await case.days(30, 50)
    if case.rng.random() < 0.5:
        await _served(case)


async def waits(case: Case) -> None:
    """On a list, looked at now and then, and served in the end."""
    await case.send()
    await case.days(0, 1)
    await _accepted(case)
    await case.days(0, 1)
    listed = Details(expected_on=case.in_days(30).date(), next_check_on=case.in_days(9).date())
    await case.agency_does(Step.WAITLIST, listed)
    await case.days(12, 30)
    await _served(case)


async def asks(case: Case) -> None:
    """The agency wants to know more first; the answer takes its time."""
    await case.send()
    await case.days(0, 1)
    await case.agency_does(Step.ASK, Details(due_on=case.in_days(5).date()))
    await case.days(0, 6, at=case.clinic)
    await case.clinic_does(Step.SUPPLY)
    await case.days(0, 2)
    await _accepted(case)
    await _served(case)


async def is_called_off(case: Case) -> None:
    """Taken back before anybody looked, or called off by those who were to help."""
    await case.send()
    if case.rng.random() < 0.5:
        await case.days(0, 1, at=case.clinic)
        await case.clinic_does(Step.WITHDRAW)
    else:
        await case.days(0, 1)
        await _accepted(case)
        await case.days(0, 1, at=case.clinic)
        await case.clinic_does(Step.REQUEST_CANCEL)
        await case.days(0, 6)
        await case.agency_does(Step.CONFIRM_CANCEL)
    await case.days(0, 1, at=case.clinic)
    await case.order(Step.CLOSE_WITHOUT_SERVICE)


async def was_a_mistake(case: Case) -> None:
    """Should never have been sent."""
    await case.send()
    await case.until(case.in_days(0.05))
    await case.order(Step.VOID)


async def goes_to_two(case: Case) -> None:
    """Two are asked; who answers first has it."""
    await case.send(case.year.another(case))
    await case.days(0, 2)
    await case.agency_does(Step.ACCEPT, Details(expected_by=case.in_days(10).date()))
    await _served(case)


async def is_urgent(case: Case) -> None:
    """An emergency that nobody takes up: hours, not days; somebody telephones in the end."""
    await case.send(priority=Priority.EMERGENT, phone_handoff_at=case.year.clock.now())
    await case.until(case.in_days(case.rng.uniform(0.05, 1.5)))
    await case.agency_does(Step.ACCEPT, Details(expected_by=case.in_days(1).date()))
    await case.until(case.in_days(case.rng.uniform(0.01, 0.2)))
    await _booked(case, low=0.1, high=1)
    await case.agency_does(Step.START, Details(service_on=case.year.clock.now().date()))
    await case.days(0, 1)
    await _completed(case)


STORIES: dict[Story, int] = {
    goes_well: 28,
    answers_late: 12,
    never_answers: 18,
    declines: 9,
    does_not_come: 9,
    fades: 5,
    waits: 4,
    asks: 4,
    is_called_off: 3,
    was_a_mistake: 2,
    goes_to_two: 4,
    is_urgent: 2,
}
"""How many of a hundred go which way."""
