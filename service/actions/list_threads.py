"""Conversations as a list: the one last spoken in first, looked for by who, when and which."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from uuid import UUID

import msgspec

from crypto import token
from crypto.faults import CannotOpen
from crypto.keys import SealRow
from service import faults
from service.actions import emergency_look, opening, thread_keys
from service.actions.office import Office
from service.domain import ids, policy
from service.domain.people import Actor, SensitivityClass
from service.domain.policy import Action
from service.store import audit, thread_work
from service.store.break_glass import OpenGlass
from service.store.pool import Scope
from service.store.thread_work import Filter, ListRow

_END = datetime(9999, 1, 1, tzinfo=UTC)
_LAST = UUID(int=(1 << 128) - 1)
_SCOPE = "threads"


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One conversation of a list, with what it is called where that can be opened."""

    row: ListRow
    subject: str | None

    @property
    def unread(self) -> int:
        """How many messages its reader has not had opened."""
        row = self.row
        read = row.read_seq if row.read_seq is not None else row.from_seq - 1
        return max(0, row.last_seq - read)


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """One page of a list."""

    entries: Sequence[Entry]
    next: str | None


async def list_threads(
    office: Office,
    actor: Actor,
    wanted: Filter,
    *,
    limit: int,
    after: str | None = None,
    request_id: str | None = None,
) -> Listed:
    """List an organization's conversations; one line of the record names them all.

    Raises Refused, Invalid (a place of another list).
    """
    if actor.org_id is None:
        raise faults.Refused
    owed = opening.obligations(actor, Action.THREAD_LIST, policy.Resource(org_id=actor.org_id))
    if owed is None:
        raise faults.Refused
    key = await office.keys.network_key("cursor")
    before = _place(key, after, actor=actor)
    async with office.db.transaction(Scope(org_id=actor.org_id)) as connection:
        glass = await emergency_look.at_talk(connection, actor, wanted.referral_id)
        found = await thread_work.page_of(
            connection,
            actor,
            before=before,
            limit=limit + 1,
            wanted=wanted,
            classes=_classes(actor, opened=glass.classes if glass is not None else ()),
        )
        shown = found[:limit]
        look = _look(wanted, shown, owed=owed, glass=glass)
        await audit.listed(connection, actor, look, request_id=request_id)
    entries = [Entry(row=row, subject=await _subject(office, actor.org_id, row)) for row in shown]
    return Listed(entries=entries, next=_next(key, shown, actor) if len(found) > limit else None)


def _look(
    wanted: Filter,
    shown: Sequence[ListRow],
    *,
    owed: frozenset[policy.Obligation],
    glass: OpenGlass | None,
) -> audit.Look:
    return audit.Look(
        action="thread.list",
        name=_name(wanted),
        records=_named(shown),
        owed=owed,
        glass=glass.id if glass is not None else None,
    )


def _name(wanted: Filter) -> str:
    """Say by what was looked for, never for what."""
    used = msgspec.structs.asdict(wanted).items()
    return ",".join(["threads", *(name for name, value in used if value)])


def _named(shown: Sequence[ListRow]) -> list[UUID]:
    """List the conversations, and the referrals they are about."""
    about = [row.referral_id for row in shown if row.referral_id is not None]
    return [*(row.id for row in shown), *about]


def reference_of(text: str | None) -> str | None:
    """Read a reference as a person typed it; what can be none finds nothing."""
    return None if text is None else ids.parse_reference(text) or "none"


def _classes(actor: Actor, *, opened: Collection[str] = ()) -> list[str]:
    """List the classes whose conversations this reader may open at all, or in an emergency."""
    return [
        each.value
        for each in SensitivityClass
        if opening.allowed(
            actor,
            Action.THREAD_READ,
            policy.Resource(
                org_id=actor.org_id,
                sensitivity=each,
                participant=True,
                broken_glass=each in opened,
            ),
        )
    ]


async def _subject(office: Office, org_id: UUID, row: ListRow) -> str | None:
    if row.title_id is None or row.title_epoch is None or row.title_author_org_id is None:
        return None
    if row.key_id is None or row.sealed is None:
        return None
    seal = SealRow(
        context_id=row.id,
        sensitivity=row.sensitivity,
        epoch=row.title_epoch,
        org_id=org_id,
        key_id=row.key_id,
        sealed=row.sealed,
    )
    words = await thread_keys.words(
        office, seal, row.title_envelope, message_id=row.title_id, author=row.title_author_org_id
    )
    return words["subject"] if words else None


def _scope(actor: Actor) -> str:
    return f"{_SCOPE}:{actor.org_id}"


def _place(key: bytes, after: str | None, *, actor: Actor) -> tuple[datetime, UUID]:
    if after is None:
        return _END, _LAST
    try:
        text = token.open_cursor(key, after, scope=_scope(actor), kind=str)
        at, _, thread_id = text.partition(" ")
        return datetime.fromisoformat(at), UUID(thread_id)
    except (CannotOpen, ValueError):
        raise faults.Invalid(
            errors=[{"field": "after", "detail": "Use the `next` of the same list."}]
        ) from None


def _next(key: bytes, shown: Sequence[ListRow], actor: Actor) -> str:
    last = shown[-1]
    return token.seal_cursor(key, f"{last.touched_at.isoformat()} {last.id}", scope=_scope(actor))
