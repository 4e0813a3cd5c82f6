"""A lost factor is reset by two people: one starts, another confirms, the person is told of both.

The second is another administrator or coordinator of the same organization, where there is one;
else an administrator of the network; else three days and a mail that says so. Whoever signs in for
another organization too is reset with an administrator of the network and nobody else: adding an
address asks its person nothing, so two people of one organization could reset anybody's sign-in.
"""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from service import clock, faults
from service.actions import invitations, notices, permission, prove
from service.actions.office import Office
from service.domain import ids, policy
from service.domain.effects import EffectKind
from service.domain.people import Actor, Role
from service.store import (
    audit,
    factor_resets,
    members,
    organizations,
    passkeys,
    people,
    personal_mails,
    recovery_codes,
)
from service.store.factor_resets import NewReset, ResetRow
from service.store.members import MemberRow, SecondRow
from service.store.pool import Connection, Scope
from service.store.rows import AuditRow

COOLING = timedelta(days=3)
"""Where nobody else can look: long enough for the person to see the mail and object."""

LIFETIME = timedelta(days=7)


class NotYourOwn(faults.Fault):
    """Somebody else must do this for you."""

    kind, slug = faults.Kind.REFUSED, "not-your-own"
    advice = "Ask another administrator or coordinator; nobody is their own second person."


class NotRipe(faults.Fault):
    """This reset waits for its time."""

    kind, slug = faults.Kind.CONFLICT, "reset-not-ripe"
    advice = "Confirm it after `ripe_at`; the person was told and may object until then."


class SignsInElsewhere(faults.Fault):
    """This person signs in for another organization too, and the network has nobody to confirm."""

    kind, slug = faults.Kind.REFUSED, "signs-in-elsewhere"
    advice = "Ask the network's administrators: one of them has to confirm, after a new start."


class Started(msgspec.Struct, frozen=True, kw_only=True):
    """A reset that waits: for a colleague, for the network, or for its time."""

    id: UUID
    second: str
    ripe_at: datetime
    expires_at: datetime


async def start(office: Office, actor: Actor, *, org_id: UUID, member_id: UUID) -> Started:
    """Start a reset; raises Missing, NotYourOwn, ResetWaits, SignsInElsewhere."""
    permission.of(actor, policy.Action.MEMBER_MANAGE, org_id=org_id)
    await permission.fresh(office, actor)
    starter = prove.person_of(actor)
    async with office.db.transaction(permission.eyes(actor, org_id)) as connection:
        person_id = (await members.fetch(connection, org_id, member_id=member_id)).person_id
    scope = permission.eyes(actor, org_id, person_id=person_id)
    async with office.db.transaction(scope) as connection:
        row = await members.fetch(connection, org_id, member_id=member_id)
        if row.state != "active":
            raise faults.Missing
        if row.person_id == starter:
            raise NotYourOwn
        second, asked = await _second(connection, row, starter=starter)
        new = _new(actor, row, second=second, starter=starter)
        await factor_resets.insert(connection, new)
        await notices.tell(
            connection, notices.What.RESET_STARTED, org_id=org_id, member_id=member_id
        )
        for each in asked:
            await notices.tell(
                connection, notices.What.RESET_WAITS, org_id=each.org_id, member_id=each.id
            )
        await audit.insert(connection, actor, _note(new.id, org_id, "factor.reset", second))
    return Started(id=new.id, second=second, ripe_at=new.ripe_at, expires_at=new.expires_at)


def _new(actor: Actor, row: MemberRow, *, second: str, starter: UUID) -> NewReset:
    if actor.member_id is None:
        raise faults.Refused
    now = clock.real_now()
    return NewReset(
        id=ids.new_id(),
        org_id=row.org_id,
        member_id=row.id,
        person_id=row.person_id,
        second=second,
        started_by_person_id=starter,
        started_by_member_id=actor.member_id,
        started_at=now,
        ripe_at=now + COOLING if second == "time" else now,
        expires_at=now + LIFETIME,
    )


async def _second(
    connection: Connection, row: MemberRow, *, starter: UUID
) -> tuple[str, list[SecondRow]]:
    """Say who is to confirm, the nearest first, and who of them is written to."""
    but = (starter, row.person_id)
    roles = (Role.ORG_ADMIN, Role.COORDINATOR)
    cco = await organizations.coordinating(connection)
    elsewhere = cco != row.org_id and await _elsewhere(connection, row.person_id, row.org_id)
    near = await members.second_persons(connection, row.org_id, roles=roles, but=but)
    if near and not elsewhere:
        return "colleague", near
    if cco is not None and cco != row.org_id:
        far = await members.second_persons(connection, cco, roles=(Role.ORG_ADMIN,), but=but)
        if far:
            return "network", far
    if elsewhere:
        raise SignsInElsewhere
    return "time", []


