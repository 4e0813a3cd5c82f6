"""Recovery codes made anew by their person, and how many are left."""

from service import faults
from service.actions import notices, permission, prove, recovery
from service.actions.office import Office
from service.domain.people import Actor
from service.store import audit, people, recovery_codes
from service.store.pool import Scope
from service.store.rows import AuditRow


class NoAuthenticator(faults.Fault):
    """Recovery codes stand in for an authenticator."""

    kind, slug = faults.Kind.CONFLICT, "no-authenticator"
    advice = "Set up an authenticator first; its codes come with it."


async def renew(office: Office, actor: Actor) -> tuple[str, ...]:
    """Make new codes after a fresh proof; raises FreshSignInNeeded, NoAuthenticator."""
    person_id = prove.person_of(actor)
    await permission.fresh(office, actor)
    async with office.db.transaction(Scope(person_id=person_id)) as connection:
        if (await people.fetch(connection, person_id)).totp_confirmed_at is None:
            raise NoAuthenticator
        codes = await recovery.write(connection, person_id)
        await notices.tell_person(connection, notices.What.RECOVERY_MADE, person_id)
        note = AuditRow(
            org_id=actor.org_id,
            action="recovery.make",
            resource_kind="person",
            resource_id=person_id,
        )
        await audit.insert(connection, actor, note)
    return codes


async def left(office: Office, actor: Actor) -> int:
    """Count the codes that still work."""
    person_id = prove.person_of(actor)
    async with office.db.transaction(Scope(person_id=person_id)) as connection:
        return await recovery_codes.left(connection, person_id)
