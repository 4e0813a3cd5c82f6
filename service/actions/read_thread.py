"""Open a thread: one read, each message by its key, the look recorded before a word leaves."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from crypto import envelope, padding
from crypto.keys import SealRow
from crypto.sealed import Place
from service import faults
from service.actions import emergency_look, opening, thread_keys
from service.actions.office import Office
from service.actions.send_message import resource_of
from service.actions.start_thread import Said
from service.domain import threads as rules
from service.domain.people import Actor, ActorKind, SensitivityClass
from service.domain.policy import Action, Obligation
from service.domain.threads import MessageState
from service.store import audit, threads
from service.store.break_glass import OpenGlass
from service.store.pool import Connection, Scope
from service.store.rows import AuditRow
from service.store.threads import MemberCard, MessageCard, NoteCard, Page, PartyCard


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One message as its reader sees it; `text` is None where nothing opens it."""

    card: MessageCard
    state: MessageState
    author_org: str
    author: str
    text: str | None = None
    comment: str | None = None


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """A note of the reader's own organization."""

    card: NoteCard
    text: str | None


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """A thread as one reader may see it, one page of it."""

    id: UUID
    reference: str
    subject: str | None
    sensitivity: str
    version: int
    last_seq: int
    from_seq: int
    created_at: datetime
    referral_id: UUID | None
    referral_reference: str | None
    parties: tuple[PartyCard, ...]
    members: tuple[MemberCard, ...]
    lines: tuple[Line, ...]
    notes: tuple[Note, ...]
    unread_from: int | None
    notice: bool
    owner: bool
    broken_glass: UUID | None = None


async def read_thread(
    office: Office,
    actor: Actor,
    thread_id: UUID,
    *,
    before: int | None = None,
    limit: int = rules.PAGE,
    request_id: str | None = None,
    worker_id: UUID | None = None,
) -> Sheet:
    """Open the newest messages of a thread, or those before a number.

    Raises Missing where there is none or it is not this reader's, Refused.
    """
    if actor.org_id is None:
        raise faults.Missing
    async with office.db.transaction(Scope(org_id=actor.org_id)) as connection:
        page = await threads.page(
            connection,
            thread_id,
            actor,
            before=before or 2**31 - 1,
            limit=limit,
            worker_id=worker_id,
        )
        if page is None:
            raise faults.Missing
        owed, glass = await may_look(connection, actor, page)
        sheet = await _opened(office, actor, page)
        sheet = msgspec.structs.replace(sheet, broken_glass=glass.id if glass else None)
        await _record(
            connection,
            actor,
            page,
            sheet,
            detail={"owed": sorted(owed)} | emergency_look.mark(glass),
            request_id=request_id,
            worker_id=worker_id,
        )
    return sheet


async def may_look(
    connection: Connection, actor: Actor, thread: Any
) -> tuple[frozenset[Obligation], OpenGlass | None]:
    """Return what goes with reading a thread, and the broken glass it takes; or raise Refused.

    What a role opens anyway is read as ever: only what it does not is an emergency's to open.
    """
    action = Action.LINK_TALK if actor.kind is ActorKind.LINK else Action.THREAD_READ
    resource = resource_of(actor, thread)
    owed = opening.obligations(actor, action, resource)
    if owed is not None:
        return owed, None
    glass = await emergency_look.at_talk(connection, actor, thread.referral_id)
    if glass is not None and thread.sensitivity in glass.classes:
        opened = msgspec.structs.replace(resource, broken_glass=True)
        owed = opening.obligations(actor, action, opened)
    if owed is None:
        raise faults.Refused
    return owed, glass


async def _opened(office: Office, actor: Actor, page: Page) -> Sheet:
    assert actor.org_id is not None
    seals = page.seals_of(actor.org_id)
    names = {party.org_id: party.name for party in page.parties}
    lines = [
        await _line(office, page, place, seals=seals, names=names)
        for place in range(len(page.messages))
    ]
    read = _read(page)
    return Sheet(
        id=page.id,
        reference=page.reference,
        subject=await _subject(office, page, seals),
        sensitivity=page.sensitivity,
        version=page.version,
        last_seq=page.last_seq,
        from_seq=page.from_seq,
        created_at=page.created_at,
        referral_id=page.referral_id,
        referral_reference=page.referral_reference,
        parties=page.parties,
        members=page.members,
        lines=tuple(lines),
        notes=await _notes(office, actor, page),
        unread_from=read + 1 if read < page.last_seq else None,
        notice=page.sensitivity == SensitivityClass.PART2,
        owner=page.owner_org_id == actor.org_id,
    )


