"""Keep what somebody typed, or where they were, over a sign-in: theirs alone, sealed, an hour."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

import msgspec

from crypto import faults as crypto_faults
from crypto.sealed import Place
from service import clock, faults
from service.actions import prove
from service.actions.office import Office
from service.domain import ids
from service.domain.people import Actor, ActorKind
from service.store import audit, parked_forms, sessions
from service.store.parked_forms import ParkedRow
from service.store.pool import Scope
from service.store.rows import AuditRow

LIFETIME = timedelta(hours=1)
MOST = 5
"""Of one person; a page that is sent over and over fills nothing."""

LARGEST = 64 * 1024
_SECRET = ("password", "again", "totp", "code", "pin", "secret", "csrf", "phrase")


class Parked(msgspec.Struct, frozen=True, kw_only=True):
    """A form as it was sent: the path it goes to, and its fields but for the secret ones."""

    path: str
    fields: dict[str, str] = {}

    def __repr__(self) -> str:
        return "<parked form>"


class Owner(msgspec.Struct, frozen=True, kw_only=True):
    """Whose form it is, and in which organization it was typed."""

    person_id: UUID
    org_id: UUID
    member_id: UUID


async def owner_of(office: Office, secret_hash: bytes, *, csrf_hash: bytes) -> Owner | None:
    """Return whose session a form came from that has run out by itself; None for any other.

    The form must carry that session's own token: nobody else can have typed it there.
    """
    row = await sessions.remains(office.db, secret_hash, now=clock.real_now())
    if row is None or row.csrf_hash != csrf_hash:
        return None
    return Owner(person_id=row.person_id, org_id=row.org_id, member_id=row.member_id)


async def keep(
    office: Office, owner: Owner, *, path: str, fields: Mapping[str, str], kind: str = "form"
) -> UUID | None:
    """Seal a form under its organization's key; None for one that is too large to keep."""
    row = await sealed(office, owner, path=path, fields=fields, kind=kind, lasts=LIFETIME)
    if row is None:
        return None
    async with office.db.transaction(Scope(person_id=owner.person_id)) as connection:
        await parked_forms.keep(connection, row, most=MOST)
        await audit.insert(connection, _actor(owner), note(row, "form.keep"))
    return row.id


async def sealed(
    office: Office,
    owner: Owner,
    *,
    path: str,
    fields: Mapping[str, str],
    kind: str,
    lasts: timedelta,
) -> ParkedRow | None:
    """Seal what was typed, but for what is secret; None for what is too large to keep."""
    kept = {name: value for name, value in fields.items() if not _is_secret(name)}
    plain = msgspec.json.encode(Parked(path=path, fields=kept))
    if len(plain) > LARGEST:
        return None
    parked_id, now = ids.new_id(), clock.real_now()
    place = _place(parked_id, owner.org_id)
    return ParkedRow(
        id=parked_id,
        person_id=owner.person_id,
        org_id=owner.org_id,
        kind=kind,
        sealed=await office.keys.seal_field(owner.org_id, plain, place=place),
        created_at=now,
        expires_at=now + lasts,
    )


def _is_secret(name: str) -> bool:
    return any(word in name.lower() for word in _SECRET)


async def read(office: Office, actor: Actor, *, parked_id: UUID) -> Parked:
    """Return one's own form, in the organization it was typed in; raises Missing."""
    person_id, now = prove.person_of(actor), clock.real_now()
    async with office.db.transaction(Scope(person_id=person_id)) as connection:
        row = await parked_forms.fetch(connection, person_id, parked_id=parked_id, now=now)
        if row is None or row.org_id != actor.org_id:
            raise faults.Missing
        await audit.insert(connection, actor, note(row, "form.read"))
    return await opened(office, row)


async def drop(office: Office, actor: Actor, *, parked_id: UUID) -> None:
    """Throw one's own form away; raises Missing."""
    person_id = prove.person_of(actor)
    async with office.db.transaction(Scope(person_id=person_id)) as connection:
        if not await parked_forms.drop(connection, person_id, parked_id=parked_id):
            raise faults.Missing


async def take_place(office: Office, actor: Actor) -> str | None:
    """Return where the person was when they left the desk, once; None where nowhere."""
    person_id = prove.person_of(actor)
    async with office.db.transaction(Scope(person_id=person_id)) as connection:
        row = await parked_forms.take_place(connection, person_id, now=clock.real_now())
    if row is None or row.org_id != actor.org_id:
        return None
    return (await opened(office, row)).path


async def opened(office: Office, row: ParkedRow) -> Parked:
    """Open what was kept; raises Missing for what nobody can open any more."""
    try:
        plain = await office.keys.open_field(
            row.org_id, row.sealed, place=_place(row.id, row.org_id)
        )
    except crypto_faults.CannotOpen:
        raise faults.Missing from None
    return msgspec.json.decode(plain, type=Parked)


def _place(parked_id: UUID, org_id: UUID) -> Place:
    return Place(table="parked_form", column="sealed", row_id=parked_id, org_id=org_id)


def _actor(owner: Owner) -> Actor:
    return Actor(
        kind=ActorKind.MEMBER,
        org_id=owner.org_id,
        member_id=owner.member_id,
        person_id=owner.person_id,
    )


def note(row: ParkedRow, action: str) -> AuditRow:
    """Write the line of an act on what was kept; nothing of it."""
    return AuditRow(
        org_id=row.org_id, action=action, resource_kind="parked_form", resource_id=row.id
    )
