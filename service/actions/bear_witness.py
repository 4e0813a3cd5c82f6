"""Take what a patient says into the ledger of witnesses, whichever way it came.

A claim can contradict what the agency says and can open a person's work. It never moves a leg.
"""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from service.actions.office import Office
from service.domain import heard, ids
from service.domain.heard import Answer
from service.store import hearing
from service.store.hearing import ClaimRow
from service.store.pool import Connection, Scope


class Witness(msgspec.Struct, frozen=True, kw_only=True):
    """Who says something, about what, and by which way: `sms` or `page`."""

    org_id: UUID
    referral_id: UUID
    leg_id: UUID | None
    contact_id: UUID | None
    source: str


async def claimed(connection: Connection, witness: Witness, answer: Answer) -> None:
    """Write a claim, and open the work that it asks for."""
    state = await hearing.leg_state(connection, witness.leg_id)
    against = heard.contradicts(answer, state)
    row = ClaimRow(
        id=ids.new_id(),
        referral_id=witness.referral_id,
        org_id=witness.org_id,
        leg_id=witness.leg_id,
        contact_id=witness.contact_id,
        kind=answer.claim,
        value=answer.value,
        source=witness.source,
        contradicts=against,
    )
    await hearing.claim(connection, row)
    for kind in heard.opened(answer, against=against):
        await hearing.task(connection, kind, referral_id=witness.referral_id, leg_id=witness.leg_id)


async def weigh(office: Office, connection: Connection, event_ids: Sequence[UUID]) -> None:
    """Weigh what recipients have just said against what patients said before.

    `connection` is the numberer's, which sees every event once. A contradiction is written before
    the numbers are: a crash in between has it looked at again, and opens no second task.
    """
    for each in await hearing.opposed(connection, list(event_ids), heard.AGAINST):
        scope = Scope(org_id=each.org_id, opening=each.referral_id)
        async with office.db.transaction(scope) as writing:
            if await hearing.oppose(writing, each.claim_id):
                await hearing.task(
                    writing, heard.CONTRADICTS, referral_id=each.referral_id, leg_id=each.leg_id
                )
