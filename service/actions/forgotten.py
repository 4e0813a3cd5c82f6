"""A forgotten password: whoever asks is told the same in the same time, and a worker looks.

The door writes one row whether there is such a person or not. What follows, a mail or nothing,
happens later and elsewhere, where nobody can watch it.
"""

from collections.abc import Sequence

from crypto.blind import Token
from service import clock
from service.actions import invitations
from service.actions.office import Office
from service.domain import ids
from service.domain.effects import EffectKind
from service.domain.people import Actor, ActorKind
from service.store import audit, members, password_asks, people, personal_mails
from service.store.members import Choice
from service.store.password_asks import AskRow
from service.store.pool import Scope
from service.store.rows import AuditRow


async def ask(office: Office, logins: Sequence[Token]) -> None:
    """Take down that the password of an address was forgotten."""
    async with office.db.transaction(Scope()) as connection:
        await password_asks.insert(connection, ids.new_id(), logins=logins, now=clock.real_now())


async def answer_all(office: Office, *, limit: int = 50) -> int:
    """Answer what was asked, as a worker; return how many questions were taken up."""
    async with office.db.transaction(Scope()) as connection:
        asked = await password_asks.waiting(connection, limit=limit)
    for each in asked:
        await _answer(office, each)
    return len(asked)


async def _answer(office: Office, ask: AskRow) -> None:
    """Mail a link where the address is somebody's; killed half-way, it is answered again."""
    person = await people.by_login(office.db, ask.logins)
    found: list[Choice] = []
    if person is not None:
        async with office.db.transaction(Scope(person_id=person.id)) as connection:
            found = await members.choices(connection, person.id)
    if person is None or person.state == "disabled" or not found:
        async with office.db.transaction(Scope()) as connection:
            await password_asks.done(connection, ask.id, now=clock.real_now())
        return
    member = found[0]
    async with office.db.transaction(
        Scope(org_id=member.org_id, person_id=person.id)
    ) as connection:
        if not await password_asks.done(connection, ask.id, now=clock.real_now()):
            return
        made = await invitations.write(
            office.keys,
            connection,
            person_id=person.id,
            purpose="password",
            life=invitations.FORGOTTEN,
        )
        await personal_mails.queue(
            connection,
            EffectKind.PASSWORD_LINK,
            org_id=member.org_id,
            member_id=member.member_id,
            invitation_id=made.id,
        )
        note = AuditRow(
            org_id=member.org_id,
            action="password.forgotten",
            resource_kind="person",
            resource_id=person.id,
        )
        await audit.insert(connection, Actor(kind=ActorKind.SYSTEM), note)