def _read(page: Page) -> int:
    """Return the number of the last message that this reader has read."""
    return max(page.read_seq or 0, page.from_seq - 1)


async def _line(
    office: Office, page: Page, place: int, *, seals: dict[int, SealRow], names: dict[UUID, str]
) -> Line:
    card = page.messages[place]
    author = dict(page.authors).get(card.author_member_id) if card.author_member_id else None
    line = Line(
        card=card,
        state=MessageState.RETRACTED,
        author_org=names.get(card.author_org_id, ""),
        author=author or "",
    )
    seal, said = seals.get(card.epoch), page.envelopes[place]
    if card.retracted_at is not None:
        comment = await _comment(office, page, place, seals)
        return msgspec.structs.replace(line, comment=comment)
    words = await thread_keys.words(
        office,
        seal,
        said,
        message_id=card.copy_id or card.id,
        author=card.copied_by_org_id or card.author_org_id,
    )
    if words is None:
        # Its words are there, and were never sealed to this organization: it was out then.
        absent = seal is None and said is not None
        state = MessageState.ABSENT if absent else MessageState.UNREADABLE
        return msgspec.structs.replace(line, state=state)
    return msgspec.structs.replace(line, state=MessageState.READABLE, text=words["text"])


async def _comment(office: Office, page: Page, place: int, seals: dict[int, SealRow]) -> str | None:
    """Open what was said about a message that was taken back: sealed later than the message."""
    card, raw = page.messages[place], page.comments[place]
    if raw is None:
        return None
    try:
        epoch = envelope.parse_header(raw).epoch
    except thread_keys.GONE:
        return None
    words = await thread_keys.words(
        office, seals.get(epoch), raw, message_id=card.id, author=card.author_org_id
    )
    return words.get("comment") if words else None


async def _subject(office: Office, page: Page, seals: dict[int, SealRow]) -> str | None:
    if page.title_id is None or page.title_epoch is None or page.title_author_org_id is None:
        return None
    words = await thread_keys.words(
        office,
        seals.get(page.title_epoch),
        page.title_envelope,
        message_id=page.title_id,
        author=page.title_author_org_id,
    )
    return words["subject"] if words else None


def note_place(note_id: UUID, org_id: UUID) -> Place:
    """Say where a note's words live: under its own organization's key, which no other holds."""
    return Place(table="thread_note", column="sealed", row_id=note_id, org_id=org_id)


async def _notes(office: Office, actor: Actor, page: Page) -> tuple[Note, ...]:
    assert actor.org_id is not None
    if actor.kind is not ActorKind.MEMBER:
        return ()
    found: list[Note] = []
    for card, sealed in zip(page.notes, page.note_sealed, strict=True):
        text = None
        if sealed is not None:
            text = await _note(office, card.id, actor.org_id, sealed)
        found.append(Note(card=card, text=text))
    return tuple(found)


async def _note(office: Office, note_id: UUID, org_id: UUID, sealed: bytes) -> str | None:
    try:
        raw = await office.keys.open_field(org_id, sealed, place=note_place(note_id, org_id))
        return padding.unpad(raw).decode()
    except thread_keys.GONE:
        return None


async def _record(
    connection: Connection,
    actor: Actor,
    page: Page,
    sheet: Sheet,
    *,
    detail: dict[str, Any],
    request_id: str | None,
    worker_id: UUID | None,
) -> None:
    numbers = [line.card.seq for line in sheet.lines]
    dark = [line.card.seq for line in sheet.lines if line.state is MessageState.UNREADABLE]
    row = AuditRow(
        org_id=actor.org_id,
        action="thread.read",
        resource_kind="thread",
        resource_id=page.id,
        sensitivity=page.sensitivity,
        detail=detail
        | {"seq": [numbers[0], numbers[-1]] if numbers else []}
        | ({"unreadable": dark} if dark else {}),
    )
    await audit.insert(connection, actor, row, request_id=request_id)
    if page.news:
        span = {"first": numbers[0], "last": numbers[-1]}
        await threads.opened(connection, page.id, actor, worker_id=worker_id, **span)
    # A page that begins later leaves unread what lies between.
    goes_on = bool(numbers) and numbers[0] <= _read(page) + 1 <= numbers[-1]
    if actor.member_id is not None and goes_on:
        await threads.read_on(connection, page.id, actor, seq=numbers[-1])


async def where(office: Office, actor: Actor, made_id: UUID) -> Said:
    """Say where a message stands, or the first one of a thread, to repeat an answer."""
    async with office.db.transaction(Scope(org_id=actor.org_id)) as connection:
        found = await threads.where(connection, made_id)
    if found is None:
        raise faults.Missing
    return Said(**msgspec.structs.asdict(found))
