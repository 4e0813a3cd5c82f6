"""Where a person is signed in: look, and end one sign-in or all the others, at once."""

from uuid import UUID

from service import clock, faults
from service.actions import prove
from service.actions.office import Office
from service.domain.people import Actor
from service.store import audit, people, sessions
from service.store.pool import Scope
from service.store.rows import AuditRow
from service.store.sessions import SignInRow


async def list_sign_ins(office: Office, actor: Actor) -> list[SignInRow]:
    """List where the person is signed in, the sign-in used last first."""
    person_id = prove.person_of(actor)
    async with office.db.transaction(Scope(person_id=person_id)) as connection:
        return await sessions.of_person(connection, person_id, now=clock.real_now())


async def end_sign_in(office: Office, actor: Actor, *, session_id: UUID) -> None:
    """End one sign-in of one's own; raises Missing."""
    person_id, now = prove.person_of(actor), clock.real_now()
    async with office.db.transaction(Scope(person_id=person_id)) as connection:
        if not await people.end_session(connection, person_id, session_id=session_id, now=now):
            raise faults.Missing
        await audit.insert(connection, actor, _note(actor, person_id, ended="one"))


async def end_others(office: Office, actor: Actor) -> None:
    """End every sign-in but this one."""
    person_id, now = prove.person_of(actor), clock.real_now()
    async with office.db.transaction(Scope(person_id=person_id)) as connection:
        await people.end_sessions(connection, person_id, now=now, but=actor.session_id)
        await audit.insert(connection, actor, _note(actor, person_id, ended="others"))


def _note(actor: Actor, person_id: UUID, *, ended: str) -> AuditRow:
    return AuditRow(
        org_id=actor.org_id,
        action="session.end",
        resource_kind="person",
        resource_id=person_id,
        detail={"ended": ended},
    )
