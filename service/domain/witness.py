"""The ledger of witnesses: what each recipient says and what the patient says, side by side."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import msgspec

from service.domain import heard
from service.domain.rules import Step

SPEAKS = (
    Step.ACCEPT,
    Step.DECLINE,
    Step.WAITLIST,
    Step.SCHEDULE,
    Step.NO_SHOW,
    Step.CANCEL_APPOINTMENT,
    Step.START,
    Step.COMPLETE,
    Step.GIVE_UP,
)
"""Steps by which a recipient says how it went."""


class AgencySaid(msgspec.Struct, frozen=True, kw_only=True):
    """One thing a recipient said: a step, by which way, and of an outcome what it was."""

    leg_id: UUID
    organization: str
    organization_kind: str
    step: str
    source: str
    on_behalf: bool
    at: datetime
    outcome: str | None
    need_met: str | None
    leg_state: str


class PatientSaid(msgspec.Struct, frozen=True, kw_only=True):
    """One claim of a patient's contact, as it was kept."""

    leg_id: UUID | None
    kind: str
    value: str
    source: str
    contradicts: bool
    at: datetime


class CausedTask(msgspec.Struct, frozen=True, kw_only=True):
    """Work for a person that a claim opened; told to the organization whose work it is."""

    id: UUID
    kind: str
    state: str


class Claimed(msgspec.Struct, frozen=True, kw_only=True):
    """A claim with what it stands against now, and the work that it opened."""

    claim: PatientSaid
    contradicts: bool
    tasks: tuple[CausedTask, ...]


def weighed(
    claims: Iterable[PatientSaid], said: Iterable[AgencySaid], tasks: Iterable[CausedTask]
) -> tuple[Claimed, ...]:
    """Set each claim against what its recipient says by now, which may have come after it."""
    states: dict[UUID | None, str] = {each.leg_id: each.leg_state for each in said}
    caused = tuple(tasks)
    return tuple(_weighed(claim, states.get(claim.leg_id), caused) for claim in claims)


def _weighed(claim: PatientSaid, leg_state: str | None, tasks: tuple[CausedTask, ...]) -> Claimed:
    answer = heard.spelled(claim.kind, claim.value)
    against = claim.contradicts
    kinds: tuple[str, ...] = ()
    if answer is not None:
        against = against or heard.contradicts(answer, leg_state)
        kinds = heard.opened(answer, against=against)
    return Claimed(
        claim=claim,
        contradicts=against,
        tasks=tuple(each for each in tasks if each.kind in kinds),
    )
