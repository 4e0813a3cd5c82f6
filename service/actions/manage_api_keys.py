"""Keys for programs: made, listed and revoked by an organization's administrator."""

from datetime import datetime
from uuid import UUID

import msgspec

from crypto import token
from service import clock, faults
from service.actions import permission, sessions
from service.actions.office import Office
from service.domain import ids, policy
from service.domain.people import Actor
from service.store import api_keys, audit, members
from service.store.api_keys import ApiKeyRow, NewApiKey
from service.store.pool import Scope
from service.store.rows import AuditRow


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """A new key; its secret is told this once."""

    id: UUID
    secret: str

    def __repr__(self) -> str:
        return f"<api key {self.id}>"


async def make_api_key(
    office: Office,
    actor: Actor,
    *,
    name: str,
    member_id: UUID,
    expires_at: datetime | None = None,
) -> Made:
    """Make a key that acts for one active member of the own organization.

    Raises Refused, FreshSignInNeeded, Invalid. The key may do what that member may, no more; both
    are recorded with each act.
    """
    org_id, own_id = permission.own(actor, policy.Action.API_KEY_MANAGE)
    await permission.fresh(office, actor)
    now = clock.real_now()
    if not name.strip() or (expires_at is not None and expires_at <= now):
        field = "expires_at" if name.strip() else "name"
        detail = "Give a time to come." if name.strip() else "Say which program it is for."
        raise faults.Invalid(errors=[{"field": field, "detail": detail}])
    minted = token.new_secret(sessions.KEY_PREFIX)
    key = NewApiKey(
        org_id=org_id,
        id=ids.new_id(),
        member_id=member_id,
        name=name.strip(),
        secret_hash=minted.digest,
        created_by_member_id=own_id,
        created_at=now,
        expires_at=expires_at,
    )
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        _is_active(member_id, found=await members.of_organization(connection, org_id))
        await api_keys.insert(connection, key)
        await audit.insert(connection, actor, _note("api_key.make", org_id, key.id))
    return Made(id=key.id, secret=minted.text)


def _is_active(member_id: UUID, *, found: list[members.MemberRow]) -> None:
    if not any(each.id == member_id and each.state == "active" for each in found):
        detail = "Name an active member of your organization."
        raise faults.Invalid(errors=[{"field": "member_id", "detail": detail}])


async def list_api_keys(office: Office, actor: Actor) -> list[ApiKeyRow]:
    """List the own organization's keys, without any secret."""
    org_id, _ = permission.own(actor, policy.Action.API_KEY_END)
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        return await api_keys.of_organization(connection, org_id)


async def revoke_api_key(office: Office, actor: Actor, *, key_id: UUID) -> None:
    """End a key at once; raises Missing."""
    org_id, _ = permission.own(actor, policy.Action.API_KEY_END)
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        await api_keys.revoke(connection, org_id, key_id=key_id, now=clock.real_now())
        await audit.insert(connection, actor, _note("api_key.revoke", org_id, key_id))


def _note(action: str, org_id: UUID, key_id: UUID) -> AuditRow:
    return AuditRow(org_id=org_id, action=action, resource_kind="api_key", resource_id=key_id)
