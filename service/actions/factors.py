"""The second factor beside a password: a code of the authenticator, or a recovery code."""

from service.actions import notices, recovery, totp
from service.actions.office import Office
from service.actions.sessions import Method
from service.store.people import PersonRow
from service.store.pool import Connection


async def spend(
    office: Office, connection: Connection, person: PersonRow, *, code: str
) -> Method | None:
    """Use a code up and say which kind it was; None for a wrong or used one."""
    tidied = recovery.tidy(code)
    if tidied is not None:
        if not await recovery.spend(connection, person, code=tidied):
            return None
        await notices.tell_person(connection, notices.What.RECOVERY_USED, person.id)
        return Method.PASSWORD_RECOVERY
    right = await totp.spend(office, connection, person, code=code)
    return Method.PASSWORD_TOTP if right else None
