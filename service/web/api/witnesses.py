"""What each side says of a referral: the ledger of witnesses."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response

from service.actions import read_witnesses
from service.actions.read_witnesses import Ledger
from service.domain.policy import Action
from service.domain.witness import AgencySaid, CausedTask, Claimed
from service.web import desk, guards, problems, routing
from service.web.desk import Asked


class PatientClaim(msgspec.Struct, frozen=True, kw_only=True):
    """What a patient said, by sms or page, and whether the recipient says otherwise by now."""

    kind: str
    value: str
    source: str
    at: datetime
    leg_id: UUID | None
    contradicts: bool
    tasks: tuple[CausedTask, ...]


class Witnesses(msgspec.Struct, frozen=True, kw_only=True):
    """The recipients' word and the patient's, each with its time and source, the oldest first."""

    recipients: tuple[AgencySaid, ...]
    patient: tuple[PatientClaim, ...]


@routing.door(
    "GET",
    "/api/v1/referrals/{referral_id:uuid}/witnesses",
    policy=Action.WITNESS_READ,
    gives=Witnesses,
)
async def read(request: Asked) -> Response[Any]:
    """Read what each side says; for the sender and the coordinators, recorded first."""
    found = await read_witnesses.read_witnesses(
        desk.of(request).office,
        guards.actor(request),
        request.path_params["referral_id"],
        request_id=problems.request_id_of(request.scope),
    )
    return routing.answer(_shaped(found))


def _shaped(found: Ledger) -> Witnesses:
    return Witnesses(recipients=found.agencies, patient=tuple(map(_claim, found.patients)))


def _claim(each: Claimed) -> PatientClaim:
    return PatientClaim(
        kind=each.claim.kind,
        value=each.claim.value,
        source=each.claim.source,
        at=each.claim.at,
        leg_id=each.claim.leg_id,
        contradicts=each.contradicts,
        tasks=each.tasks,
    )


HANDLERS = (read,)
