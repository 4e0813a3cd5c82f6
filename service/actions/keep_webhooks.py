"""Webhooks of an organization: made, listed, given a new secret, stopped, set to work again."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from crypto import webhook
from service import clock, faults
from service.actions import hook_secrets, permission
from service.actions.hook_secrets import Sealed
from service.actions.office import Office
from service.domain import ids, policy, webhooks
from service.domain.people import Actor
from service.store import audit
from service.store import webhooks as store
from service.store.pool import Scope
from service.store.rows import AuditRow
from service.store.webhooks import HookRow


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook and a secret of it, which is told this once."""

    id: UUID
    secret: str

    def __repr__(self) -> str:
        return f"<webhook {self.id}>"


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook for those who run the organization, without its secrets."""

    id: UUID
    url: str
    kinds: tuple[str, ...]
    state: str
    reason: str | None
    paused_until: datetime | None
    old_secret_until: datetime | None
    waiting: int
    created_at: datetime

    def __repr__(self) -> str:
        return f"<webhook {self.id}>"


async def add(
    office: Office,
    actor: Actor,
    *,
    url: str,
    kinds: Sequence[str] = (),
    request_id: str | None = None,
) -> Made:
    """Make a webhook for these kinds of events, all of them where none is named.

    Raises Refused, FreshSignInNeeded, Invalid. It is told of what gets a number from now on.
    """
    org_id, member_id = permission.own(actor, policy.Action.WEBHOOK_MANAGE)
    await permission.fresh(office, actor)
    _fit(url, kinds, loopback=office.demo)
    made = Made(id=ids.new_id(), secret=webhook.new_secret())
    said = Sealed(url=url, secret=made.secret)
    sealed = await hook_secrets.seal(office.keys, org_id, made.id, said=said)
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        stored = await store.insert(
            connection,
            org_id,
            webhook_id=made.id,
            sealed=sealed,
            kinds=sorted(set(kinds)),
            member_id=member_id,
            most=webhooks.MOST,
        )
        if not stored:
            raise faults.Refused("There are as many webhooks as there may be: end one first.")
        note = _note("webhook.make", org_id, made.id)
        await audit.insert(connection, actor, note, request_id=request_id)
    return made


def _fit(url: str, kinds: Sequence[str], *, loopback: bool) -> None:
    errors: list[dict[str, str]] = []
    if not webhooks.is_fit(url, loopback=loopback):
        detail = "Give an https address without a name and password, at port 443 or above 1023."
        errors.append({"field": "url", "detail": detail})
    if not webhooks.KINDS.issuperset(kinds):
        errors.append({"field": "kinds", "detail": "Name kinds of events as the feed has them."})
    if errors:
        raise faults.Invalid(errors=errors)


async def listing(office: Office, actor: Actor) -> list[Shown]:
    """List the own organization's webhooks."""
    org_id, _ = permission.own(actor, policy.Action.WEBHOOK_LIST)
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        found = await store.of_organization(connection, org_id)
    return [await _shown(office, row) for row in found]


async def _shown(office: Office, row: HookRow) -> Shown:
    said = await hook_secrets.opened(office.keys, row.org_id, row.id, sealed=row.sealed)
    old = said.old_until
    return Shown(
        id=row.id,
        url=said.url,
        kinds=row.kinds,
        state=row.state,
        reason=row.reason,
        paused_until=row.paused_until,
        old_secret_until=old if old is not None and old > clock.real_now() else None,
        waiting=row.waiting,
        created_at=row.created_at,
    )


async def rotate(
    office: Office,
    actor: Actor,
    *,
    webhook_id: UUID,
    keep: timedelta = webhooks.OLD_SECRET,
    request_id: str | None = None,
) -> Made:
    """Give a webhook a new secret; the one in use signs beside it for a while.

    Raises Refused, FreshSignInNeeded, Missing.
    """
    org_id, _ = permission.own(actor, policy.Action.WEBHOOK_MANAGE)
    await permission.fresh(office, actor)
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        row = await store.one(connection, org_id, webhook_id=webhook_id)
        if row is None:
            raise faults.Missing
        said = await hook_secrets.opened(office.keys, org_id, row.id, sealed=row.sealed)
        said = said.rotated(clock.real_now(), keep=keep)
        sealed = await hook_secrets.seal(office.keys, org_id, row.id, said=said)
        await store.seal(connection, org_id, webhook_id=row.id, sealed=sealed)
        note = _note("webhook.rotate", org_id, row.id)
        await audit.insert(connection, actor, note, request_id=request_id)
    return Made(id=webhook_id, secret=said.secret)


async def turn(
    office: Office, actor: Actor, *, webhook_id: UUID, state: str, request_id: str | None = None
) -> None:
    """Set a webhook to work (`active`), stop it (`disabled`) or end it (`ended`).

    Raises Refused, FreshSignInNeeded where it is set to work, Missing.
    """
    working = state == "active"
    action = policy.Action.WEBHOOK_MANAGE if working else policy.Action.WEBHOOK_END
    org_id, _ = permission.own(actor, action)
    if working:
        await permission.fresh(office, actor)
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        if await store.one(connection, org_id, webhook_id=webhook_id) is None:
            raise faults.Missing
        reason = None if working else "by_hand"
        await store.turn(connection, org_id, webhook_id=webhook_id, state=state, reason=reason)
        note = _note(f"webhook.{state}", org_id, webhook_id)
        await audit.insert(connection, actor, note, request_id=request_id)


def _note(action: str, org_id: UUID, webhook_id: UUID) -> AuditRow:
    return AuditRow(org_id=org_id, action=action, resource_kind="webhook", resource_id=webhook_id)
