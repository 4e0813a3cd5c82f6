"""The ledger of witnesses as it is kept: steps, claims, and the work that claims have opened."""

from uuid import UUID

from service.domain.rules import RX
from service.domain.witness import SPEAKS, AgencySaid, CausedTask, PatientSaid
from service.store import queries
from service.store.pool import Connection

Q = queries.load("witness")


async def agencies(connection: Connection, referral_id: UUID) -> list[AgencySaid]:
    """List what the recipients have said."""
    steps, parties = [str(each) for each in SPEAKS], [str(each) for each in RX]
    found = await connection.fetch(Q.agencies, referral_id, steps, parties)
    return [AgencySaid(**dict(row)) for row in found]


async def patients(connection: Connection, referral_id: UUID) -> list[PatientSaid]:
    """List what the patient's contacts have said."""
    return [PatientSaid(**dict(row)) for row in await connection.fetch(Q.patients, referral_id)]


async def tasks(connection: Connection, referral_id: UUID) -> list[CausedTask]:
    """List the work that claims have opened for the organization of this scope."""
    return [CausedTask(**dict(row)) for row in await connection.fetch(Q.tasks, referral_id)]


READS = {"agencies": AgencySaid, "patients": PatientSaid, "tasks": CausedTask}
"""Which Struct the columns of a query feed; a test compares them."""
