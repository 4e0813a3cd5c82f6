"""Reminders by mail, and who wants none: they end by one click, and people let them go on.

Nothing else ends with them: the referral stays open, its clocks run, and people are told.
"""

from datetime import datetime
from uuid import UUID

from crypto import token
from crypto.ports import Keyring
from service import faults
from service.actions import confirm_worker, permission
from service.actions.office import Office
from service.domain.people import Actor
from service.domain.policy import Action
from service.store import audit, reminders
from service.store.pool import Scope
from service.store.rows import AuditRow

NO_REFERRAL = UUID(int=0)
PATH = "/mail-off"


async def way_out(
    keys: Keyring, public_url: str, *, org_id: UUID, to_id: UUID, referral_id: UUID | None
) -> dict[str, str]:
    """Return the headers (RFC 8058) by which a mailbox or member ends reminders by one click."""
    key = await keys.network_key("link")
    text = token.reminders_secret(key, org_id, to_id, referral_id or NO_REFERRAL)
    return {
        "List-Unsubscribe": f"<{public_url}{PATH}/{text}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


async def stop(office: Office, secret: str) -> None:
    """End reminders to whom a secret names; one that is none of ours changes nothing."""
    found = token.open_reminders_secret(await office.keys.network_key("link"), secret)
    if found is None:
        return
    org_id, to_id, referral_id = found
    scope = Scope(org_id=org_id, opening=None if referral_id == NO_REFERRAL else referral_id)
    async with office.db.transaction(scope) as connection:
        await reminders.stop(connection, org_id, to_id=to_id, referral_id=referral_id)


async def off_since(office: Office, actor: Actor, *, org_id: UUID) -> datetime | None:
    """Say since when an organization one deals with gets no reminders; raises Missing, Refused."""
    async with office.db.transaction(
        await confirm_worker.dealing(office, actor, org_id=org_id)
    ) as connection:
        return await reminders.off_since(connection, org_id)


async def resume(office: Office, actor: Actor, *, org_id: UUID) -> None:
    """Let reminders go to an organization's mailbox again, who asked for it by phone, say."""
    async with office.db.transaction(
        await confirm_worker.dealing(office, actor, org_id=org_id)
    ) as connection:
        if await reminders.resume(connection, org_id):
            await _note(connection, actor, org_id, kind="organization", about=org_id)


async def own_off_since(office: Office, actor: Actor) -> datetime | None:
    """Say since when one gets no reminders oneself."""
    org_id, member_id = _self(actor)
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        return await reminders.off_since(connection, org_id, member_id=member_id)


async def resume_own(office: Office, actor: Actor) -> None:
    """Let reminders come to oneself again."""
    org_id, member_id = _self(actor)
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        if await reminders.resume(connection, org_id, member_id=member_id):
            await _note(connection, actor, org_id, kind="member", about=member_id)


def _self(actor: Actor) -> tuple[UUID, UUID]:
    permission.require(actor, Action.SESSION_OWN)
    if actor.org_id is None or actor.member_id is None:
        raise faults.Refused
    return actor.org_id, actor.member_id


async def _note(connection: object, actor: Actor, org_id: UUID, *, kind: str, about: UUID) -> None:
    row = AuditRow(org_id=org_id, action="reminders.resume", resource_kind=kind, resource_id=about)
    await audit.insert(connection, actor, row)