async def _elsewhere(connection: Connection, person_id: UUID, org_id: UUID) -> bool:
    return await members.active_elsewhere(connection, person_id, org_id=org_id)


async def waiting(office: Office, actor: Actor) -> list[ResetRow]:
    """List the resets this member may confirm or end; a program's key sees none."""
    permission.own(actor, policy.Action.FACTOR_CONFIRM)
    prove.person_of(actor)
    async with office.db.transaction(_eyes(actor)) as connection:
        found = await factor_resets.waiting(connection, now=clock.real_now())
    return [each for each in found if _theirs(actor, each)]


async def confirm(office: Office, actor: Actor, *, reset_id: UUID) -> None:
    """Confirm as the second person: all factors and sign-ins end, and the person is mailed a link.

    Raises Missing, NotYourOwn, NotRipe, SignsInElsewhere, FreshSignInNeeded.
    """
    row = await _found(office, actor, reset_id)
    second, now = prove.person_of(actor), clock.real_now()
    if second == row.person_id or (second == row.started_by_person_id and row.second != "time"):
        raise NotYourOwn
    if row.second == "network" and not _of_the_network(actor):
        raise faults.Missing
    if row.ripe_at > now:
        raise NotRipe
    scope = permission.eyes(actor, row.org_id, person_id=row.person_id)
    async with office.db.transaction(scope) as connection:
        await _still_enough(connection, row)
        if actor.member_id is None or not await factor_resets.claim(
            connection, reset_id, person_id=second, member_id=actor.member_id, now=now
        ):
            raise faults.Missing
        await _begin_anew(office, connection, row)
        note = _note(row.id, row.org_id, "factor.confirm", row.second)
        await audit.insert(connection, actor, note)


async def _still_enough(connection: Connection, row: ResetRow) -> None:
    """Refuse where the person began to sign in elsewhere while their reset waited."""
    if row.second == "network" or await organizations.coordinating(connection) == row.org_id:
        return
    if await _elsewhere(connection, row.person_id, row.org_id):
        raise SignsInElsewhere


async def _begin_anew(office: Office, connection: Connection, row: ResetRow) -> None:
    now = clock.real_now()
    await people.clear_factors(connection, row.person_id)
    await passkeys.end_all(connection, row.person_id, why="reset", now=now)
    await recovery_codes.retire(connection, row.person_id, now=now)
    await people.end_sessions(connection, row.person_id, now=now)
    made = await invitations.write(
        office.keys, connection, person_id=row.person_id, purpose="password"
    )
    await notices.tell(
        connection, notices.What.RESET_DONE, org_id=row.org_id, member_id=row.member_id
    )
    await personal_mails.queue(
        connection,
        EffectKind.PASSWORD_LINK,
        org_id=row.org_id,
        member_id=row.member_id,
        invitation_id=made.id,
    )


async def end(office: Office, actor: Actor, *, reset_id: UUID) -> None:
    """End a reset that is not to be; whoever started it may, and whoever may confirm it."""
    row = await _found(office, actor, reset_id)
    async with office.db.transaction(_eyes(actor)) as connection:
        if not await factor_resets.end(connection, reset_id, now=clock.real_now()):
            raise faults.Missing
        await audit.insert(connection, actor, _note(row.id, row.org_id, "factor.end", row.second))


async def _found(office: Office, actor: Actor, reset_id: UUID) -> ResetRow:
    permission.own(actor, policy.Action.FACTOR_CONFIRM)
    async with office.db.transaction(_eyes(actor)) as connection:
        row = await factor_resets.fetch(connection, reset_id, now=clock.real_now())
    if not _theirs(actor, row):
        raise faults.Missing
    await permission.fresh(office, actor)
    return row


def _theirs(actor: Actor, row: ResetRow) -> bool:
    """Whether a reset is theirs to see: of their organization, or for the network to confirm."""
    far = row.second == "network" and _of_the_network(actor)
    return far or actor.org_id == row.org_id


def _of_the_network(actor: Actor) -> bool:
    return actor.cco and Role.ORG_ADMIN in actor.roles


def _eyes(actor: Actor) -> Scope:
    return Scope(org_id=actor.org_id, network=actor.cco)


def _note(reset_id: UUID, org_id: UUID, action: str, second: str) -> AuditRow:
    return AuditRow(
        org_id=org_id,
        action=action,
        resource_kind="factor_reset",
        resource_id=reset_id,
        detail={"second": second},
    )
